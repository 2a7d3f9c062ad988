#!/usr/bin/env bash
# Installs what Quarterdeck needs from Debian 12's own archive. Root, or a user with sudo. Does nothing, quickly, when all
# is there. What each group is for, and the licence of each package: README.md, "What it stands on".
#   packaging/install-deps.sh [--list] [run] [build] [test] [lint] [bench] [package] [browser]
# Without a group: run build test.
# --list prints the packages and installs nothing.
set -euo pipefail

packages_of() {
    case $1 in
    # The window: its two typefaces. (The libraries come with the packages of the build.)
    run) echo fonts-inter fonts-jetbrains-mono ;;
    # Compiler and build system; Qt with WebSockets, the loopback exchange's HTTP server, charts (which want OpenGL) and SVG icons; SQLite
    # and zstd for the archive; simdjson for the feed; zlib for csv.gz; libcrypto for hashes; cpp-httplib for the HTTP API; XGBoost
    # for the models.
    build) echo g++ cmake ninja-build ccache pkg-config qt6-base-dev qt6-websockets-dev qt6-httpserver-dev qt6-charts-dev \
        libqt6opengl6-dev qt6-svg-dev libsqlite3-dev libzstd-dev libarchive-dev libsimdjson-dev zlib1g-dev \
        libssl-dev libcpp-httplib-dev libxgboost-dev ;;
    # A screen in memory for the tests of the window, the formatter that the format check runs, what judges golden values,
    # what makes and judges the package, and a bus of the tests' own.
    test) echo git xvfb openssl xauth dbus-daemon clang-format-19 python3 dpkg-dev desktop-file-utils appstream ;;
    # The static analysis of .ci/run.
    lint) echo clang-tidy-19 ;;
    # What the bare floors of tests/bench are built with.
    bench) echo nlohmann-json3-dev rapidjson-dev python3-numpy python3-pandas ;;
    # What the .deb is made with, and Debian's own judge of it.
    package) echo dpkg-dev desktop-file-utils appstream lintian ;;
    # What the test of the status page looks with: 124 MB to fetch, so only .ci/run and tests/run.sh --full want it.
    browser) echo chromium ;;
    *) return 1 ;;
    esac
}

list_only=no
if [ "${1:-}" = --list ]; then
    list_only=yes
    shift
fi
groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(run build test)

wanted=()
for group in "${groups[@]}"; do
    list=$(packages_of "$group") || {
        echo "install-deps.sh: there is no group '$group'; the groups are run build test lint bench package browser." >&2
        exit 2
    }
    for package in $list; do
        wanted+=("$package")
    done
done

if [ "$list_only" = yes ]; then
    printf '%s\n' "${wanted[@]}"
    exit 0
fi

if ! command -v dpkg-query >/dev/null; then
    echo "install-deps.sh: this is not a Debian system. Install by its own means: ${wanted[*]}" >&2
    exit 1
fi

missing=()
for package in "${wanted[@]}"; do
    # A package that another one provides, such as pkg-config, counts as there if it is installed under its own name.
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

echo "== Installing for ${groups[*]}: ${missing[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps.sh: not root, and there is no sudo. As root: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)

# A mirror that is briefly out of reach or half updated is no reason to fail.
for attempt in 1 2 3 4; do
    if "${apt[@]}" update >&2 && "${apt[@]}" install --no-install-recommends "${missing[@]}" >&2; then
        exit 0
    fi
    echo "install-deps.sh: attempt $attempt failed" >&2
    sleep $((attempt * 5))
done
echo "install-deps.sh: apt-get could not install ${missing[*]}; its words are above. The network, or /etc/apt/sources.list?" >&2
exit 1
