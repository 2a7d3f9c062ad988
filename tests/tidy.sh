#!/usr/bin/env bash
# clang-tidy-19 over our sources, newest changes first, until all are done or the time is up; says what it did not reach.
# Each file by itself, with compile commands of a folder of its own; nothing is built.
#   tests/tidy.sh [--seconds S] [file...]      without files: every .cpp of core, app and ui
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../packaging/common.sh"

seconds=0
if [ "${1:-}" = --seconds ]; then
    seconds=$2
    shift 2
fi
folder=$(configure dev tidy -DQD_UNITY=OFF -DQD_PRECOMPILE=OFF)
cd "$source_dir"

git_here() { git -c safe.directory='*' "$@"; }
if [ $# -gt 0 ]; then
    files=("$@")
else
    # Newest change first: `git log` names each file at its changes, the first mention counts.
    mapfile -t files < <({ git_here log --name-only --format= -n 200 -- 'core/*.cpp' 'app/*.cpp' 'ui/*.cpp'
                           git_here ls-files -- 'core/*.cpp' 'app/*.cpp' 'ui/*.cpp'; } 2>/dev/null | awk '!seen[$0]++')
fi
present=()
for file in "${files[@]}"; do
    if [ -f "$file" ] && grep -qF "/$file\"" "$folder/compile_commands.json"; then
        present+=("$file")
    fi
done
[ ${#present[@]} -gt 0 ] || die "No source of $folder to check."

SECONDS_AT_START=$(date +%s)
export folder seconds SECONDS_AT_START
reached=$(mktemp)
trap 'rm -f "$reached"' EXIT
export reached
printf '%s\0' "${present[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c '
    if [ "$seconds" -gt 0 ] && [ "$SECONDS_AT_START" -le "$(($(date +%s) - seconds))" ]; then exit 0; fi
    output=$(clang-tidy-19 -p "$folder" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-deprecated-declarations "$0" 2>&1) || {
        printf "%s\n" "$output" | grep -v "warnings generated\|Suppressed\|Use -header-filter" >&2
        exit 1
    }
    echo "$0" >> "$reached"' || status=$?
count=$(wc -l < "$reached")
say "clang-tidy: $count of ${#present[@]} files clean"
if [ "${status:-0}" -ne 0 ]; then
    die "clang-tidy found the above."
fi
if [ "$count" -lt ${#present[@]} ]; then
    say "not reached within $seconds s: $(printf '%s\n' "${present[@]}" | grep -vxFf "$reached" | tr '\n' ' ')"
fi
