#!/usr/bin/env bash
# From a fresh Debian 12 to the verdict of all tests: installs what is missing, builds the preset `dev` with warnings as
# errors, checks the format, runs every test under a screen in memory. Ends with ctest's summary; exit 0 only if all is well.
#   tests/run.sh [--full] [--build-only] [-- arguments of ctest, such as -R archive]
# --full adds the address, undefined-behaviour and thread sanitizers, a minute of each fuzz target, and the tests that
# kill or soak. It installs lintian and Chromium and sets QD_REQUIRE_ALL=1: a test that wants a tool
# which is not there fails. Without, it skips and says so.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../packaging/common.sh"

full=no
build_only=no
while [ $# -gt 0 ]; do
    case $1 in
    --full) full=yes ;;
    --build-only) build_only=yes ;;
    --) shift && break ;;
    *) die "tests/run.sh does not know '$1'; usage: tests/run.sh [--full] [--build-only] [-- arguments of ctest]" ;;
    esac
    shift
done

bash "$source_dir/packaging/install-deps.sh" build run test
if [ "$full" = yes ]; then
    bash "$source_dir/packaging/install-deps.sh" package browser
    export QD_REQUIRE_ALL=1
fi
if [ -z "${XDG_RUNTIME_DIR:-}" ] || [ ! -O "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d)
    chmod 700 "$XDG_RUNTIME_DIR"
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
    export XDG_RUNTIME_DIR
fi
export LC_ALL=C.UTF-8 QT_QPA_PLATFORM=xcb
options=()
[ -z "${QD_SHARED:-}" ] || options+=("-DQD_SHARED=$QD_SHARED")

# build_preset PRESET [target...]: sets `folder`.
build_preset() {
    folder=$(configure "$1" "$1" "${options[@]}")
    say "Building $1 in $folder"
    build "$folder" "${@:2}" || die "The build of '$1' failed; the compiler's words are above."
}

# check PRESET [arguments of ctest]
check() {
    local preset=$1 wrap=()
    shift
    # GCC 12's thread sanitizer cannot place its shadow where the kernel scatters addresses widely.
    if [ "$preset" = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
        wrap=(setarch "$(uname -m)" -R)
    fi
    "${wrap[@]}" xvfb-run -a -s "-screen 0 1920x1200x24 -nolisten tcp" \
        ctest --test-dir "$folder" --output-on-failure -j3 --no-tests=error "$@"
}

format_check() {
    local files
    if [ -e "$source_dir/.git" ]; then
        mapfile -d '' files < <(git -c safe.directory='*' -C "$source_dir" ls-files -z -- '*.cpp' '*.h')
    else
        mapfile -d '' files < <(cd "$source_dir" && find core ui app tests packaging -name '*.cpp' -print0 -o -name '*.h' -print0)
    fi
    (cd "$source_dir" && for file in "${files[@]}"; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        xargs -0 -r -n 40 -P2 clang-format-19 --dry-run -Werror) ||
        die "The format check failed. It wants: clang-format-19 -i on the files named above."
    say "Format: ${#files[@]} files as .clang-format wants them"
}

only_full='^(soak|kill)$'
format_check
build_preset dev
[ "$build_only" = no ] || exit 0
if [ "$full" = no ]; then
    check dev -LE "$only_full" "$@"
    exit 0
fi

build_preset asan
check asan -LE "$only_full|^no_sanitizer$" "$@"
build_preset tsan threaded_tests # the others have one thread each
check tsan -L '^threads$' -LE "$only_full|^no_sanitizer$" "$@"
build_preset dev
for target in "$folder"/bin/fuzz_*; do
    [ -x "$target" ] || continue
    say "A minute of $(basename "$target")"
    "$target" --seconds 60 || die "$(basename "$target") found an input that breaks the code; it is named above."
done
check dev "$@"
