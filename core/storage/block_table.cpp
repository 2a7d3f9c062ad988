#include "storage/block_table.h"

#include <algorithm>
#include <limits>

#include <sqlite3.h>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

template <typename Rows>
std::string tableOf(bool isTail)
{
    return std::string(isTail ? Rows::tails : Rows::blocks);
}

template <typename Rows>
std::string headColumns()
{
    return "id," + std::string(Rows::series) +
           ",first_key,last_key,min_time,max_time,first_number,last_number,count,bytes";
}

BlockHead readHead(const Statement& row, bool isTail)
{
    return {.row = row.integer(0),
            .series = row.integer(1),
            .isTail = isTail,
            .firstKey = row.integer(2),
            .lastKey = row.integer(3),
            .minTime = row.integer(4),
            .maxTime = row.integer(5),
            .firstNumber = row.integer(6),
            .lastNumber = row.integer(7),
            .count = row.integer(8),
            .bytes = row.integer(9)};
}

} // namespace

ReadTransaction::ReadTransaction(Database& database) : database_(database)
{
    if (sqlite3_get_autocommit(database.handle()) != 0) {
        begun_ = database.run("BEGIN");
        isOwn_ = begun_.has_value();
    }
}

ReadTransaction::~ReadTransaction()
{
    if (isOwn_) {
        database_.rollback(); // nothing was written
    }
}

Result<SeriesInfo> instrumentSeries(Database& database, InstrumentId instrument)
{
    auto statement = database.prepare("SELECT name,tick_step,lot_step FROM instruments WHERE id=?");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto row = statement->bind(0, instrument.value).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return base::fail(ErrorCode::NotFound, "instrument " + std::to_string(instrument.value), "no such instrument");
    }
    const auto tick = scaleOf(statement->text(1));
    const auto lot = scaleOf(statement->text(2));
    if (!tick || !lot) {
        return base::fail(ErrorCode::Damaged, std::string(statement->text(0)), "its scales are no numbers");
    }
    return SeriesInfo{instrument.value, std::string(statement->text(0)), {*tick, *lot}};
}

template <typename Rows>
std::string BlockTable<Rows>::label(std::string_view name, const BlockHead& head)
{
    return std::string(name) + " " + std::string(Rows::what) + (head.isTail ? " tail at " : " block at ") +
           std::to_string(head.firstKey);
}

template <typename Rows>
BlockHead BlockTable<Rows>::headOf(std::int64_t series, bool isTail, std::span<const Row> rows)
{
    BlockHead head{.series = series,
                   .isTail = isTail,
                   .minTime = std::numeric_limits<std::int64_t>::max(),
                   .maxTime = std::numeric_limits<std::int64_t>::min(),
                   .firstNumber = std::numeric_limits<std::int64_t>::max(),
                   .lastNumber = std::numeric_limits<std::int64_t>::min(),
                   .count = static_cast<std::int64_t>(rows.size())};
    if (rows.empty()) {
        return head;
    }
    head.firstKey = Rows::key(rows.front());
    head.lastKey = Rows::key(rows.back());
    for (const auto& row : rows) {
        head.minTime = std::min(head.minTime, Rows::time(row));
        head.maxTime = std::max(head.maxTime, Rows::time(row));
        head.firstNumber = std::min(head.firstNumber, Rows::number(row));
        head.lastNumber = std::max(head.lastNumber, Rows::number(row));
    }
    return head;
}

template <typename Rows>
Result<Statement*> BlockTable<Rows>::prepared(std::optional<Statement>& slot, const std::string& sql)
{
    if (!slot) {
        auto made = database_.prepare(sql);
        if (!made) {
            return std::unexpected(made.error());
        }
        slot.emplace(std::move(*made));
    }
    return &*slot;
}

template <typename Rows>
Result<void> BlockTable<Rows>::appendHeads(const std::string& where, bool ofTail, std::span<const std::int64_t> values,
                                           std::vector<BlockHead>& out)
{
    const auto index = ofTail ? std::string() : " INDEXED BY " + tableOf<Rows>(false) + "_heads";
    auto statement = database_.prepare("SELECT " + headColumns<Rows>() + " FROM " + tableOf<Rows>(ofTail) + index +
                                       where + " ORDER BY " + std::string(Rows::series) + ",first_key");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        statement->bind(static_cast<int>(i), values[i]);
    }
    while (true) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return {};
        }
        out.push_back(readHead(*statement, ofTail));
    }
}

template <typename Rows>
Result<std::vector<BlockHead>> BlockTable<Rows>::heads(std::int64_t series, const Filter& filter)
{
    std::vector<BlockHead> out;
    std::string where = " WHERE " + std::string(Rows::series) + "=? AND max_time>=? AND min_time<=?";
    std::vector<std::int64_t> values{series, filter.minTime, filter.maxTime};
    if (filter.afterNumber) {
        where += " AND last_number>?";
        values.push_back(*filter.afterNumber);
    }
    for (const bool ofTail : {false, true}) {
        if (auto read = appendHeads(where, ofTail, values, out); !read) {
            return std::unexpected(read.error());
        }
    }
    return out;
}

template <typename Rows>
Result<std::vector<BlockHead>> BlockTable<Rows>::allHeads()
{
    std::vector<BlockHead> out;
    for (const bool ofTail : {false, true}) {
        if (auto read = appendHeads("", ofTail, {}, out); !read) {
            return std::unexpected(read.error());
        }
    }
    return out;
}

