#include "learning/ubjson.h"

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>

namespace qd::learning {

namespace {

using Kind = UbjValue::Kind;

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

    UbjValue whole()
    {
        auto value = read(take(), 0);
        fail_ = fail_ || !rest_.empty();
        return value;
    }
    [[nodiscard]] bool failed() const { return fail_; }
    [[nodiscard]] std::size_t at() const { return size_ - rest_.size(); }

private:
    static constexpr int deepest = 32;

    char take()
    {
        if (rest_.empty()) {
            fail_ = true;
            return 'Z';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    [[nodiscard]] bool isNext(char c) const { return !rest_.empty() && rest_.front() == c; }

    template <typename T>
    double big() // big-endian
    {
        if (rest_.size() < sizeof(T)) {
            fail_ = true;
            rest_ = {};
            return 0;
        }
        std::array<char, sizeof(T)> bytes{};
        std::memcpy(bytes.data(), rest_.data(), sizeof(T));
        std::ranges::reverse(bytes);
        rest_.remove_prefix(sizeof(T));
        return static_cast<double>(std::bit_cast<T>(bytes));
    }
    static std::size_t widthOf(char type)
    {
        switch (type) {
        case 'i':
        case 'U':
            return 1;
        case 'I':
            return 2;
        case 'l':
        case 'd':
            return 4;
        case 'L':
        case 'D':
            return 8;
        default:
            return 0;
        }
    }
    double number(char type)
    {
        switch (type) {
        case 'i':
            return big<std::int8_t>();
        case 'U':
            return big<std::uint8_t>();
        case 'I':
            return big<std::int16_t>();
        case 'l':
            return big<std::int32_t>();
        case 'L':
            return big<std::int64_t>();
        case 'd':
            return big<float>();
        case 'D':
            return big<double>();
        default:
            fail_ = true;
            return 0;
        }
    }
    /// How many elements of at least `width` bytes come; what cannot be there fails.
    std::size_t length(std::size_t width)
    {
        const char type = take();
        const double n = type == 'd' || type == 'D' ? -1 : number(type);
        if (fail_ || n < 0 || n * static_cast<double>(width) > static_cast<double>(rest_.size())) {
            fail_ = true;
            return 0;
        }
        return static_cast<std::size_t>(n);
    }
    std::string text()
    {
        const auto n = length(1);
        std::string out(rest_.substr(0, n));
        rest_.remove_prefix(n);
        return out;
    }
    UbjValue read(char type, int depth)
    {
        if (depth > deepest) {
            fail_ = true;
        }
        UbjValue out;
        switch (fail_ ? 'Z' : type) {
        case 'Z':
            return out;
        case 'T':
        case 'F':
            out.kind = Kind::Bool;
            out.number = type == 'T' ? 1 : 0;
            return out;
        case 'S':
            out.kind = Kind::Text;
            out.text = text();
            return out;
        case '[':
            return array(depth);
        case '{':
            return object(depth);
        default:
            out.kind = Kind::Number;
            out.number = number(type);
            return out;
        }
    }
    UbjValue array(int depth)
    {
        UbjValue out;
        if (isNext('$')) {
            take();
            const char type = take();
            const auto width = widthOf(type);
            if (width == 0 || take() != '#') {
                fail_ = true;
                return out;
            }
            out.kind = Kind::Numbers;
            const auto n = length(width);
            out.numbers.reserve(n);
            for (std::size_t i = 0; i < n && !fail_; ++i) {
                out.numbers.push_back(number(type));
            }
            return out;
        }
        out.kind = Kind::Array;
        if (isNext('#')) {
            take();
            const auto n = length(1);
            for (std::size_t i = 0; i < n && !fail_; ++i) {
                out.items.push_back(read(take(), depth + 1));
            }
            return out;
        }
        while (!fail_ && !isNext(']')) {
            out.items.push_back(read(take(), depth + 1));
        }
        take();
        return out;
    }
    UbjValue object(int depth)
    {
        UbjValue out{.kind = Kind::Object};
        while (!fail_ && !isNext('}')) {
            auto key = text();
            const char type = take();
            out.names.push_back(std::move(key));
            out.items.push_back(read(type, depth + 1));
        }
        take();
        return out;
    }

    std::string_view rest_;
    std::size_t size_;
    bool fail_ = false;
};

} // namespace

const UbjValue* UbjValue::find(std::string_view name) const
{
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

base::Result<UbjValue> readUbjson(std::string_view bytes)
{
    Reader reader(bytes);
    auto value = reader.whole();
    if (reader.failed()) {
        return base::fail(base::ErrorCode::Malformed, "model",
                          "no UBJSON from byte " + std::to_string(reader.at()) + " of " + std::to_string(bytes.size()));
    }
    return value;
}

} // namespace qd::learning
