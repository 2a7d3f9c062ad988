# The charts and what they are computed from.
quarterdeck_test(NAME chart_scale_test SOURCES chart_scale_test.cpp USES ui console governance learning health trading market statistics base
  PACKAGES Qt6::Widgets Qt6::Charts LABELS ui)
quarterdeck_test(NAME chart_test SOURCES chart_test.cpp USES ui console governance learning health trading market statistics base
  PACKAGES Qt6::Widgets Qt6::Charts LABELS ui)
quarterdeck_test(NAME markets_page_test SOURCES markets_page_test.cpp USES ui console governance learning health trading market statistics base
  PACKAGES Qt6::Widgets Qt6::Charts Qt6::Svg LABELS ui)
