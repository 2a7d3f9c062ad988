# The completion for bash, sourced as a shell does, offers what the program has.
. "$(dirname "$0")/../house/checks.sh"
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
export XDG_DATA_HOME=$scratch/data
mkdir "$scratch/bin"
ln -s "$build/bin/quarterdeck" "$scratch/bin/quarterdeck"
PATH=$scratch/bin:$PATH
. "$source/packaging/linux/quarterdeck.bash"

# offered WORD…: what completes the last of these words, a line each.
offered() {
    COMP_WORDS=(quarterdeck "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _quarterdeck 2> /dev/null
    printf '%s\n' "${COMPREPLY[@]}"
}
offers() {  # offers WORD WORD… => WANTED…: these are among what is offered
    local words=() answer wanted
    while [ "$1" != '=>' ]; do
        words+=("$1")
        shift
    done
    shift
    answer=$(offered "${words[@]}")
    for wanted in "$@"; do
        grep -qxF -- "$wanted" <<< "$answer" || { printf 'no %s in: %s\n' "$wanted" "$answer" && return 1; }
    done
}
exactly() {  # exactly WORD WORD… => WANTED…: these and no others
    local words=()
    while [ "$1" != '=>' ]; do
        words+=("$1")
        shift
    done
    shift
    diff <(offered "${words[@]}" | sort) <(printf '%s\n' "$@" | sort)
}

mapfile -t subcommands < <(sed -nE 's/^ *Subcommand\{"([a-z]+)".*/\1/p' "$source/app/main.cpp")
mapfile -t strategies < <(grep -ohE '\.name = "[a-z_0-9]+",' "$source"/core/trading/strategies/*.cpp | cut -d'"' -f2)
mapfile -t pages < <("$build/bin/quarterdeck" --page nosuch 2>&1 | sed -E 's/.*there are (.*)\. See.*/\1/' | tr -d ' ' | tr ',' '\n')
check "it is bound to the program" complete -p quarterdeck
check "every subcommand" exactly "" '=>' "${subcommands[@]}"
check "those that begin as typed" exactly re '=>' replay report restore retrain review
check "every strategy" exactly strategy enable "" '=>' "${strategies[@]}"
check "every strategy, or all, for the stop lab" exactly stoplab "" '=>' "${strategies[@]}" all
check "strategies in a list" exactly null --strategies breakout,mome '=>' breakout,momentum
check "every page" exactly --page "" '=>' "${pages[@]}"
check "a page after other options" exactly --feed demo --page Exp '=>' Experiments
check "options of the window" offers --s '=>' --seed --screenshot --size
check "options of a subcommand, and those of all" offers replay -- '=>' --jobs --candles --ledger --data-dir --json --help
check "no options of another" exactly note --j '=>' --json
check "verbs of policy" exactly policy "" '=>' get set export import
check "verbs of experiment" exactly experiment "" '=>' list show start stop simulate-gate
check "verbs of strategy" exactly strategy "" '=>' enable disable promote archive revive
check "what can be exported" offers export "" '=>' ticks candles journal policy
check "what can be imported" exactly import "" '=>' ticks candles
check "feeds" offers replay --feed "" '=>' demo blofin imported
check "timeframes" exactly replay --candles 1 '=>' 1m 15m 1h
check "an option's value is no word" exactly strategy --reason x "" '=>' enable disable promote archive revive
touch "$scratch/some.csv"
files() { (cd "$scratch" && exactly import ticks so '=>' some.csv); }
check "files to import" files
check "nothing where nothing is known" exactly note "" '=>' ""
verdict
