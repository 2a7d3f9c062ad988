// Saves and restores exact state as bytes. One function names the fields for both directions, so they cannot drift:
//   template <typename Archive> void state(Archive& a) { a(count_, open_, history_); }
// Plain integers, doubles (by bits), enums, bool, strings, vectors, optionals, Count types and classes with state().
// Pure; one thread at a time. A reader that runs out of bytes, or reads an absurd length, sets failed() and yields
// zeros.
#pragma once

#include "base/units.h"

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace qd::base {

class StateWriter {
public:
    static constexpr bool isReading = false;

    template <typename... T>
    void operator()(const T&... values)
    {
        (put(values), ...);
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    template <typename T>
    void put(const T& value)
    {
        if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
        } else {
            const_cast<T&>(value).state(*this); // state() names fields and changes none when writing
        }
    }
    template <typename Tag>
    void put(const Count<Tag>& c)
    {
        put(c.value);
    }
    void put(const UtcMs& t) { put(t.value); }
    void put(const std::string& s)
    {
        put(static_cast<std::uint64_t>(s.size()));
        bytes_.append(s);
    }
    template <typename T>
    void putAll(const T& items)
    {
        put(static_cast<std::uint64_t>(items.size()));
        for (const auto& item : items) {
            put(item);
        }
    }
    template <typename T>
    void put(const std::vector<T>& v)
    {
        putAll(v);
    }
    template <typename T>
    void put(const std::deque<T>& v)
    {
        putAll(v);
    }
    template <typename T>
    void put(const std::optional<T>& o)
    {
        put(o.has_value());
        if (o) {
            put(*o);
        }
    }

    std::string bytes_;
};

class StateReader {
public:
    static constexpr bool isReading = true;

    explicit StateReader(std::string_view bytes) : rest_(bytes) {}

    template <typename... T>
    void operator()(T&... values)
    {
        (get(values), ...);
    }
    [[nodiscard]] bool failed() const { return failed_; }
    /// Everything was read and nothing is left over.
    [[nodiscard]] bool isComplete() const { return !failed_ && rest_.empty(); }

private:
    template <typename T>
    void get(T& value)
    {
        if constexpr (std::is_same_v<T, bool>) { // a byte that is neither 0 nor 1 must not become a bool
            std::uint8_t byte = 0;
            get(byte);
            failed_ = failed_ || byte > 1;
            value = byte == 1;
        } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            value = T{};
            if (rest_.size() < sizeof(T)) {
                failed_ = true;
                rest_ = {};
                return;
            }
            std::memcpy(&value, rest_.data(), sizeof(T));
            rest_.remove_prefix(sizeof(T));
        } else {
            value.state(*this);
        }
    }
    template <typename Tag>
    void get(Count<Tag>& c)
    {
        get(c.value);
    }
    void get(UtcMs& t) { get(t.value); }
    [[nodiscard]] std::uint64_t getSize()
    {
        std::uint64_t size = 0;
        get(size);
        if (size > rest_.size()) { // every item takes at least a byte
            failed_ = true;
            rest_ = {};
            return 0;
        }
        return size;
    }
    void get(std::string& s)
    {
        const auto size = getSize();
        s.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }
    template <typename T>
    void getAll(T& items)
    {
        const auto size = getSize();
        items.clear();
        for (std::uint64_t i = 0; i < size && !failed_; ++i) {
            get(items.emplace_back());
        }
    }
    template <typename T>
    void get(std::vector<T>& v)
    {
        getAll(v);
    }
    template <typename T>
    void get(std::deque<T>& v)
    {
        getAll(v);
    }
    template <typename T>
    void get(std::optional<T>& o)
    {
        bool has = false;
        get(has);
        o.reset();
        if (has && !failed_) {
            get(o.emplace());
        }
    }

    std::string_view rest_;
    bool failed_ = false;
};

} // namespace qd::base
