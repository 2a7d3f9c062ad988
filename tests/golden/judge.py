# judge.py GOLDEN WANT GOT: compare.py's own rule (of the folder GOLDEN) and its table, with two exceptions that are named one by
# one. Those two ends of intervals rest on a t quantile of scipy 1.10.1, which stops its search early: for 44 degrees of freedom
# it says 2.0153675699 where 2.0153675744 is right, to forty digits (special_functions here and statistics_test hold ours to
# that). They must agree to 1e-9, absolute, which is what that explains.
import glob
import json
import os
import sys

sys.dont_write_bytecode = True
golden, wanted, got = sys.argv[1:]
sys.path.insert(0, golden)
import compare

known = {("confidence_intervals", "mean_t_ci_returns_45/lower"), ("execution", "slippage_48/ci_lower")}
failures = 0
for path in sorted(glob.glob(wanted + "/*.json")):
    topic = os.path.basename(path)[: -len(".json")]
    with open(path) as file:
        want = json.load(file)
    with open(os.path.join(got, topic + ".json")) as file:
        have = json.load(file)
    bad = []
    if len(want["cases"]) != len(have["cases"]) or not want["cases"]:
        bad.append(("cases", len(want["cases"]), len(have["cases"])))
    for a, b in zip(want["cases"], have["cases"]):
        tolerance = a.get("tolerance", want["tolerance"])
        compare.cmp(a["expected"], b["expected"], tolerance, a["name"], a.get("per_series_tolerance"), bad)
    excused = [x for x in bad if (topic, x[0]) in known and len(x) == 3 and abs(x[1] - x[2]) <= 1e-9]
    bad = [x for x in bad if x not in excused]
    print(topic, "cases", len(want["cases"]), "bad", len(bad), bad[:4], *(["known:", excused] if excused else []))
    failures += len(bad)
sys.exit(1 if failures else 0)
