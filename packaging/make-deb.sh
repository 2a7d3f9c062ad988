#!/usr/bin/env bash
# The package for Debian 12: installs what is missing, builds the preset `release`, packs, lets lintian judge. Prints the
# path of the .deb on stdout.
#   packaging/make-deb.sh [FOLDER]      where it is put; without one the build folder
# QD_MAINTAINER: "Name <address>" of who hands it out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bash "$source_dir/packaging/install-deps.sh" build package
options=()
[ -z "${QD_MAINTAINER:-}" ] || options+=("-DQD_MAINTAINER=$QD_MAINTAINER")
folder=$(configure release release "${options[@]}")
target=${1:-$folder}
mkdir -p "$target"
say "Building Quarterdeck in $folder; the first time takes some minutes." >&2
build "$folder" quarterdeck package_files >&2 || die "The build failed; the compiler's words are above."
rm -rf "$folder/cpack"
output=$(cd "$folder" && cpack -G DEB -B "$folder/cpack" 2>&1) || {
    printf '%s\n' "$output" >&2
    die "cpack could not make the package; its words are above."
}
for deb in "$folder"/cpack/*.deb; do
    cp "$deb" "$target/"
    deb=$target/$(basename "$deb")
done
lintian --fail-on error "$deb" >&2 || die "lintian found an error; it is named above."
printf '%s\n' "$deb"
