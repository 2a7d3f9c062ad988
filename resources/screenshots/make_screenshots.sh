#!/usr/bin/env bash
# README's pictures, made by the program itself: on the demo feed with the past of its first start behind it, a night's
# review and a noise null; and of models trained on recorded candles, where those are there. Some ten minutes, and the
# models' trainings. On a machine that does nothing else: its load and its alerts are in the picture. What could not be
# made stays as it was.
#   resources/screenshots/make_screenshots.sh PROGRAM [overview|strategies|markets|models]...
# QD_SHARED: the folder with the recorded candles (else ../shared).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
program=$(realpath "${1:?usage: make_screenshots.sh PROGRAM [overview|strategies|markets|models]...}")
shift
wanted=("$@")
[ $# -gt 0 ] || wanted=(overview strategies markets models)
recorded=${QD_SHARED:-$here/../../../shared}/data
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# picture NAME FEED PAGE: after the half minute in which clocks are compared.
picture() {
    "$program" --data-dir "$scratch" --feed "$2" --page "$3" --theme dark --size 1600x1000 --after 45 \
        --screenshot "$scratch/$1.png"
    mv "$scratch/$1.png" "$here/$1.png"
    echo "$1.png: $(stat -c %s "$here/$1.png") bytes"
}

# Past, trades, and the review that was due; then a null, which wants the database for itself.
demo() {
    [ ! -e "$scratch/demo.db" ] || return 0
    "$program" run --headless --data-dir "$scratch" --feed demo --api-port 0 --for 120
    "$program" null --data-dir "$scratch" --feed demo > "$scratch/null.txt"
}

# Eight instruments with eight months of 5m candles each; what finds nothing there is part of the picture.
train() {
    local file instrument
    for instrument in BTC DOGE ETH LTC PEPE SHIB SOL XRP; do
        for file in "$recorded/candles_5m_binance-spot_${instrument}USDT_"*.csv.gz; do
            [ -e "$file" ] || {
                echo "make_screenshots.sh: no recorded candles of $instrument in $recorded: models.png stays as it was" >&2
                return 1
            }
            "$program" import candles "$file" --instrument "$instrument-USDT" --timeframe 5m --data-dir "$scratch"
        done
    done
    "$program" retrain all --feed imported --reason "README's picture" --data-dir "$scratch" ||
        echo "make_screenshots.sh: some trainings failed, as those do that want ticks" >&2
}

for name in "${wanted[@]}"; do
    case $name in
    overview | strategies | markets)
        demo
        picture "$name" demo "${name^}"
        ;;
    models) if train; then picture models imported Models; fi ;;
    *) echo "make_screenshots.sh: there is no picture '$name'" >&2 && exit 2 ;;
    esac
done
