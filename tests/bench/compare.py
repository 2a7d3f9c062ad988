"""Runs each figure and its floor, one after the other, and prints them beside each other. Called by run.sh.

A ratio is how many times the floor's cost ours is: 1 is the floor, 2 is twice as dear, whether the figure is a cost or a rate.
"""

import argparse
import contextlib
import gzip
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

FRAMES = 300_000
LIVE_TICKS = 1_000_000
MEMORY_TICKS = 10_000_000
MEMORY_RATE = 120_000  # a second, which the engines keep up with: as fast as it goes, the memory is that of full queues
LATENCY_RATE = 20_000
LATENCY_TICKS = 200_000
CSV_ROWS = 2_000_000
REPLAY_ROUNDS = 5


class Bench:
    def __init__(self, arguments):
        self.ours = arguments.ours
        self.floors = pathlib.Path(arguments.floors)
        self.shared = pathlib.Path(arguments.shared)
        self.ticks = self.floors / "data" / "ticks5m.bin"
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="quarterdeck-bench-"))
        self.figures = []

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=self.floors)
        if done.returncode != 0:
            raise SystemExit(f"{command[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def own(self, *arguments):
        return json.loads(self.run(self.ours, *arguments))

    def add(self, name, unit, ours, floor, floor_program, higher_is_better=False):
        ratio = None
        if floor:
            ratio = round(floor / ours if higher_is_better else ours / floor, 3)
        self.figures.append(
            {"name": name, "unit": unit, "ours": ours, "floor": floor, "floor_program": floor_program, "ratio": ratio}
        )
        shown = f"{floor:>14,.2f}  {ratio:>6.2f}" if floor else f"{'-':>14}  {'-':>6}"
        print(f"{name:<46}{ours:>14,.2f}  {shown}  {unit}  ({floor_program})", file=sys.stderr)


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise SystemExit(f"the floor's answer has no {pattern!r}: {text.strip()}")
    return float(found.group(1))


def frames(bench):
    ours = bench.own("frames", bench.ticks, FRAMES)
    floor = bench.run(bench.floors / "json_rate", bench.ticks, FRAMES, 1)
    bare = number(r"simdjson ondemand \(key order\)\s.*?(\d+) ns/msg", floor)
    bench.add("parse and scale one trade frame", "ns", ours["ns_per_frame"], bare, "json_rate, simdjson ondemand")


def indicators(bench):
    ours = bench.own("indicators", bench.ticks)
    floor = number(r"= (\d+) ns/bar", bench.run(bench.floors / "features", bench.ticks))
    name = f"a bar through every indicator, {ours['values']} values"
    bench.add(name, "ns", ours["ns_per_bar"], floor, "features, 60 values")


def strategies(bench):
    ours = bench.own("strategies", bench.ticks)
    floor = number(r"= (\d+) ns/bar", bench.run(bench.floors / "features", bench.ticks))
    name = f"a bar through all {ours['strategies']} strategies, indicators included"
    bench.add(name, "ns", ours["ns_per_bar"], floor, "features, 60 values")


def evaluations(bench):
    """Beside them stands what the pipeline that was replaced took, as it was told: 3.79 s and 22 ms."""
    ours = bench.own("evaluations", bench.scratch)
    name = f"all {ours['evaluations']} evaluations of {ours['trades']:,} trades"
    bench.add(name + ", read", "ms", ours["first_ms"], 3790, "the old pipeline")
    bench.add(name + ", again", "ms", ours["next_ms"], 3790, "the old pipeline")
    bench.add("the ten best of them", "ms", ours["top_ms"], 22, "the old pipeline")


def api(bench):
    ours = bench.own("api", bench.scratch, 100, 1)
    bench.add(f"an answer of the HTTP API, p99 of {ours['answers']:,}", "ms", ours["p99_ms"], 50, "the target")


def features(bench):
    ours = bench.own("features", bench.ticks)
    floor = number(r"= (\d+) ns/bar", bench.run(bench.floors / "features", bench.ticks))
    name = f"a row of {ours['features']} features from 5m candles"
    bench.add(name, "ns", ours["ns_per_row"], floor, "features, 60 values")
    name = f"a row of {ours['features_ticks']} features from five 1m candles"
    bench.add(name, "ns", ours["ns_per_row_ticks"], 5 * floor, "features, 60 values, five bars")


def model(bench):
    size = (100_000, 60, 300)
    ours = bench.own("model", *size, 2)
    floor = bench.run(bench.floors / "xgb", *size, 6, 2)
    if ours["differing"]:
        raise SystemExit(f"{ours['differing']} predictions differ from XGBoost's")
    bare = number(r"DMatrix create ([\d.]+)s", floor) + number(r"train ([\d.]+)s", floor)
    bench.add("one final fit, 100 k × 60 × 300 trees", "s", ours["fit_and_flatten_s"], bare, "xgb, DMatrix and training")
    # The floor saves and scores nothing within its time: all of that counts against us.
    name = "the same with data set, saving and metrics (target 1.15)"
    bench.add(name, "s", ours["whole_s"], bare, "xgb, DMatrix and training")
    single = number(r"single row DMatrix\+PredictFromDMatrix nthread=1\s+p50 ([\d.]+) us", floor)
    bench.add("one prediction while serving", "µs", ours["predict_us_p50"], single, "xgb, single row, bit-equal")


def walk(bench):
    ours = bench.own("walk", 100_000, 60, 100, 2)
    name = f"walk-forward of {ours['folds']} folds (target 1.10)"
    bench.add(name, "s", ours["walk_s"], ours["single_fits_s"], f"{ours['folds']} single fits of the same rows")
    ours = bench.own("permutations", 40_000, 60, 2)
    name = f"permutation check, {ours['refits']} refits on {ours['rows']:,} rows"
    bench.add(name, "s", ours["permutations_s"], None, f"{ours['trees']} trees each")


@contextlib.contextmanager
def serving(bench, *arguments):
    """Our server of trade frames while it lives: its port."""
    command = [str(part) for part in (bench.ours, "serve", bench.ticks, *arguments)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def latency(bench):
    with serving(bench, LATENCY_TICKS, LATENCY_RATE) as port:
        ours = bench.own("latency", port, LATENCY_TICKS, bench.scratch / "latency")
    server = subprocess.Popen([str(bench.floors / "ws_lat"), "server", "19400", str(LATENCY_RATE), str(LATENCY_TICKS)])
    try:
        time.sleep(0.5)
        floor = bench.run(bench.floors / "ws_lat", "client", 19400)
    finally:
        server.wait()
    hand_off = number(r"(?m)^.*mutex.* p50 ([\d.]+) us", bench.run(bench.floors / "queue_lat"))
    rate = f"{LATENCY_RATE:,}/s"
    bench.add(f"wire to decision at {rate}, p50", "µs", ours["p50_us"], number(r"p50 ([\d.]+) us", floor), "ws_lat")
    bench.add(f"wire to decision at {rate}, p99", "µs", ours["p99_us"], number(r"p99 ([\d.]+) us", floor), "ws_lat")
    bench.add("hand-off between two threads, p50", "µs", hand_off, None, "queue_lat alone")


def memory(bench):
    with serving(bench, MEMORY_TICKS, MEMORY_RATE, 200) as port:
        ours = bench.own("live", port, MEMORY_TICKS, bench.scratch / "memory")
    held = ours["megabytes_by_million"]
    bench.add("memory after 10 M live messages", "MB", held[-1], held[0], "the same after the first million")
    half = len(held) // 2
    bench.add("memory, second half of them", "MB", sum(held[half:]) / len(held[half:]), sum(held[1:half]) / (half - 1), "first half: candles and indicators fill")


def stalls(bench):
    program = str(pathlib.Path(bench.ours).with_name("bench_gui_stall"))
    idle = json.loads(bench.run(program, "idle"))["longest_ms"]
    with serving(bench, 20 * LATENCY_RATE, LATENCY_RATE, 20) as port:
        ticks = json.loads(bench.run(program, "ticks", port))
    with serving(bench, 20 * LATENCY_RATE, LATENCY_RATE, 20) as port:
        thrown = json.loads(bench.run(program, "switch", port))
    importing = json.loads(bench.run(program, "import", packed_csv(bench)))
    bench.add(f"longest stall of the window at {LATENCY_RATE:,} ticks/s", "ms", ticks["longest_ms"], idle, "idle")
    bench.add("longest stall of it while switches are thrown at that rate", "ms", thrown["longest_ms"], idle, "idle")
    bench.add("longest stall of the window while importing", "ms", importing["longest_ms"], idle, "idle")


def live(bench):
    with serving(bench, LIVE_TICKS) as port:
        ours = bench.own("live", port, LIVE_TICKS, bench.scratch / "live")
        floor = bench.run(bench.floors / "live_pipe", port)
    bench.add(
        "live path, one connection, stored", "ticks/s", ours["stored_per_s"], number(r"= (\d+) msg/s", floor), "live_pipe", True
    )
    bench.add(
        "live path, processor time", "µs/tick", ours["cpu_us_per_tick"], number(r"cpu ([\d.]+) us/msg", floor), "live_pipe"
    )


def archive(bench, name, ticks):
    ours = bench.own("archive", ticks, bench.scratch / "archive")
    entropy = bench.run("/usr/bin/python3", bench.shared / "floors" / "entropy.py", ticks)
    columns = bench.run(bench.floors / "colzstd", ticks, 16384, 3)
    bench.add(
        f"archive, {name}: blobs", "B/tick", ours["bytes_per_tick"], number(r"independent B/tick ([\d.]+)", entropy),
        "entropy.py, independent"
    )
    bench.add(
        f"archive, {name}: blobs", "B/tick", ours["bytes_per_tick"], number(r"total ([\d.]+) B/tick", columns), "colzstd"
    )
    return ours


def store(bench, ours):
    environment = dict(os.environ, PAGE="4096")
    floor = subprocess.run(
        [bench.floors / "block_store", bench.ticks, bench.floors / "data", "16384", "3", "bit"],
        capture_output=True, text=True, check=True, env=environment
    ).stdout
    written = number(r"= ([\d.]+) Mticks/s; raw", floor) * 1e6
    read = number(r"read best-of-4 .*?= ([\d.]+) Mticks/s", floor) * 1e6
    on_disk = number(r"file ([\d.]+) B/tick", floor)
    bench.add("archive: file", "B/tick", ours["file_bytes_per_tick"], on_disk, "block_store")
    bench.add("archive: write", "ticks/s", ours["write_ticks_per_s"], written, "block_store", True)
    bench.add("archive: read all", "ticks/s", ours["read_ticks_per_s"], read, "block_store", True)
    share = ours["range_ticks"] / ours["ticks"]
    bench.add(f"archive: read {share:.2%} of it", "ms", ours["range_ms"], ours["range_ticks"] / read * 1000, "block_store")


def replay(bench):
    """25 M ticks through all strategies, the ledger kept; block_store of archive() has made the floor's blocks.db."""
    folder = bench.scratch / "replay"
    bench.own("replay-archive", bench.ticks, REPLAY_ROUNDS, folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    floor = bench.run(bench.floors / "replay", bench.floors / "data" / "blocks.db", REPLAY_ROUNDS, 1, "band")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    floor_cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ours = bench.own("replay", folder)
    few = bench.scratch / "replay-few"
    bench.own("replay-archive", bench.ticks, 1, few)
    fifth = bench.own("replay", few)
    name = f"replay of {ours['ticks']:,} ticks, 13 strategies, ledger kept"
    bench.add(name, "s", ours["seconds"], number(r"ticks ([\d.]+)s", floor), "replay band")
    bench.add(f"{name}: processor time", "s", ours["cpu_seconds"], floor_cpu, "replay band")
    bench.own("replay-champion", folder)
    asked = bench.own("replay", folder)
    if asked["hash"] == ours["hash"]:
        raise SystemExit("the model decided nothing")
    name = f"replay of {ours['ticks']:,} ticks, features and ml_gbt_5m on every 5m bar"
    bench.add(name, "s", asked["seconds"], number(r"ticks ([\d.]+)s", floor), "replay band")
    bench.add(f"{name}: processor time", "s", asked["cpu_seconds"], floor_cpu, "replay band")
    held = [run["most_megabytes"] - run["idle_megabytes"] for run in (ours, fifth)]
    bench.add("memory of that replay over idle", "MB", held[0], held[1], "the same of a fifth of the ticks")


def candle_replay(bench, packed):
    bars = bench.scratch / "bars.csv"
    with gzip.open(packed, "rb") as rows, open(bars, "wb") as out:
        shutil.copyfileobj(rows, out)
    folder = bench.scratch / "candles"
    bench.own("candle-archive", packed, folder)
    floor = number(r"run ([\d.]+)s", bench.run(bench.floors / "bar_scan", bars))
    runs = [bench.own("candle-replay", folder, "ema_crossover") for _ in range(5)]  # the floor is the best of five, too
    best = min(run["seconds"] for run in runs)
    name = f"replay of {runs[0]['ticks']:,} candles, one strategy, ledger kept"
    bench.add(name, "s", best, floor, "bar_scan")
    bench.add(f"{name}: processor time", "s", min(run["cpu_seconds"] for run in runs), floor, "bar_scan")


def import_of(bench, name, file, kind):
    def unpack():
        start = time.perf_counter()
        with open(os.devnull, "wb") as nothing:
            subprocess.run(["zcat", file], stdout=nothing, check=True)
        return time.perf_counter() - start

    unpack()  # so that both find the file in memory
    ours = bench.own("import", file, kind, bench.scratch / "import")
    bench.add(f"import {name}, {ours['rows']:,} rows", "s", ours["seconds"], unpack(), "zcat FILE >/dev/null")


def charts(bench):
    program = pathlib.Path(bench.ours).with_name("bench_chart_paint")
    answer = json.loads(bench.run(program))
    for count in (300, 1000):
        floor = answer.get(f"qt_charts_candlesticks_{count}", {}).get("median_ms")
        ours = answer.get(f"candles_{count}", {}).get("median_ms")
        if ours and floor:
            bench.add(f"paint {count:,} candles with overlays", "ms", ours, floor, "Qt Charts' own candlesticks, without overlays")
    few = answer.get("qt_charts_candlesticks_1000", {}).get("median_ms")
    for count in (10_000, 100_000):
        ours = answer.get(f"candles_{count}", {})
        if ours and few:
            bench.add(f"paint {count:,} candles with overlays", "ms", ours["median_ms"], few, "Qt Charts' 1,000")


def packed_csv(bench):
    """The first rows of the floors' CSV, packed once."""
    packed = bench.floors / "data" / f"ticks{CSV_ROWS}.csv.gz"
    if not packed.exists():
        part = packed.with_suffix(".part")
        with open(bench.floors / "data" / "ticks5m.csv", "rb") as rows, gzip.open(part, "wb", compresslevel=6) as out:
            for index, row in enumerate(rows):
                if index > CSV_ROWS:
                    break
                out.write(row)
        part.rename(packed)
    return packed


def recorded_ticks(bench, file, tick, lot):
    made = bench.scratch / "recorded.bin"
    bench.run("/usr/bin/python3", bench.shared / "floors" / "real2bin.py", file, made, tick, lot)
    return made


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "floors", "shared", "json"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    bench = Bench(arguments)
    print(f"{'':<46}{'ours':>14}  {'floor':>14}  {'ratio':>6}", file=sys.stderr)
    try:
        frames(bench)
        indicators(bench)
        strategies(bench)
        evaluations(bench)
        api(bench)
        features(bench)
        model(bench)
        walk(bench)
        live(bench)
        latency(bench)
        memory(bench)
        ours = archive(bench, "5,000,000 made ticks", bench.ticks)
        store(bench, ours)
        replay(bench)
        trades = bench.shared / "data" / "trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz"
        if trades.exists():
            archive(bench, "LTC-USDT as recorded", recorded_ticks(bench, trades, "0.01", "0.001"))
            import_of(bench, "recorded trades", trades, "ticks")
        import_of(bench, "made trades", packed_csv(bench), "ticks")
        candles = sorted((bench.shared / "data").glob("candles_1m_bitmex-perp_XBTUSD_*.csv.gz"))
        if candles:
            import_of(bench, "recorded 1m candles", candles[0], "candles")
            candle_replay(bench, candles[0])
        charts(bench)
        stalls(bench)
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    answer = json.dumps({"cores": os.cpu_count(), "figures": bench.figures}, indent=1, ensure_ascii=False)
    if arguments.json == "-":
        print(answer)
    else:
        pathlib.Path(arguments.json).write_text(answer + "\n", encoding="utf-8")


main()
