#!/usr/bin/env python3
"""The real console, its window under Xvfb, on a copy of a large database (tests/bench/backup.sh makes one): how soon it
is there, and what it costs while it runs. JSON on stdout, a line each minute on stderr.
  console.py start DATABASE [--runs 5]       ms to the first painted frame and until all pages are live: medians
  console.py load DATABASE [--minutes 10]    memory and processor with 20 instruments at 2,000 ticks/s, and their slope
  console.py idle DATABASE [--minutes 3]     the same while nothing moves: recorded files, no feed
--build names the build folder (build/dev)."""
import argparse
import json
import os
import pathlib
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ticks_a_second = os.sysconf("SC_CLK_TCK")


class Display:
    """A screen in memory, for the length of a `with`."""

    def __enter__(self):
        self.server = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1200x24", "-nolisten", "tcp"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        os.environ["DISPLAY"] = ":" + self.server.stdout.readline().strip()
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


class Console:
    """The program with its window; its stderr is read line by line."""

    def __init__(self, program, folder, arguments):
        self.process = subprocess.Popen([program, "--data-dir", folder, "--size", "1600x1000", *arguments],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.unread = b""

    def lines(self, seconds):
        """What it says within so long, a line at a time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.process.poll() is None:
            if select.select([self.process.stderr], [], [], left)[0]:
                self.unread += os.read(self.process.stderr.fileno(), 65536)
                *whole, self.unread = self.unread.split(b"\n")
                for line in whole:
                    yield line.decode(errors="replace")

    def processor(self):
        """Seconds of it that were used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks_a_second

    def memory(self):
        """MB: all that is resident, and what is the process's own of it."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(name + r":\s+(\d+) kB", text).group(1)) / 1000 for name in ("VmRSS", "RssAnon")]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stderr.close()
        if self.process.wait(60) != 0:
            sys.exit(f"the console ended with {self.process.returncode}")


def start(program, database, folder, options):
    shutil.copy(database, folder + "/demo.db")
    times = {"first frame painted": [], "all pages live": []}
    for _ in range(options.runs + 1):
        console = Console(program, folder, ["--feed", "demo", "--api-port", "0"])
        found = {}
        for line in console.lines(120):
            if told := re.search(r"window: (.+) (\d+) ms after the start", line):
                found[told.group(1)] = int(told.group(2))
            if len(found) == len(times):
                break
        if len(found) < len(times):
            sys.exit("the console does not say when its pages are live")
        console.end()
        for name, value in found.items():
            times[name].append(value)
    out = {"mode": "start", "runs": options.runs}
    for name, values in times.items():  # the first run brings the file into memory, and is none
        out[name.replace(" ", "_") + "_ms"] = statistics.median(values[1:])
        out["each_" + name.replace(" ", "_") + "_ms"] = values[1:]
    return out


def slope(values):
    n = len(values)
    mean_x, mean_y = (n - 1) / 2, sum(values) / n
    square = sum((x - mean_x) ** 2 for x in range(n))
    return sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / square if square else 0.0


def ticks_received(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        found = re.search(rb"^quarterdeck_ticks_received_total (\d+)", answer.read(), re.MULTILINE)
        return int(found.group(1)) if found else 0


def watch(console, minutes, port):
    """Memory and processor of each minute, once the first has passed."""
    shares, memory, rates = [], [], []
    for _ in console.lines(60):
        pass
    for minute in range(minutes):
        before, began, ticks = console.processor(), time.monotonic(), ticks_received(port)
        for _ in console.lines(60):
            pass
        if console.process.poll() is not None:
            sys.exit("the console has ended")
        seconds = time.monotonic() - began
        shares.append((console.processor() - before) / seconds)
        memory.append(console.memory())
        rates.append((ticks_received(port) - ticks) / seconds)
        print(f"minute {minute + 2}: {memory[-1][0]:.1f} MB ({memory[-1][1]:.1f} its own), "
              f"{shares[-1] * 100:.1f}% of a core, {rates[-1]:.0f} ticks/s", file=sys.stderr)
    late = memory[len(memory) // 2:]
    return {"minutes": minutes + 1, "ticks_per_second": round(statistics.mean(rates), 1),
            "memory_mb": round(memory[-1][0], 1), "memory_own_mb": round(memory[-1][1], 1),
            "memory_most_mb": round(max(one[0] for one in memory), 1),
            "slope_mb_per_minute": round(slope([one[0] for one in late]), 3),
            "processor_median": round(statistics.median(shares), 4), "processor_most": round(max(shares), 4)}


def load(program, database, folder, options):
    port = options.port
    shutil.copy(database, f"{folder}/ws-127-0-0-1-{port}-ws-public.db")
    exchange = subprocess.Popen([program, "exchange", "--port", str(port), "--rate", str(options.rate)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        console = Console(program, folder, ["--feed", f"ws://127.0.0.1:{port}/ws/public", "--rest-url",
                                            f"http://127.0.0.1:{port}", "--api-port", str(port + 1),
                                            "--page", options.page])
        out = watch(console, options.minutes - 1, port + 1)
        console.end()
    finally:
        exchange.terminate()
        exchange.wait()
    return {"mode": "load", "page": options.page, **out}


def idle(program, database, folder, options):
    shutil.copy(database, folder + "/imported.db")
    port = options.port + 1
    console = Console(program, folder, ["--feed", "imported", "--api-port", str(port), "--page", options.page])
    out = watch(console, options.minutes - 1, port)
    console.end()
    return {"mode": "idle", "page": options.page, **out}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["start", "load", "idle"])
    parser.add_argument("database")
    parser.add_argument("--build", default=str(pathlib.Path(__file__).resolve().parents[2] / "build/dev"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--minutes", type=int)
    parser.add_argument("--rate", type=float, default=100, help="100: about 2,000 ticks/s")
    parser.add_argument("--page", default="Overview")
    parser.add_argument("--port", type=int, default=19055, help="of the exchange; the one behind it is the API's")
    options = parser.parse_args()
    options.minutes = max(3, options.minutes or (10 if options.mode == "load" else 3))
    program = options.build + "/bin/quarterdeck"
    with tempfile.TemporaryDirectory() as folder, Display():
        os.environ["LC_ALL"] = "C.UTF-8"
        out = {"start": start, "load": load, "idle": idle}[options.mode](program, options.database, folder, options)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
