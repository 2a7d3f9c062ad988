#!/usr/bin/env bash
# golden_check_test.sh CHECKOUT BUILD: what golden_check does with files of our own, then QD_SHARED/golden through the library,
# judged by compare.py there. Where there is no such folder that part is skipped (77), saying so. Topics still to come are named,
# not judged.
. "$(dirname "$0")/../house/checks.sh"
program=$build/bin/golden_check
# To lose one of these is no way to pass.
topics="candle_patterns_talib indicators_extra indicators_talib special_functions trade_metrics equity_sharpe confidence_intervals
    bootstrap psr_dsr_mintrl pbo_cscv sharpe_comparison sequential ab_tests execution health_score
    cv_splits triple_barrier leakage drift regime classification"

# write <file> <JSON>: a golden file of our own.
write() { printf '%s' "$2" > "$scratch/own/$1.json"; }
run() { "$program" "$scratch/own" --out "$scratch/answers"; }
# ends <status> <words> <command…>: with that status, saying these words.
ends() {
    local status=$1 words=$2
    shift 2
    "$@" > "$scratch/told" 2>&1
    [ $? -eq "$status" ] && grep -qF -- "$words" "$scratch/told"
}
fresh() {
    rm -rf "$scratch/own" "$scratch/answers"
    mkdir "$scratch/own"
}
python() { python3 -c "import json; file = json.load(open('$scratch/answers/indicators_talib.json')); $1"; }

check "without a folder it tells how it is used" ends 2 usage "$program"
check "without --out it tells how it is used" ends 2 usage "$program" "$scratch"
check "a folder that is not there is told" ends 1 "no such folder" "$program" "$scratch/nowhere" --out "$scratch/answers"

fresh
write later '{"id": "later", "cases": []}'
write manifest 'not read'
check "a topic that is still to come is no failure" run
check "it is named" ends 0 "later: still to come" run
check "it is left out" [ ! -e "$scratch/answers/later.json" ]

fresh
write indicators_talib '{"id": "indicators_talib", "tolerance": {"abs": 0, "rel": 0}, "cases": [
  {"name": "short", "inputs": {"close": [0.1, 0.30000000000000004]}, "expected": {"sma_1": [9, 9], "sma_3": [], "roc_1": []}},
  {"name": "empty", "inputs": {"close": []}, "expected": {"rsi_14": []}},
  {"name": "hole", "inputs": {"close": [1, null, 3, 4]}, "expected": {"sma_2": []}}]}'
check "a folder of known topics is run" run
check "numbers keep every digit, warm-up is null" python "
assert file['cases'][0]['expected'] == {'sma_1': [0.1, 0.30000000000000004], 'sma_3': [None, None],
                                        'roc_1': [None, (0.30000000000000004 / 0.1 - 1) * 100]}"
check "what is not asked is kept as it stands" python "
assert file['tolerance'] == {'abs': 0, 'rel': 0} and file['cases'][0]['inputs']['close'][1] == 0.30000000000000004"
check "a series of no bars has no values" python "assert file['cases'][1]['expected'] == {'rsi_14': []}"
check "null in the input is no number" python "assert file['cases'][2]['expected'] == {'sma_2': [None, None, None, 3.5]}"

fresh
write indicators_talib '{"id": "indicators_talib", "cases": [
  {"name": "odd", "inputs": {"close": [1]}, "expected": {"sma_1_1": []}}, {"name": "even", "inputs": {"close": [1]}, "expected": {"sma_1": []}}]}'
check "a series without a rule is told" ends 1 "indicators_talib/odd: there is no series sma" run
check "the cases after it are computed all the same" python "assert file['cases'][1]['expected'] == {'sma_1': [1]}"

fresh
write broken '{"id": '
write indicators_talib '{"id": "indicators_talib", "cases": []}'
check "a broken file is told" ends 1 "broken.json" run
check "the files after it are run all the same" [ -e "$scratch/answers/indicators_talib.json" ]

golden=${QD_SHARED:-}/golden
if [ ! -f "$golden/compare.py" ]; then
    verdict || exit 1
    echo "SKIP   : no golden vectors: QD_SHARED does not name a folder that holds golden/compare.py"
    exit 77
fi
check "the golden folder is run" "$program" "$golden" --out "$scratch/got"
mkdir "$scratch/want" # compare.py wants the same files on both sides
for topic in $topics; do
    ln -s "$(realpath "$golden/$topic.json")" "$scratch/want/"
done
mkdir "$scratch/want/xgboost" # the models beside this topic's file are no topics
ln -s "$(realpath "$golden/xgboost/xgboost_hist.json")" "$scratch/want/xgboost/"
check "XGBoost trains and predicts as it did elsewhere" \
    python3 "$(dirname "$0")/judge.py" "$golden" "$scratch/want/xgboost" "$scratch/got/xgboost"
check "every case of every topic is within its tolerance, but for two that judge.py names" \
    python3 "$(dirname "$0")/judge.py" "$golden" "$scratch/want" "$scratch/got"
verdict