template <typename Rows>
Result<Statement*> BlockTable<Rows>::rowOf(const BlockHead& head)
{
    auto statement = prepared(load_[head.isTail ? 1 : 0],
                              "SELECT tick_step,lot_step,data FROM " + tableOf<Rows>(head.isTail) + " WHERE id=?");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto row = (*statement)->bind(0, head.row).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return base::fail(ErrorCode::Damaged, "", "the row is gone");
    }
    return statement;
}

template <typename Rows>
Result<std::size_t> BlockTable<Rows>::count(const BlockHead& head)
{
    auto statement = rowOf(head);
    if (!statement) {
        return std::unexpected(statement.error());
    }
    auto rows = codec_.count((*statement)->blob(2));
    (*statement)->reset();
    return rows;
}

template <typename Rows>
Result<Scales> BlockTable<Rows>::loadRaw(const BlockHead& head, std::vector<Row>& rows)
{
    auto statement = rowOf(head);
    if (!statement) {
        return std::unexpected(statement.error());
    }
    auto& found = **statement;
    const auto tick = scaleOf(found.text(0));
    const auto lot = scaleOf(found.text(1));
    auto decoded = codec_.decode(found.blob(2), rows);
    found.reset();
    if (!decoded) {
        return std::unexpected(decoded.error());
    }
    if (!tick || !lot) {
        return base::fail(ErrorCode::Damaged, "", "its scales are no numbers");
    }
    return Scales{*tick, *lot};
}

template <typename Rows>
Result<void> BlockTable<Rows>::load(const SeriesInfo& info, const BlockHead& head, std::vector<Row>& rows)
{
    auto scales = loadRaw(head, rows);
    if (!scales) {
        scales.error().subject = label(info.name, head);
        return std::unexpected(scales.error());
    }
    if (rows.empty() || static_cast<std::int64_t>(rows.size()) != head.count ||
        Rows::key(rows.front()) != head.firstKey || Rows::key(rows.back()) != head.lastKey) {
        return base::fail(ErrorCode::Damaged, label(info.name, head), "it holds other rows than its head says");
    }
    if (const ScaleChange change(*scales, info.scales); !change.isSame()) {
        for (auto& row : rows) {
            if (!Rows::rescale(row, change)) {
                return base::fail(ErrorCode::NotOnScale, label(info.name, head),
                                  "written with steps " + stepText(scales->tick) + " and " + stepText(scales->lot) +
                                      ", which the present steps cannot express");
            }
        }
    }
    return {};
}

template <typename Rows>
Result<std::optional<BlockHead>> BlockTable<Rows>::lastBefore(std::int64_t series, std::int64_t key, bool ofTail)
{
    auto statement = prepared(before_[ofTail ? 1 : 0],
                              "SELECT " + headColumns<Rows>() + " FROM " + tableOf<Rows>(ofTail) + " WHERE " +
                                  std::string(Rows::series) + "=? AND first_key<=? ORDER BY first_key DESC LIMIT 1");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    auto& found = **statement;
    const auto row = found.bind(0, series).bind(1, key).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    std::optional<BlockHead> head;
    if (*row) {
        head = readHead(found, ofTail);
        found.reset();
    }
    return head;
}

template <typename Rows>
Result<void> BlockTable<Rows>::insert(std::int64_t series, bool intoTail, const Scales& scales,
                                      std::span<const Row> rows)
{
    const auto bytes = codec_.encode(rows);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    auto statement =
        prepared(insert_[intoTail ? 1 : 0],
                 "INSERT INTO " + tableOf<Rows>(intoTail) + "(" + std::string(Rows::series) +
                     ",first_key,last_key,min_time,max_time,first_number,last_number,count,bytes,tick_step,"
                     "lot_step,data) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto head = headOf(series, intoTail, rows);
    int at = 0;
    for (const auto value : {head.series, head.firstKey, head.lastKey, head.minTime, head.maxTime, head.firstNumber,
                             head.lastNumber, head.count, static_cast<std::int64_t>(bytes->size())}) {
        (*statement)->bind(at++, value);
    }
    return (*statement)
        ->bind(at, stepText(scales.tick))
        .bind(at + 1, stepText(scales.lot))
        .bindBlob(at + 2, *bytes)
        .run();
}

template <typename Rows>
Result<void> BlockTable<Rows>::remove(const BlockHead& head)
{
    auto statement = database_.prepare("DELETE FROM " + tableOf<Rows>(head.isTail) + " WHERE id=?");
    return statement ? statement->bind(0, head.row).run() : std::unexpected(statement.error());
}

template <typename Rows>
Result<void> BlockTable<Rows>::removeTail(std::int64_t series, std::int64_t fromKey)
{
    auto statement = prepared(removeTail_, "DELETE FROM " + tableOf<Rows>(true) + " WHERE " +
                                               std::string(Rows::series) + "=? AND first_key>=?");
    return statement ? (*statement)->bind(0, series).bind(1, fromKey).run() : std::unexpected(statement.error());
}

template class BlockTable<TickRows>;
template class BlockTable<QuoteRows>;
template class BlockTable<CandleRows>;

} // namespace qd::storage
