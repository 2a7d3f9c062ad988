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
topics="candle_patterns_talib indicators_extra indicators_talib
    bootstrap confidence_intervals equity_sharpe pbo_cscv psr_dsr_mintrl sharpe_comparison special_functions trade_metrics
    ab_tests execution health_score sequential"
mkdir "$scratch/want"
for topic in $topics; do
    ln -s "$(realpath "$golden/$topic.json")" "$scratch/want/"
done
python3 - "$scratch/want" "$scratch/got" "$golden" <<'PYTHON'
# compare.py's own rule and table, with two exceptions that are named one by one: these ends of intervals rest on a t quantile of
# scipy 1.10.1, which stops its search early (44 degrees of freedom: 2.0153675699 where 2.0153675744 is right). Ours agrees with
# 40 digits (statistics_test, and special_functions here). They must be right but for that: to 1e-9, absolute.
import glob, json, os, sys
sys.path.insert(0, sys.argv[3])
sys.dont_write_bytecode = True
import compare

known = {("confidence_intervals", "mean_t_ci_returns_45/lower"), ("execution", "slippage_48/ci_lower")}
failures = 0
for path in sorted(glob.glob(sys.argv[1] + "/*.json")):
    topic = os.path.basename(path)[:-5]
    want = json.load(open(path))
    got = json.load(open(os.path.join(sys.argv[2], topic + ".json")))
    bad = []
    if len(want["cases"]) != len(got["cases"]) or not want["cases"]:
        bad.append(("cases",))
    for a, b in zip(want["cases"], got["cases"]):
        tolerance = a.get("tolerance", want["tolerance"])
        compare.cmp(a["expected"], b["expected"], tolerance, a["name"], a.get("per_series_tolerance"), bad)
    excused = [x for x in bad if (topic, x[0]) in known and len(x) == 3 and abs(x[1] - x[2]) <= 1e-9]
    bad = [x for x in bad if x not in excused]
    print(topic, "cases", len(want["cases"]), "bad", len(bad), bad[:4], *(["known:", excused] if excused else []))
    failures += len(bad)
sys.exit(1 if failures else 0)
PYTHON
