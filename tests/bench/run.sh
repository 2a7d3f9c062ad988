#!/usr/bin/env bash
# Our figures beside the bare floors of QD_SHARED/floors, both built and run here, now, on the same data: parsing,
# indicators, features, training, walk-forward, replay, live path, latency, memory, bytes a tick, writing, reading, import, frames of the chart, stalls of the window.
# A table on stderr, JSON on stdout or in OUT. Some eight minutes.
#   tests/bench/run.sh [--json OUT]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../packaging/common.sh"

out=-
if [ "${1:-}" = --json ]; then
    out=${2:?--json wants a file}
    shift 2
fi
[ $# -eq 0 ] || die "usage: tests/bench/run.sh [--json OUT]"
shared=${QD_SHARED:-$source_dir/../shared}
[ -d "$shared/floors" ] || die "There are no floors in $shared/floors; QD_SHARED names the folder that holds them."
shared=$(cd "$shared" && pwd)

bash "$source_dir/packaging/install-deps.sh" build run bench
folder=$(configure dev dev)
say "Building ours in $folder" >&2
build "$folder" bench_quarterdeck bench_chart_paint bench_gui_stall >&2 || die "Our benchmarks do not build."

floors=${XDG_CACHE_HOME:-$HOME/.cache}/quarterdeck/floors
say "Building the floors in $floors" >&2
mkdir -p "$floors/data"
cmake -G Ninja -S "$shared/floors" -B "$floors" > "$floors/cmake.log" 2>&1 || die "The floors do not configure; see $floors/cmake.log"
ninja -C "$floors" --quiet gen bar_scan replay features xgb json_rate live_pipe block_store colzstd ws_lat queue_lat >&2 || die "The floors do not build."
[ -f "$floors/data/ticks5m.csv" ] || "$floors/gen" 5000000 1200 "$floors/data/ticks5m.bin" "$floors/data/ticks5m.csv"

export LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen FLOORS_DATA=$floors/data
python3 "$source_dir/tests/bench/compare.py" --ours "$folder/bin/bench_quarterdeck" --floors "$floors" --shared "$shared" --json "$out"
