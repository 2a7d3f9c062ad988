# The .deb of this build: what is in it, what Debian's own tools say of it, and that the program runs from where it was
# unpacked, also over an older database. tests/packaging/install_test.sh installs it for real, in a Debian of its own.
. "$(dirname "$0")/../house/checks.sh"
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
export HOME=$scratch/home XDG_DATA_HOME=$scratch/home/data
mkdir -p "$HOME"

if ! command -v dpkg-shlibdeps > /dev/null || ! command -v dpkg-deb > /dev/null; then
    skip "dpkg-dev is not installed (packaging/install-deps.sh test): no package is made"
    exit "$failed"
fi
packs() { cmake --build "$build" --target package_files && (cd "$build" && cpack -G DEB -B "$scratch/cpack"); }
check "cpack makes a package" packs
deb=$(find "$scratch/cpack" -maxdepth 1 -name '*.deb' | head -n 1)
[ -f "$deb" ] || { verdict; exit 1; }
root=$scratch/root
check "it unpacks" dpkg-deb -x "$deb" "$root"
version=$("$build/bin/quarterdeck" --version | awk '{ print $2 }')

# --- control
field() { dpkg-deb -f "$deb" "$1"; }
depends() { field Depends | tr ',' '\n' | sed -E 's/^ *([^ ]+).*/\1/' | grep -qxF "$1"; }
check "it is of this version and architecture" test "$(field Package) $(field Version) $(field Architecture)" = "quarterdeck $version $(dpkg --print-architecture)"
for library in libc6 libqt6core6 libqt6widgets6 libqt6charts6 libqt6svg6 libqt6websockets6 libsqlite3-0 libzstd1 qt6-qpa-plugins; do
    check "it depends on $library" depends "$library"
done
no_scripts() { dpkg-deb --ctrl-tarfile "$deb" | tar -t | grep -E '/(pre|post)(inst|rm)$' | none; }
check "no script runs at installation or removal, so no data is touched" no_scripts
only_usr() { dpkg-deb -c "$deb" | awk '{ print $6 }' | grep -vE '^\./(usr/.*)?$' | none; }
check "all of it lies under /usr" only_usr
owned() { dpkg-deb -c "$deb" | grep -v ' root/root ' | none; }
check "all of it belongs to root" owned
changed() { zcat "$root/usr/share/doc/quarterdeck/changelog.gz" | head -n 1 | grep -qF "quarterdeck ($version)"; }
check "its changelog is of this version" changed
released() { grep -qF "<release version=\"$version\"" "$root/usr/share/metainfo/org.quarterdeck.Quarterdeck.metainfo.xml"; }
check "its metainfo names this version" released

# --- contents
for path in bin/quarterdeck share/applications/org.quarterdeck.Quarterdeck.desktop share/metainfo/org.quarterdeck.Quarterdeck.metainfo.xml \
    share/man/man1/quarterdeck.1.gz share/bash-completion/completions/quarterdeck share/doc/quarterdeck/copyright lib/systemd/user/quarterdeck.service \
    share/icons/hicolor/scalable/apps/quarterdeck.svg; do
    check "it has $path" test -s "$root/usr/$path"
done
for size in 16 22 24 32 48 64 128 256; do
    icon() { file=$root/usr/share/icons/hicolor/${size}x$size/apps/quarterdeck.png; [ "$(od -An -tu1 -j18 -N2 "$file" | awk '{ print $1 * 256 + $2 }')" = "$size" ]; }
    check "its icon of $size pixels is so wide" icon
done
stripped() { ! readelf -S "$root/usr/bin/quarterdeck" | grep -q '\.debug_info'; }
check "the program carries no debug information" stripped

# validates TOOL COMMAND…
validates() {
    local tool=$1
    shift
    if command -v "$tool" > /dev/null; then
        check "$tool has nothing against it" "$@"
    else
        skip "$tool is not installed (packaging/install-deps.sh package)"
    fi
}
validates desktop-file-validate desktop-file-validate "$root/usr/share/applications/org.quarterdeck.Quarterdeck.desktop"
validates appstreamcli appstreamcli validate --no-net "$root/usr/share/metainfo/org.quarterdeck.Quarterdeck.metainfo.xml"
lints() { lintian --allow-root --fail-on error "$deb"; }
validates lintian lints
units() {
    mkdir -p "$scratch/units" && sed "s|^ExecStart=quarterdeck|ExecStart=$root/usr/bin/quarterdeck|" "$root/usr/lib/systemd/user/quarterdeck.service" > "$scratch/units/quarterdeck.service"
    XDG_RUNTIME_DIR=$scratch systemd-analyze verify --user --man=no "$scratch/units/quarterdeck.service" 2>&1 | grep -F quarterdeck | none
}
if command -v systemd-analyze > /dev/null; then
    validates systemd-analyze units
else
    printf 'SKIP   : %s\n' "this machine has no systemd: its unit is not judged" # whether it has is no package's matter
fi

# --- it runs
program=$root/usr/bin/quarterdeck
runs() { "$program" run --headless --for 3 --history 0 --data-dir "$scratch/life" > "$scratch/life.out" && grep -E 'ticks received [1-9]' "$scratch/life.out"; }
check "the engines run from where it was unpacked, and take ticks" runs
check "what they stored is whole" "$program" verify --data-dir "$scratch/life"
replays() { "$program" replay --data-dir "$scratch/life" | grep -E '^ledger_hash [0-9a-f]{64}$'; }
check "it replays" replays
pictures() { "$program" --screenshot "$scratch/shot.png" --after 1 --history 0 --data-dir "$scratch/shot" --size 1280x800 && [ -s "$scratch/shot.png" ]; }
check "its window renders without a display" pictures

# --- an older database: brought up to date, after a copy was made
older() { mkdir -p "$scratch/older" && python3 "$source/tests/packaging/older_database.py" "$source/resources/sql" "$scratch/older/demo.db"; }
check "a database of an older program is made" older
upgrades() { "$program" run --headless --for 2 --history 0 --data-dir "$scratch/older" > /dev/null; }
check "the program runs on it" upgrades
remembers() { "$program" journal --data-dir "$scratch/older" --text 'older program' | grep -F 'written by an older program'; }
check "what was decided before is still there" remembers
copied() {
    local copy
    copy=$(find "$scratch/older" -name 'demo.before-migration-*.db' | sort | head -n 1)
    [ -n "$copy" ] && python3 -c "import sqlite3, sys; b = sqlite3.connect(sys.argv[1]); assert b.execute('PRAGMA user_version').fetchone()[0] == 14; assert b.execute('PRAGMA integrity_check').fetchone()[0] == 'ok'; assert b.execute('SELECT count(*) FROM journal').fetchone()[0] == 1" "$copy"
}
check "a copy of it as it was lies beside it" copied
verdict
