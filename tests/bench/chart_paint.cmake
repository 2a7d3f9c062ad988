# One frame of the candle chart beside Qt Charts' own; printed as JSON, not a test.
add_executable(chart_paint ${CMAKE_CURRENT_LIST_DIR}/chart_paint.cpp)
target_include_directories(chart_paint PRIVATE ${CMAKE_CURRENT_LIST_DIR}/..)
quarterdeck_sees(chart_paint ui console trading market base)
target_link_libraries(chart_paint PRIVATE Qt6::Widgets Qt6::Charts)
