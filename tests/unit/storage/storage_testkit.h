// A temporary folder with a database in it, ticks by the thousand, and results that must be good.
#pragma once

#include "storage/database.h"
#include "storage/instrument_store.h"
#include "storage/tick_archive.h"

#include <QTemporaryDir>
#include <QTest>

#include <random>

namespace qd::testkit {

using namespace qd::storage;

/// The value of a result; a failure fails the test with the error's words.
template <typename T>
T good(base::Result<T> result)
{
    if (!result) {
        qFatal("%s: %s", result.error().subject.c_str(), result.error().detail.c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

class Store {
public:
    Store() : database_(open()) {}
    explicit Store(const std::filesystem::path& file) : file_(file), database_(open()) {}

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    Database& operator*() { return *database_; }
    Database* operator->() { return &*database_; }
    void close() { database_.reset(); }
    void reopen()
    {
        database_.reset();
        database_ = open();
    }
    base::InstrumentId add(const std::string& name, int priceDecimals = 2, int sizeDecimals = 3)
    {
        market::Instrument instrument;
        instrument.name = name;
        instrument.tick = base::Scale::ofDecimals(priceDecimals);
        instrument.lot = base::Scale::ofDecimals(sizeDecimals);
        return good(InstrumentStore(*database_).put(instrument)).id;
    }
    /// Runs `work` in a transaction.
    template <typename Work>
    void write(Work work)
    {
        good(database_->begin());
        work();
        good(database_->commit(false));
    }

private:
    std::optional<Database> open() { return good(Database::open(file_, Database::Mode::ReadWrite)); }

    QTemporaryDir folder_;
    std::filesystem::path file_ = folder_.filePath(QStringLiteral("test.db")).toStdString();
    std::optional<Database> database_;
};

/// Ids from `firstId`, numbers alike, a walk of prices, times that often repeat.
inline std::vector<NumberedTick> ticksFrom(std::int64_t firstId, std::size_t count, std::uint64_t seed = 1)
{
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(firstId));
    std::vector<NumberedTick> out;
    std::int64_t time = 1'750'000'000'000 + firstId * 100;
    std::int64_t price = 6'000'000;
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = firstId + static_cast<std::int64_t>(i);
        time = std::max(time, 1'750'000'000'000 + id * 100 + static_cast<std::int64_t>(random() % 90));
        price += static_cast<std::int64_t>(random() % 21) - 10;
        const auto size = 1 + static_cast<std::int64_t>(random() % 5'000);
        out.push_back(
            {{id}, {.id = id, .time = {time}, .price = {price}, .signedSize = random() % 2 == 0 ? size : -size}});
    }
    return out;
}

inline std::vector<NumberedTick> readAll(Database& database, base::InstrumentId instrument, TimeRange range = {})
{
    std::vector<NumberedTick> out;
    good(TickArchive(database).read(instrument, range, [&](std::span<const NumberedTick> ticks) {
        out.insert(out.end(), ticks.begin(), ticks.end());
        return true;
    }));
    return out;
}

inline std::vector<market::StreamItem> readItems(Database& database, base::InstrumentId instrument,
                                                 std::int64_t after = 0)
{
    std::vector<market::StreamItem> out;
    good(TickArchive(database).readStream(instrument, {after}, [&](std::span<const market::StreamItem> items) {
        out.insert(out.end(), items.begin(), items.end());
        return true;
    }));
    return out;
}

} // namespace qd::testkit
