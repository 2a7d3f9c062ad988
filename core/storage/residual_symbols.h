// How one residual becomes a symbol of a byte and extra bits, and how these are packed. Internal to the codec. Pure.
// 0…127 exact; 128…191: exponent 7…14, 3 bits of mantissa; 192…240: exponent 15…63. The rest of the bits are extra.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace qd::storage {

inline constexpr std::size_t slack = 16; // bytes behind packed bits, so that 8 may be loaded and stored at once

struct Symbol {
    std::uint8_t code;
    std::uint8_t extraBits;
};

constexpr Symbol symbolOf(std::uint64_t value)
{
    if (value < 128) {
        return {static_cast<std::uint8_t>(value), 0};
    }
    const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
    if (exponent < 15) {
        const auto mantissa = static_cast<unsigned>(value >> (exponent - 3)) & 7U;
        return {static_cast<std::uint8_t>(128 + (exponent - 7) * 8 + mantissa),
                static_cast<std::uint8_t>(exponent - 3)};
    }
    return {static_cast<std::uint8_t>(192 + exponent - 15), static_cast<std::uint8_t>(exponent)};
}

struct SymbolTable {
    std::array<std::uint64_t, 256> base{};
    std::array<std::uint64_t, 256> mask{}; // of the extra bits
    std::array<std::uint8_t, 256> bits{};
    static constexpr unsigned illegal = 255; // of bits

    constexpr SymbolTable()
    {
        for (unsigned code = 0; code < 256; ++code) {
            if (code < 128) {
                base[code] = code;
            } else if (code < 192) {
                const unsigned exponent = 7 + (code - 128) / 8;
                base[code] = (8ULL + (code - 128) % 8) << (exponent - 3);
                bits[code] = static_cast<std::uint8_t>(exponent - 3);
            } else if (code <= 240) {
                base[code] = 1ULL << (code - 192 + 15);
                bits[code] = static_cast<std::uint8_t>(code - 192 + 15);
            } else {
                bits[code] = illegal;
                continue;
            }
            mask[code] = (1ULL << bits[code]) - 1;
        }
    }
};
inline constexpr SymbolTable symbols;

/// Packs bits into a string, lowest first. Eight bytes at a time are stored and only the whole ones kept.
class BitWriter {
public:
    /// `mostBits` is what will be put in all.
    BitWriter(std::string& out, std::size_t mostBits) : out_(out) { out_.resize(mostBits / 8 + slack); }
    void put(std::uint64_t value, unsigned bits)
    {
        if (bits > 32) { // 7 held bits and 32 new ones fit a word
            put(value & 0xffffffffULL, 32);
            value >>= 32;
            bits -= 32;
        }
        held_ |= value << used_;
        used_ += bits;
        std::memcpy(out_.data() + at_, &held_, sizeof held_);
        const auto whole = used_ / 8;
        at_ += whole;
        held_ >>= whole * 8; // at most 39 bits are held: whole is under 8
        used_ %= 8;
    }
    /// Cuts the string to what was put.
    void finish() { out_.resize(at_ + (used_ > 0 ? 1 : 0)); }

private:
    std::string& out_;
    std::size_t at_ = 0;
    std::uint64_t held_ = 0;
    unsigned used_ = 0;
};

} // namespace qd::storage
