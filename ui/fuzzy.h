// How well a few typed letters name a thing. Pure. Any thread.
#pragma once

#include <QString>

#include <optional>

namespace qd::ui {

/// The letters of `typed` in this order in `name`, case aside: greater is better, empty is no match. Beginnings of
/// words and letters side by side count more; among equals the shorter name wins. An empty `typed` matches everything
/// with 0.
[[nodiscard]] std::optional<int> fuzzyScore(QStringView typed, QStringView name);

} // namespace qd::ui
