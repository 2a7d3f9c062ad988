#!/usr/bin/env bash
# From a fresh Debian 12 to the running console: installs what is missing, builds, starts on the demo feed.
#   packaging/run.sh [arguments of quarterdeck]
# Without a display it starts the engines alone (run --headless).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bash "$source_dir/packaging/install-deps.sh" build run
folder=$(configure release release)
[ -x "$folder/bin/quarterdeck" ] || say "Building Quarterdeck; the first time takes some minutes." >&2
build "$folder" quarterdeck >&2 || die "The build failed; the compiler's words are above."
program=$folder/bin/quarterdeck

export LC_ALL=${LC_ALL:-C.UTF-8}
has() {  # whether the arguments hold option $1
    local wanted=$1 argument
    shift
    for argument in "$@"; do
        case $argument in "$wanted" | "$wanted"=*) return 0 ;; esac
    done
    return 1
}

case ${1:-} in
-h | --help | -v | --version | [!-]*) exec "$program" "$@" ;;  # a question or a subcommand, as it stands
esac

arguments=("$@")
has --feed "$@" || arguments=(--feed demo "$@")

# --screenshot wants no display: the program renders in memory.
if [ -n "${DISPLAY:-}${QT_QPA_PLATFORM:-}" ] || has --screenshot "$@"; then
    exec "$program" "${arguments[@]}"
fi
data=${XDG_DATA_HOME:-$HOME/.local/share}/quarterdeck
feed=demo
for ((i = 0; i < ${#arguments[@]}; ++i)); do
    case ${arguments[i]} in
    --data-dir) data=${arguments[i + 1]:-$data} ;;
    --data-dir=*) data=${arguments[i]#--data-dir=} ;;
    --feed) feed=${arguments[i + 1]:-$feed} ;;
    --feed=*) feed=${arguments[i]#--feed=} ;;
    esac
done
cat >&2 <<TEXT
== No display here (DISPLAY is empty), so the engines run without the window.
   Data directory:  $data
   Stop:            Ctrl+C, or kill -TERM $$
   Look, from another terminal; these only read, beside the running engines:
     "$program" export ticks --data-dir "$data" --feed "$feed" --instrument BTC-USDT | tail
     "$program" export trades --data-dir "$data" --feed "$feed"
     "$program" verify --data-dir "$data" --feed "$feed"
   With a display: bash "$source_dir/packaging/run.sh" opens the window.
TEXT
exec "$program" run --headless "${arguments[@]}"
