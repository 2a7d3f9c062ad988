#!/usr/bin/env bash
# The help's pictures, made by the program itself on the demo feed with eight days behind it; small enough that all of
# them stay under 150 kB. Wants ImageMagick.
#   resources/help/make_pictures.sh PROGRAM
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
program=${1:?usage: make_pictures.sh PROGRAM}
command -v convert > /dev/null || { echo "make_pictures.sh: ImageMagick's convert is not installed" >&2 && exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# picture NAME PAGE CROP: the part of the page, 640 pixels wide, in 48 colours.
picture() {
    "$program" --page "$2" --screenshot "$scratch/$1.png" --after 12 --size 1280x800 --theme dark --history 8 --data-dir "$scratch/data"
    convert "$scratch/$1.png" -crop "$3" +repage -filter Lanczos -resize 640x -dither None -colors 48 \
        -define png:compression-level=9 "PNG8:$here/$1.png"
    echo "$1.png: $(stat -c %s "$here/$1.png") bytes"
}
picture overview Overview 1104x720+176+48
picture markets Markets 1104x720+176+48
picture strategies Strategies 1104x720+176+48
