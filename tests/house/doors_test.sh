# The doors of core/rooms.cmake on tiny houses of a few rooms: a forbidden USES fails at configure, a forbidden include at
# compile, and what is allowed passes.
. "$(dirname "$0")/checks.sh"

# house NAME: a project with the real rooms.cmake; its rooms come from stdin as CMake.
house() {
    mkdir -p "$scratch/$1"
    {
        echo 'cmake_minimum_required(VERSION 3.25)'
        echo 'project(house LANGUAGES CXX)'
        echo 'add_library(quarterdeck_options INTERFACE)'
        echo 'add_library(Threads::Threads INTERFACE IMPORTED)'
        echo "include(\"$source/core/rooms.cmake\")"
        echo 'function(room name text)'  # a room of one header and one source that holds TEXT
        echo '  file(MAKE_DIRECTORY ${CMAKE_SOURCE_DIR}/${name})'
        echo '  file(WRITE ${CMAKE_SOURCE_DIR}/${name}/${name}.h "inline int ${name}Thing() { return 1; }\n")'
        echo '  file(WRITE ${CMAKE_SOURCE_DIR}/${name}/${name}.cpp "${text}\nint ${name}Source() { return 1; }\n")'
        echo '  file(WRITE ${CMAKE_SOURCE_DIR}/${name}/CMakeLists.txt "quarterdeck_room(NAME ${name} SOURCES ${name}.cpp ${ARGN})\n")'
        echo '  add_subdirectory(${name})'
        echo 'endfunction()'
        cat
    } > "$scratch/$1/CMakeLists.txt"
}
configure() { cmake -G Ninja -S "$scratch/$1" -B "$scratch/$1/build" -DCMAKE_CXX_COMPILER_WORKS=ON; }
compile() { cmake --build "$scratch/$1/build"; }
# fails_saying TEXT COMMAND…: the command must fail, and say so.
fails_saying() {
    local text=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "It passed, and should have failed saying: $text"
        return 1
    fi
    # cmake folds its messages, so blanks do not count.
    printf '%s' "$output" | tr -s ' \n' ' ' | grep -qF "$text" || {
        printf 'It failed, but not saying "%s":\n%s\n' "$text" "$output"
        return 1
    }
}

house allowed <<'EOT'
room(base "")
room(market "#include \"base/base.h\"" USES base)
room(trading "#include \"base/base.h\"\n#include \"market/market.h\"\n#include \"trading/trading.h\"" USES base market)
EOT
check "rooms that use what the table allows are configured" configure allowed
check "and they compile, each including what it uses and itself" compile allowed

house uses <<'EOT'
room(base "")
room(storage "" USES base)
room(exchange "" USES base storage)
EOT
check "a USES that the table forbids fails at configure, naming both rooms" \
    fails_saying "The room 'exchange' may not use 'storage'" configure uses

house pure <<'EOT'
room(base "")
room(console "" USES base)
room(trading "" USES base console)
EOT
check "a rule may not use the console" fails_saying "The room 'trading' may not use 'console'" configure pure

house unknown <<'EOT'
room(cellar "")
EOT
check "a room that is not in the table fails at configure" fails_saying "The room 'cellar' is not in the table of doors" configure unknown

house include <<'EOT'
room(base "")
room(statistics "" USES base)
room(market "#include \"statistics/statistics.h\"" USES base)
EOT
check "a room that includes what it may not use is configured, for cmake does not read sources" configure include
check "and fails at compile" fails_saying "statistics/statistics.h: No such file or directory" compile include

house unlisted <<'EOT'
room(base "")
room(market "" USES base)
room(trading "#include \"market/market.h\"" USES base)
EOT
check "an include that the table allows but USES does not list: configured" configure unlisted
check "and fails at compile too" fails_saying "market/market.h: No such file or directory" compile unlisted

house through <<'EOT'
room(base "")
room(market "" USES base)
room(trading "" USES base market)
room(console "#include \"market/market.h\"" USES base trading)
EOT
check "a door does not open the doors behind it: configured" configure through
check "and fails at compile" fails_saying "market/market.h: No such file or directory" compile through

# The table itself, read by cmake.
cat > "$scratch/table.cmake" <<EOT
cmake_minimum_required(VERSION 3.25)
include("$source/core/rooms.cmake")
set(pure base statistics market health trading learning governance)
foreach(room base statistics market health trading learning governance console storage exchange engines ui app)
  foreach(used IN LISTS QD_DOORS_\${room})
    if(room IN_LIST QD_DOORS_\${used} OR used STREQUAL room)
      message(FATAL_ERROR "\${room} and \${used} use each other")
    endif()
    if(room IN_LIST pure AND NOT used IN_LIST pure)
      message(FATAL_ERROR "the pure room \${room} uses \${used}")
    endif()
    foreach(behind IN LISTS QD_DOORS_\${used})
      if(room IN_LIST QD_DOORS_\${behind})
        message(FATAL_ERROR "\${room}, \${used} and \${behind} go round")
      endif()
    endforeach()
  endforeach()
endforeach()
foreach(pair "storage;exchange" "exchange;storage" "ui;engines" "ui;storage" "ui;exchange" "engines;ui" "console;engines" "storage;console")
  list(GET pair 0 from)
  list(GET pair 1 to)
  if(to IN_LIST QD_DOORS_\${from})
    message(FATAL_ERROR "\${from} must not see \${to}")
  endif()
endforeach()
EOT
check "the table has no way round, keeps the pure rooms pure, and keeps storage, exchange and ui apart" cmake -P "$scratch/table.cmake"

verdict
