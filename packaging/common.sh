# Shared by packaging/run.sh, tests/run.sh and .ci/run: where the checkout is, and where it may be built. To be sourced.
# Sets: source_dir. Works with spaces in the path, an unset or unwritable HOME, a read-only or foreign checkout.

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '== %s\n' "$*"; }
die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# A home that can be written: compilers' caches and Qt want one.
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    HOME=${TMPDIR:-/tmp}/quarterdeck-home-$(id -u)
    mkdir -p -m 700 "$HOME"
    [ -O "$HOME" ] || die "HOME is not usable and $HOME belongs to another user. Set HOME to a folder of your own."
    export HOME
fi

# build_dir PRESET: build/PRESET in the checkout if it is ours to write, else a folder of its own in the user's cache.
build_dir() {
    if [ -w "$source_dir" ] && [ -O "$source_dir" ] && { [ ! -e "$source_dir/build" ] || [ -w "$source_dir/build" ]; }; then
        printf '%s\n' "$source_dir/build/$1"
    else
        printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/quarterdeck/build-$(printf '%s' "$source_dir" | cksum | cut -d' ' -f1)/$1"
    fi
}

# configure PRESET FOLDER [cmake arguments]: prints the build folder, build/FOLDER or its like. cmake's chatter goes to
# stderr, and only when it fails.
configure() {
    local preset=$1 folder output
    folder=$(build_dir "$2")
    shift 2
    mkdir -p "$folder"
    output=$(cd "$source_dir" && cmake --preset "$preset" -B "$folder" "$@" 2>&1) || {
        printf '%s\n' "$output" >&2
        die "cmake could not configure the preset '$preset'; its words are above."
    }
    printf '%s\n' "$folder"
}

# build FOLDER [target...]: silent but for warnings and errors.
build() {
    local folder=$1
    shift
    ninja -C "$folder" --quiet "$@" 2>&1 | { grep -v '^ninja: no work to do\.$' || true; }
}
