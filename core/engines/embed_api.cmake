# Writes OUTPUT, a C++ file that holds the page and the description of the HTTP API (FOLDER is resources/api). Called at
# build. In pieces, because compilers bound the length of one literal.
function(append_file out name file)
  file(READ ${file} content)
  string(LENGTH "${content}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${content}" ${at} 15000 piece)
    string(APPEND pieces "    out += R\"qd(${piece})qd\";\n")
    math(EXPR at "${at} + 15000")
  endwhile()
  string(APPEND ${out} "std::string ${name}()\n{\n    std::string out;\n${pieces}    return out;\n}\n\n")
  set(${out} "${${out}}" PARENT_SCOPE)
endfunction()

set(text "// Made from resources/api by core/engines/embed_api.cmake.\n#include \"engines/api_routes.h\"\n\n")
string(APPEND text "namespace qd::engines {\n\nnamespace {\n\n")
append_file(text page ${FOLDER}/status.html)
append_file(text description ${FOLDER}/openapi.json)
string(APPEND text "}  // namespace\n\n"
  "ApiAnswer apiPage(const ApiContext&, const ApiQuestion&)\n{\n    static const auto text = page();\n"
  "    return {.body = text, .type = \"text/html; charset=utf-8\"};\n}\n\n"
  "ApiAnswer apiDescription(const ApiContext&, const ApiQuestion&)\n{\n    static const auto text = description();\n"
  "    return {.body = text};\n}\n\n}  // namespace qd::engines\n")
file(WRITE ${OUTPUT} "${text}")
