#!/usr/bin/env bash
# Installs the .deb in a fresh Debian 12 of its own, runs it as a user, brings an older database up to date, removes it, and
# looks whether the data stayed. Root, debootstrap and the network are wanted; by hand, not by ctest:
#   tests/packaging/install_test.sh FILE.deb FOLDER      FOLDER holds the Debian, and is made where it is missing
set -u
deb=$(realpath "${1:?usage: install_test.sh FILE.deb FOLDER}")
root=${2:?usage: install_test.sh FILE.deb FOLDER}
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
trap 'umount "$root/proc" "$root/dev"' EXIT
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$deb" "$root/tmp/quarterdeck.deb"
inside id skipper > /dev/null 2>&1 || inside useradd -m skipper
data=/home/skipper/.local/share/quarterdeck

check "the list of packages is read" inside apt-get -q update
check "it installs, with what it depends on alone" inside apt-get -q -y install --no-install-recommends /tmp/quarterdeck.deb
check "dpkg finds nothing missing in it" inside dpkg --verify quarterdeck
check "no library is missing" inside bash -c '! ldd /usr/bin/quarterdeck | grep "not found"'
check "a user's engines take ticks" as_user "quarterdeck run --headless --for 3 --history 0 | grep -E 'ticks received [1-9]'"
check "its window renders" as_user "quarterdeck --screenshot /tmp/shot.png --after 1 --history 0 --size 1280x800 --data-dir /tmp/shot && test -s /tmp/shot.png"
check "the window's libraries for a real display are there" inside bash -c 'ls /usr/lib/*/qt6/plugins/platforms/libqxcb.so && ! ldd /usr/lib/*/qt6/plugins/platforms/libqxcb.so | grep "not found"'
check "icons are rendered from SVG" inside bash -c 'ls /usr/lib/*/qt6/plugins/iconengines/libqsvgicon.so'
check "a decision is kept" as_user "quarterdeck note 'before the upgrade'"
check "it installs over itself" inside apt-get -q -y install --reinstall --no-install-recommends /tmp/quarterdeck.deb
check "the decision is still there" as_user "quarterdeck journal | grep 'before the upgrade'"
check "it is removed" inside apt-get -q -y remove quarterdeck
check "the program is gone" inside bash -c '! test -e /usr/bin/quarterdeck'
check "the data stayed" inside test -s "$data/demo.db"
left() { find "$root/usr" "$root/etc" "$root/var/lib" -name '*quarterdeck*' | grep . && return 1 || return 0; }
check "nothing of it is left on the system" left
check "it installs again, and the decision is still there" bash -c "chroot '$root' apt-get -q -y install --no-install-recommends /tmp/quarterdeck.deb && chroot '$root' su skipper -s /bin/bash -c \"quarterdeck journal | grep 'before the upgrade'\""
[ "$failed" -eq 0 ] && echo "All passed."
exit "$failed"
