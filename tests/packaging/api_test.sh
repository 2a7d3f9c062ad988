# --api-port and --api-bind of the program itself: wrong usage, an answer, a taken port that is told with its holder, and the warning
# where other machines may read.
. "$(dirname "$0")/../house/checks.sh"
program=$build/bin/quarterdeck
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
export XDG_DATA_HOME=$scratch/data
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$scratch"' EXIT

refuses() {
    local code=0
    "$program" run --headless "$@" > "$scratch/out2" 2> "$scratch/err2" || code=$?
    [ "$code" -eq 2 ] && [ ! -s "$scratch/out2" ] && [ "$(wc -l < "$scratch/err2")" -eq 1 ]
}
check "a port beyond 65535 is wrong usage" refuses --api-port 65536
check "a port that is no number is wrong usage" refuses --api-port http
check "an address that is a name is wrong usage" refuses --api-bind localhost

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# runs NAME OPTIONS…: the engines in the background, on a data directory of their own.
runs() {
    local name=$1
    shift
    "$program" run --headless --history 0 --data-dir "$scratch/$name" "$@" > "$scratch/$name.out" 2> "$scratch/$name.err" &
    running=$!
}
ends() { kill -TERM "$running" && wait "$running"; }
says() { # NAME PATTERN: on stderr, within two minutes
    for _ in $(seq 1 600); do
        ! grep -qE "$2" "$scratch/$1.err" || return 0
        sleep 0.2
    done
    cat "$scratch/$1.err"
    return 1
}
answers() { # PORT PATH WORD
    for _ in $(seq 1 600); do
        ! python3 -c 'import sys, urllib.request as u; print(u.urlopen(f"http://127.0.0.1:{sys.argv[1]}{sys.argv[2]}", timeout=20).read().decode())' \
            "$1" "$2" 2> /dev/null | grep -q "$3" || return 0
        sleep 0.2
    done
    return 1
}

port=$(free_port)
runs open --api-port "$port"
first=$running
check "the status is answered" answers "$port" /api/v1/status '"feed":"demo"'
check "the page is answered" answers "$port" / '<title>Quarterdeck</title>'
token_is_private() { [ "$(stat -c %a "$scratch/open/api-token")" = 600 ]; }
check "the token is its owner's alone" token_is_private
runs second --api-port "$port"
check "a taken port is told with the process that holds it" says second "held by quarterdeck \(pid [0-9]+\)"
check "without its API it runs, and ends well" ends
running=$first
check "and so does the one that holds it" ends

port=$(free_port)
runs wide --api-port "$port" --api-bind 0.0.0.0
check "where other machines may read, it warns" says wide "whoever reaches this address reads"
check "and answers" answers "$port" /metrics quarterdeck_build_info
check "and ends well" ends
verdict
