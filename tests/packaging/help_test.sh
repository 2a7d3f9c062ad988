# Each subcommand's --help is whole, its examples name options that there are, and the manual page tells the same.
. "$(dirname "$0")/../house/checks.sh"
program=$build/bin/quarterdeck
manual=$source/packaging/linux/quarterdeck.1
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
export XDG_DATA_HOME=$scratch/data

subcommands=$(sed -nE 's/^ *Subcommand\{"([a-z]+)".*/\1/p' "$source/app/main.cpp")
section() { awk -v title="$1" 'inside && /^$/ { exit } inside { print } index($0, title) == 1 && /:$/ { inside = 1 }'; }
options_of() { section Options < "$scratch/$1.help" | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'; }

# asks NAME: the help of a subcommand ("window": of the program), kept in $scratch/NAME.help.
asks() {
    local words=()
    [ "$1" = window ] || words=("$1")
    "$program" "${words[@]}" --help > "$scratch/$1.help" 2> "$scratch/$1.err" || return 1
    [ ! -s "$scratch/$1.err" ] || { cat "$scratch/$1.err" && return 1; }
}
whole() {
    asks "$1" || return 1
    for part in '^Usage: quarterdeck' '^Options:$' '^Examples:$' '^Exit codes: 0 done, 1 .*, 2 wrong usage\.$' '--data-dir' '--feed' '--json' '-h, --help'; do
        grep -qE -- "$part" "$scratch/$1.help" || { echo "no line like $part" && return 1; }
    done
    [ "$1" = window ] || grep -qE "^Usage: quarterdeck $1( |$)" "$scratch/$1.help"
}
examples_are_true() {
    section Examples < "$scratch/$1.help" > "$scratch/examples"
    [ -s "$scratch/examples" ] || return 1
    [ "$1" = window ] || { grep -v "^  quarterdeck $1\( \|$\)" "$scratch/examples" | none; } || return 1
    grep -oE -- '--[a-z-]+' "$scratch/examples" | sort -u | grep -vxFf <(options_of "$1") | none
}
refuses() {  # wrong usage: 2, one line on stderr, nothing on stdout
    local code=0
    "$program" "$@" > "$scratch/out2" 2> "$scratch/err2" || code=$?
    [ "$code" -eq 2 ] && [ ! -s "$scratch/out2" ] && [ "$(wc -l < "$scratch/err2")" -eq 1 ]
}

[ -n "$subcommands" ] || { echo "app/main.cpp names no subcommand" && exit 1; }
for name in window $subcommands; do
    check "$name: --help has usage, options, examples and exit codes" whole "$name"
    check "$name: the examples use options that there are" examples_are_true "$name"
done
for name in $subcommands; do
    check "$name: an unknown option is wrong usage" refuses "$name" --no-such-option
done
check "an unknown subcommand is wrong usage" refuses nosuch

listed() { diff <(section Subcommands < "$scratch/window.help" | awk '{ print $1 }' | sort) <(echo "$subcommands" | sort); }
check "the program's own help lists every subcommand" listed

# --- the manual page
plain() { sed 's/\\-/-/g; s/\\fB//g; s/\\fI//g; s/\\fR//g' "$manual"; }
in_manual() { plain | awk -v name="$1" '/^\.S[SH] / { inside = $0 == ".SS \"" name "\"" } inside { print }'; }
window_in_manual() { plain | awk '/^\.SH / { inside = $0 == ".SH THE WINDOW" || $0 == ".SH COMMON OPTIONS" } inside { print }'; }
named() { grep -A1 '^\.TP$' | grep -oE -- '--[a-z-]+' | sort -u; }
same_subcommands() { diff <(plain | sed -nE 's/^\.SS "([a-z]+)"$/\1/p' | sort) <(echo "$subcommands" | sort); }
check "the manual has a section for every subcommand, and for no other" same_subcommands
common='--(data-dir|feed|json|help)'
same_options() { diff <(in_manual "$1" | named) <(options_of "$1" | grep -vxE -- "$common" | sort -u); }
for name in $subcommands; do
    check "the manual tells the options of $name" same_options "$name"
done
same_window() { diff <(window_in_manual | named) <(options_of window | sort -u); }
check "the manual tells the options of the window and those of all" same_window
check "the manual is of this version" grep -qF "Quarterdeck $("$program" --version | awk '{ print $2 }')" "$manual"

if command -v man > /dev/null && command -v groff > /dev/null; then
    formats() { man --warnings -E UTF-8 -l -Tutf8 -Z "$manual" 2>&1 > /dev/null | none; }
    check "man formats the manual without a warning" formats
else
    skip "man is not installed: the manual's form is not checked"
fi
verdict
