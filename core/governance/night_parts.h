// What the files of the night report share with each other. Pure. Any thread.
#pragma once

#include "governance/night_figures.h"

namespace qd::governance {

/// In which at least one interruption was, so that two causes at once count once. `gaps` by time.
[[nodiscard]] double secondsWithGaps(std::span<const NightGap> gaps);
[[nodiscard]] std::string numberText(double value, int decimals); // "1.5"

/// A reason as a cell of a table: its first sentence, with " …" where there is more.
[[nodiscard]] std::string firstSentence(const std::string& reason);

} // namespace qd::governance
