#!/usr/bin/env bash
# Installs an older .deb in a fresh Debian 12 of its own, runs it as a user, upgrades to this one, brings an older database up
# to date, removes it, purges it, and looks after each whether the user's data stayed. Root (sudo will do), debootstrap and
# the network are wanted; by hand, not by ctest:
#   tests/packaging/install_test.sh FILE.deb FOLDER [OLDER.deb]      FOLDER holds the Debian, and is made where it is missing
# Without OLDER.deb it is this one with a lower version.
set -u
usage="usage: install_test.sh FILE.deb FOLDER [OLDER.deb]"
here=$(cd "$(dirname "$0")" && pwd -P)
deb=$(realpath "${1:?$usage}")
root=${2:?$usage}
older=${3:-}
[ "$(id -u)" -eq 0 ] || { echo "install_test.sh: root is wanted, for a chroot: sudo bash $0 $*" >&2 && exit 1; }
command -v debootstrap > /dev/null || [ -d "$root/usr" ] || { echo "install_test.sh: debootstrap is not installed" >&2 && exit 1; }
failed=0
check() {
    local sentence=$1
    shift
    if "$@" > "$root/tmp/out" 2>&1; then
        printf 'PASS   : %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAIL!  : %s\n' "$sentence"
        tail -n 20 "$root/tmp/out" | sed 's/^/         /'
    fi
}
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { inside su skipper -s /bin/bash -c "$1"; }

[ -d "$root/usr" ] || debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian > /dev/null || exit 1
root=$(realpath "$root")
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
work=$(mktemp -d)
trap 'umount "$root/proc" "$root/dev"; rm -rf "$work"' EXIT
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$deb" "$root/tmp/quarterdeck.deb"
version=$(dpkg-deb -f "$deb" Version)
if [ -z "$older" ]; then
    older=$work/older.deb
    dpkg-deb -R "$deb" "$work/older" && sed -i "s/^Version: .*/Version: 0.0.1~older/" "$work/older/DEBIAN/control" &&
        dpkg-deb --root-owner-group -b "$work/older" "$older" > /dev/null || exit 1
fi
cp "$older" "$root/tmp/older.deb"
before=$(dpkg-deb -f "$older" Version)
dpkg --compare-versions "$before" lt "$version" || { echo "install_test.sh: $before is not older than $version" >&2 && exit 1; }
inside id skipper > /dev/null 2>&1 || inside useradd -m skipper
data=/home/skipper/.local/share/quarterdeck

installed() { [ "$(inside dpkg-query -W -f '${Status} ${Version}' quarterdeck)" = "install ok installed $1" ]; }
install() { inside apt-get -q -y install --no-install-recommends "$@"; }
# What the user has: the decision, and no fewer ticks than when it was made. Read without the program, for when it is gone.
kept() {
    python3 - "$root$data/demo.db" "$work/ticks" << 'PYTHON'
import os, sqlite3, sys
base = sqlite3.connect('file:' + sys.argv[1] + '?immutable=1', uri=True)
assert base.execute("SELECT count(*) FROM journal WHERE what LIKE '%before the upgrade%'").fetchone()[0] == 1
ticks = sum(base.execute(f'SELECT total(count) FROM {table}').fetchone()[0] for table in ('tick_blocks', 'tick_tails'))
if not os.path.exists(sys.argv[2]):
    with open(sys.argv[2], 'w') as first:
        first.write(str(ticks))
assert ticks >= float(open(sys.argv[2]).read()) > 0, ticks
PYTHON
}
whole() { as_user "quarterdeck verify && quarterdeck journal | grep 'before the upgrade'"; }

inside apt-get -q -y purge quarterdeck > /dev/null 2>&1 # of a run before
rm -rf "$root$data" "$root/home/skipper/older"
check "the list of packages is read" inside apt-get -q update
check "the older one installs, with what it depends on alone" install /tmp/older.deb
check "it is the older one" installed "$before"
check "dpkg finds nothing missing in it" inside dpkg --verify quarterdeck
check "no library is missing" inside bash -c '! ldd /usr/bin/quarterdeck | grep "not found"'
check "a user's engines take ticks" as_user "quarterdeck run --headless --for 5 --history 0 | grep -E 'ticks received [1-9]'"
check "a decision is made" as_user "quarterdeck note 'before the upgrade'"
check "both are there" kept

check "it is upgraded" install /tmp/quarterdeck.deb
check "it is this one" installed "$version"
check "dpkg finds nothing missing in this one" inside dpkg --verify quarterdeck
check "the data are as they were" kept
check "this program finds them whole" whole
check "its engines go on with them" as_user "quarterdeck run --headless --for 5 --history 0 | grep -E 'ticks received [1-9]'"
check "its window renders" as_user "quarterdeck --screenshot /tmp/shot.png --after 1 --history 0 --size 1280x800 --data-dir /tmp/shot && test -s /tmp/shot.png"
check "the window's libraries for a real display are there" inside bash -c 'ls /usr/lib/*/qt6/plugins/platforms/libqxcb.so && ! ldd /usr/lib/*/qt6/plugins/platforms/libqxcb.so | grep "not found"'
check "icons are rendered from SVG" inside bash -c 'ls /usr/lib/*/qt6/plugins/iconengines/libqsvgicon.so'
older_schema() {
    mkdir -p "$root/home/skipper/older" && python3 "$here/older_database.py" "$here/../../resources/sql" "$root/home/skipper/older/demo.db" &&
        inside chown -R skipper: /home/skipper/older
}
check "a database with the schema of an older program is put there" older_schema
check "this program brings it up to date" as_user "quarterdeck run --headless --for 2 --history 0 --data-dir ~/older > /dev/null"
check "what was decided before is still there" as_user "quarterdeck journal --data-dir ~/older --text 'older program' | grep -F 'written by an older program'"
check "and a copy of it as it was" as_user "ls ~/older/demo.before-migration-*.db"

check "it is removed" inside apt-get -q -y remove quarterdeck
check "the program is gone" inside bash -c '! test -e /usr/bin/quarterdeck'
check "the data stayed" kept
left() { find "$root/usr" "$root/etc" "$root/var/lib" -name '*quarterdeck*' | grep . && return 1 || return 0; }
check "nothing of it is left on the system" left
check "it installs again" install /tmp/quarterdeck.deb
check "and finds the data whole" whole
check "it is purged" inside apt-get -q -y purge quarterdeck
unknown() { ! inside dpkg-query -W quarterdeck; }
check "dpkg knows it no more" unknown
check "nothing of it is left on the system after that either" left
check "the user's data stayed, they are no package's" kept
[ "$failed" -eq 0 ] && echo "All passed."
exit "$failed"
