# What no compiler checks: includes go through doors, every source is built, every room is in its place, and the documents
# name what is used under its licence.
. "$(dirname "$0")/checks.sh"
cd "$source" || exit 1

has_ui() { grep -q '^QD_BUILD_UI:BOOL=ON' "$build/CMakeCache.txt"; }
folders=(core tests)
if has_ui; then
    folders+=(ui app)
fi
sources() { find "${folders[@]}" -name "$1" | sort; }

climbing() { grep -rnE '#include +["<](\.\./|/|.*/\.\./)' --include='*.h' --include='*.cpp' core ui app tests | none; }
check "no include climbs out of its room by a relative path" climbing

# The unit under compilation is named by its path in the checkout, or by the include root that links to it, or by the
# unit that several are compiled in.
unbuilt() {
    local units
    units=$(mktemp)
    find "$build" -path '*/Unity/unity_*.cxx' -exec cat {} + > "$units"
    cat "$build/compile_commands.json" >> "$units"
    sources '*.cpp' | while read -r file; do
        grep -qF "/$file\"" "$units" || echo "$file"
    done | none
    local verdict=$?
    rm -f "$units"
    return $verdict
}
check "every .cpp belongs to a target" unbuilt

# ui/widgets/pill.h is included as "widgets/pill.h", "ui/widgets/pill.h" or "pill.h".
unused() {
    grep -rhoE '#include "[^"]+"' --include='*.h' --include='*.cpp' core ui app tests |
        sed -E 's/.*"(.*)"/\1/; s|.*/||' | sort -u > "$scratch/included"
    sources '*.h' | while read -r file; do
        grep -qxF "$(basename "$file")" "$scratch/included" || echo "$file"
    done | none
}
check "every header is included by somebody" unused

rooms_in_table() { sed -nE 's/^set\(QD_DOORS_([a-z]+).*/\1/p' core/rooms.cmake; }
to_come() { sed -nE 's/^Rooms still to come: (.*)\.$/\1/p' ARCHITECTURE.md | tr -d '`,'; }
homeless() {
    rooms_in_table | while read -r room; do
        if [ -f "core/$room/CMakeLists.txt" ] || [ -f "$room/CMakeLists.txt" ]; then
            ! to_come | grep -qw "$room" || echo "$room stands, and ARCHITECTURE.md says that it is to come"
        else
            to_come | grep -qw "$room" || echo "$room is in the table of doors, has no folder, and is not said to come"
        fi
    done | none
}
check "every room of the table has its folder, or ARCHITECTURE.md says that it is to come" homeless

unlisted() {
    for folder in core/*/; do
        rooms_in_table | grep -qx "$(basename "$folder")" || echo "$folder"
    done | none
}
check "every folder of core is a room of the table" unlisted

impure() {
    for room in base statistics market health trading learning governance; do
        [ -d "core/$room" ] || continue
        grep -nE 'PACKAGES|QT\)|^ *QT$' "core/$room/CMakeLists.txt" /dev/null | grep -vE '^core/(base/.*PACKAGES PkgConfig::crypto|learning/.*PACKAGES PkgConfig::xgboost)\)$'
        grep -rnE '#include <(Q|sqlite|zstd|simdjson|thread|mutex|fstream|filesystem|unistd|sys/)' "core/$room" |
            grep -vE '^core/base/(worker_thread|channels|log)\.'
    done | none
}
check "the pure rooms link nothing (base: libcrypto for hashes; learning: XGBoost), and include neither Qt nor threads, files or the system" impure

unnamed() {
    bash packaging/install-deps.sh --list run build test lint bench package browser | while read -r package; do
        grep -E '^\|' README.md | grep -F "\`$package\`" | grep -qE '(GPL|BSD|MIT|ISC|Apache|public domain|zlib|OFL)' ||
            echo "$package"
    done | none
}
check "README.md names every package that is installed, with its licence" unnamed

# A value that nothing reads is a knob that turns nothing.
unread() {
    grep -oE 'Policy(Entry|Text)\{"[a-z_.]+"' core/base/policy_table.h | cut -d'"' -f2 | while read -r name; do
        case $name in alerts.webhook_url | alerts.heartbeat_url) continue ;; esac # put together from the channel's name
        grep -rqF "\"$name\"" --include='*.cpp' --include='*.h' --exclude=policy_table.h core ui app || echo "$name"
    done | none
}
check "every value of the policy is read by name" unread

licence() { grep -q 'GNU GENERAL PUBLIC LICENSE' LICENSE && grep -q 'Version 3, 29 June 2007' LICENSE && grep -q 'GPL-3.0-or-later' README.md; }
check "the licence is GPL-3.0-or-later, in full" licence

dangling() {
    grep -hoE '\]\([^)#:]+' README.md ARCHITECTURE.md CHANGELOG.md | sed 's/^](//' | sort -u | while read -r path; do
        [ -e "$path" ] || echo "$path"
    done | none
}
check "every file that the documents link to or show is there" dangling

commands() {
    grep -E '^bash ' README.md | awk '{print $2}' | sort -u | while read -r script; do
        [ -x "$script" ] || echo "$script"
    done | none
}
check "every script that README.md names is there and can be run" commands

verdict
