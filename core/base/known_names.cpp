#include "base/known_names.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <numeric>
#include <vector>

namespace qd::base {

namespace {

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// Letters to put in, take out or change (Levenshtein), one row of the table at a time.
std::size_t distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

} // namespace

std::string unknownName(std::string_view what, std::string_view wanted, std::span<const std::string> known)
{
    constexpr std::size_t mostListed = 12;
    constexpr std::size_t longest = 100; // more is no slip of the finger
    std::string out(what);
    if (known.empty()) {
        return out + "; there is none yet";
    }
    const auto meant = lowered(wanted);
    const std::string* closest = nullptr;
    auto least = std::max<std::size_t>(1, meant.size() / 3) + 1;
    for (const auto& name : known) {
        if (meant.empty() || meant.size() > longest || name.size() > longest) {
            continue;
        }
        if (const auto apart = distance(meant, lowered(name)); apart < least) {
            least = apart;
            closest = &name;
        }
    }
    if (closest != nullptr) {
        return out + "; do you mean " + *closest + "?";
    }
    out += "; there are ";
    for (std::size_t i = 0; i < std::min(mostListed, known.size()); ++i) {
        out.append(i > 0 ? ", " : "").append(known[i]);
    }
    return known.size() > mostListed ? out + " and " + std::to_string(known.size() - mostListed) + " more" : out;
}

} // namespace qd::base
