#!/usr/bin/env bash
# golden_check_test.sh PROGRAM: runs QD_SHARED/golden through the library; compare.py there judges what was computed. Skipped (77),
# saying so, where there is no such folder. Topics still to come are named, not judged.
set -euo pipefail
program=$1
golden=${QD_SHARED:-}/golden
[ -f "$golden/compare.py" ] || {
    echo "SKIP   : no golden vectors: QD_SHARED does not name a folder that holds golden/compare.py"
    exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$program" "$golden" --out "$scratch/got"
# compare.py wants the same files on both sides. To lose one of these topics is no way to pass.
topics="candle_patterns_talib indicators_extra indicators_talib"
mkdir "$scratch/want"
for topic in $topics; do
    ln -s "$(realpath "$golden/$topic.json")" "$scratch/want/"
done
python3 "$golden/compare.py" "$scratch/want" "$scratch/got"
