# Completion of quarterdeck for bash. Subcommands, options, pages, strategies and verbs are read from the program's own
# --help, once a shell for each subcommand, so they are those of the program that is installed.

declare -gA _quarterdeck_helps

# _quarterdeck_help SUBCOMMAND: sets `help`. The window's own for an empty name.
_quarterdeck_help() {
    local key=${1:-window}
    if [[ ! -v _quarterdeck_helps[$key] ]]; then
        _quarterdeck_helps[$key]=$(command quarterdeck ${1:+"$1"} --help 2>/dev/null)
    fi
    help=${_quarterdeck_helps[$key]}
}

# _quarterdeck_section TITLE: the lines of `help` under "TITLE…:", up to an empty one.
_quarterdeck_section() {
    awk -v title="$1" 'inside && /^$/ { exit } inside { print } index($0, title) == 1 && /:$/ { inside = 1 }' <<<"$help"
}

_quarterdeck_options() {
    _quarterdeck_section Options | grep -oE -- '^  (-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

# Whether the option $1 is followed by a value.
_quarterdeck_takes_value() {
    _quarterdeck_section Options | grep -qE -- "^  (-[a-z], )?$1 <"
}

# The names that the description of $1 (an option or an argument) lists after its colon, or as a whole.
_quarterdeck_listed() {
    _quarterdeck_section "$2" | awk -v name="$1" '
        /^  [^ ]/ { inside = $1 == name; sub(/^  [^ ]+( <[^>]*>)?/, "") }
        inside { text = text $0 }
        END { sub(/^[^:]*:/, "", text); gsub(/,| or |\./, " ", text); print text }'
}

_quarterdeck_strategies() { _quarterdeck_section Strategies; }

# Words of $3… that begin with the last of a list by commas.
_quarterdeck_of_list() {
    local before=
    [[ $cur != *,* ]] || before=${cur%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
    compopt -o nospace 2>/dev/null
}

_quarterdeck_value() {
    case $1 in
    --data-dir) mapfile -t COMPREPLY < <(compgen -d -- "$cur") && compopt -o filenames 2>/dev/null ;;
    --screenshot | --ledger | --log | --ticks) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && compopt -o filenames 2>/dev/null ;;
    --feed) mapfile -t COMPREPLY < <(compgen -W "demo blofin imported ws://" -- "$cur") ;;
    --page) mapfile -t COMPREPLY < <(compgen -W "$(_quarterdeck_listed --page Options)" -- "$cur") ;;
    --theme) mapfile -t COMPREPLY < <(compgen -W "dark light" -- "$cur") ;;
    --timeframe | --candles) mapfile -t COMPREPLY < <(compgen -W "1m 5m 15m 1h 4h" -- "$cur") ;;
    --sizes) mapfile -t COMPREPLY < <(compgen -W "coins contracts" -- "$cur") ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "txt md html" -- "$cur") ;;
    --design) mapfile -t COMPREPLY < <(compgen -W "paired split" -- "$cur") ;;
    --by) mapfile -t COMPREPLY < <(compgen -W "operator policy" -- "$cur") ;;
    --strategies) _quarterdeck_of_list "$(_quarterdeck_strategies)" ;;
    esac
}

# What stands for itself: $1 is the subcommand, $2 how many such words came before, $3 the first of them.
_quarterdeck_word() {
    local words=
    case $1:$2 in
    :0) words=$(_quarterdeck_section Subcommands | awk '{ print $1 }') ;;
    strategy:0 | policy:0 | experiment:0 | models:0 | alerts:0 | jobs:0) words=$(_quarterdeck_listed verb Arguments) ;;
    import:0 | export:0) words=$(_quarterdeck_listed what Arguments) ;;
    journal:0) words=undo ;;
    strategy:1) words=$(_quarterdeck_strategies) ;;
    retrain:0) words="$(_quarterdeck_listed MODEL Arguments) all" ;;
    stoplab:0) words="$(_quarterdeck_strategies) all" ;;
    experiment:1) [[ $3 != start && $3 != simulate-gate ]] || words=$(_quarterdeck_strategies) ;;
    import:1 | backup:0 | restore:0 | support:0) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && compopt -o filenames 2>/dev/null ;;
    models:1 | models:2 | models:3) [[ $3 != import && ($3 != export || $2 == 1) ]] || { mapfile -t COMPREPLY < <(compgen -f -- "$cur") && compopt -o filenames 2>/dev/null; } ;;
    policy:1) [[ $3 != import ]] || { mapfile -t COMPREPLY < <(compgen -f -- "$cur") && compopt -o filenames 2>/dev/null; } ;;
    esac
    [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

_quarterdeck() {
    local cur=${COMP_WORDS[COMP_CWORD]} help subcommand='' first='' plain=0 i word
    COMPREPLY=()
    if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then
        subcommand=${COMP_WORDS[1]}
    fi
    _quarterdeck_help "$subcommand"
    for ((i = ${#subcommand} > 0 ? 2 : 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -* ]]; then
            _quarterdeck_takes_value "$word" || continue
            if ((++i >= COMP_CWORD)); then
                _quarterdeck_value "$word"
                return
            fi
            continue
        fi
        ((plain++)) || first=$word
    done
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_quarterdeck_options)" -- "$cur")
        return
    fi
    _quarterdeck_word "$subcommand" "$plain" "$first"
}
complete -F _quarterdeck quarterdeck
