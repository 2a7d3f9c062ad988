// What a read had to leave out: blocks that cannot be read, in their place or set aside (table damaged_blocks). Values;
// one thread an object.
#pragma once

#include "base/units.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace qd::storage {

struct MissingBlock {
    std::string name; // "BTC-USDT ticks block at 16385"
    std::string why;
    std::uint64_t rows = 0;
    base::UtcMs from; // exchange time of its first and last row
    base::UtcMs to;
    bool isSetAside = false; // else it lies where it was
    friend bool operator==(const MissingBlock&, const MissingBlock&) = default;
};

/// "BTC-USDT ticks block at 16385: 16384 rows from … to … are missing (set aside: wrong checksum)".
[[nodiscard]] std::string sentence(const MissingBlock& block);

/// Each block once, in the order in which they were met.
class MissingBlocks {
public:
    void add(MissingBlock block)
    {
        if (std::ranges::find(all_, block.name, &MissingBlock::name) == all_.end()) {
            all_.push_back(std::move(block));
        }
    }
    [[nodiscard]] const std::vector<MissingBlock>& all() const { return all_; }

private:
    std::vector<MissingBlock> all_;
};

} // namespace qd::storage
