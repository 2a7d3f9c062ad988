#!/usr/bin/env bash
# The help's pictures, made by the program itself on the demo feed with eight days behind it; small enough that all of
# them stay under 220 kB. Wants ImageMagick. On a machine that has time: Health shows what it is like.
#   resources/help/make_pictures.sh PROGRAM [NAME…]      without a name: all of them
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
program=${1:?usage: make_pictures.sh PROGRAM [NAME…]}
shift
wanted=" ${*:-overview markets strategies execution health schedule journal} "
command -v convert > /dev/null || { echo "make_pictures.sh: ImageMagick's convert is not installed" >&2 && exit 1; }
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

on_data() { "$program" "$@" --data-dir "$scratch/data" --feed demo; }

# picture NAME [SECONDS]: the part of its page, 640 pixels wide, in 48 colours.
picture() {
    [[ $wanted == *" $1 "* ]] || return 0
    on_data --page "${1^}" --screenshot "$scratch/$1.png" --after "${2:-12}" --size 1280x800 --theme dark --history 8
    convert "$scratch/$1.png" -crop 1104x720+176+48 +repage -filter Lanczos -resize 640x -dither None -colors 48 \
        -define png:compression-level=9 "PNG8:$here/$1.png"
    echo "$1.png: $(stat -c %s "$here/$1.png") bytes"
}
for name in overview markets strategies execution; do
    picture "$name"
done
picture health 90 # once all engines have begun, and every job has had its first turn
picture schedule 90
if [[ $wanted == *" journal "* ]]; then # which lists what was decided
    [ -e "$scratch/data/demo.db" ] || on_data run --headless --for 1 --history 8 > /dev/null
    on_data strategy disable breakout --reason "loses on every instrument since Monday" > /dev/null
    on_data policy set prune.confidence 0.85 --reason "too many were dropped and came back" > /dev/null
    on_data strategy disable momentum --reason "a look at it without costs first" > /dev/null
    on_data note "the exchange announces maintenance on Saturday" > /dev/null
    first=$(on_data journal --text "disabled breakout" | awk 'NR == 1 { print $1 }')
    on_data journal undo "$first" --reason "its evidence says otherwise" > /dev/null
    picture journal
fi
