#!/usr/bin/env bash
# A backup of a large simulated database, proven, beside `cp` and `sync` of the same file, idle and while 20,000 ticks/s
# are committed: JSON on stdout. The first run makes the database, which takes some minutes; later ones find it.
#   tests/bench/backup.sh [BUILD] [FOLDER]
# BUILD is the build folder (build/dev); FOLDER is kept (a folder of the user's cache).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../packaging/common.sh"

build=${1:-$source_dir/build/dev}
folder=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/quarterdeck/backup-bench}
[ -x "$build/bin/bench_quarterdeck" ] || die "There is no $build/bin/bench_quarterdeck; build that target first."
mkdir -p "$folder"
say "The database in $folder" >&2
"$build/bin/quarterdeck" simulate --data-dir "$folder" --feed demo --days 60 --ticks 24700000 --trades 33400 --to 2025-11-25T00:00:00Z >&2
"$build/bin/bench_quarterdeck" backup "$folder/demo.db" "$folder/run"
