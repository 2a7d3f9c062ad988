# What the tests of the house share: check <sentence> <command…> says whether the command succeeds; at the end, verdict.
# Arguments of each test: the checkout and the build folder. Sets: source build scratch. To be sourced.
set -u
source=$1
build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

check() {
    local sentence=$1
    shift
    if "$@" > "$scratch/out" 2>&1; then
        passed=$((passed + 1))
        printf 'PASS   : %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAIL!  : %s\n' "$sentence"
        sed 's/^/         /' "$scratch/out"
    fi
}

# skip SENTENCE: what is not looked at here, and why. Where all is to be looked at (QD_REQUIRE_ALL=1) it is a failure.
skip() {
    if [ "${QD_REQUIRE_ALL:-}" = 1 ]; then
        failed=$((failed + 1))
        printf 'FAIL!  : %s; QD_REQUIRE_ALL=1 wants it\n' "$*"
    else
        printf 'SKIP   : %s\n' "$*"
    fi
}

# Lines on stdin are offences: prints them, fails if there is any.
none() {
    local offences
    offences=$(cat)
    [ -z "$offences" ] || {
        printf '%s\n' "$offences"
        return 1
    }
}

verdict() {
    printf 'Totals: %d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
