#include "storage/series_writer.h"

#include <algorithm>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t mergeAt = 16; // pieces of a size class

template <typename Rows>
auto lowerBound(const std::vector<typename Rows::Row>& rows, std::int64_t key)
{
    return std::ranges::lower_bound(rows, key, {}, [](const auto& row) { return Rows::key(row); });
}

/// Puts `row` and `rows` on one scale: the present one if the block can go there, else the block's own.
template <typename Rows>
bool agreeOnScale(const Scales& present, Scales& own, std::vector<typename Rows::Row>& rows, typename Rows::Row& row)
{
    if (present == own) {
        return true;
    }
    auto converted = rows;
    const ScaleChange toPresent(own, present);
    if (std::ranges::all_of(converted, [&](auto& r) { return Rows::rescale(r, toPresent); })) {
        rows = std::move(converted);
        own = present;
        return true;
    }
    return Rows::rescale(row, ScaleChange(present, own));
}

} // namespace

template <typename Rows>
auto SeriesWriter<Rows>::signatureOf(std::int64_t series) -> Result<Signature>
{
    if (!signature_) {
        const std::string name(Rows::series);
        const std::string tails(Rows::tails);
        const std::string blocks(Rows::blocks);
        auto made = database_.prepare("SELECT count(*),ifnull(sum(count),0),ifnull(sum(bytes),0),"
                                      "(SELECT ifnull(max(id),0) FROM " +
                                      blocks + " WHERE id=(SELECT id FROM " + blocks + " WHERE " + name +
                                      "=?1 ORDER BY first_key DESC LIMIT 1)),ifnull(max(last_key),0) FROM " + tails +
                                      " WHERE " + name + "=?1");
        if (!made) {
            return std::unexpected(made.error());
        }
        signature_.emplace(std::move(*made));
    }
    const auto row = signature_->bind(0, series).step();
    if (!row) {
        return std::unexpected(row.error());
    }
    const Signature found{signature_->integer(0), signature_->integer(1), signature_->integer(2),
                          signature_->integer(3), signature_->integer(4)};
    signature_->reset();
    return found;
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::sign(std::int64_t series, Tail& tail)
{
    const auto signature = signatureOf(series);
    if (!signature) {
        return std::unexpected(signature.error());
    }
    tail.signature = *signature;
    return {};
}

template <typename Rows>
auto SeriesWriter<Rows>::tailOf(const SeriesInfo& info) -> Result<Tail*>
{
    const auto known = tails_.find(info.series);
    if (known != tails_.end()) {
        const auto signature = signatureOf(info.series);
        if (!signature) {
            return std::unexpected(signature.error());
        }
        if (*signature == known->second.signature) {
            return &known->second;
        }
        tails_.erase(known);
    }
    Tail tail;
    if (auto loaded = load(info, tail); !loaded) {
        return std::unexpected(loaded.error());
    }
    return &tails_.emplace(info.series, std::move(tail)).first->second;
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::load(const SeriesInfo& info, Tail& tail)
{
    tail.scales = info.scales;
    const auto last = table_.lastBefore(info.series, INT64_MAX, false);
    if (!last) {
        return std::unexpected(last.error());
    }
    if (*last) {
        tail.lastBlockKey = (*last)->lastKey;
    }
    const auto heads = table_.heads(info.series, {});
    if (!heads) {
        return std::unexpected(heads.error());
    }
    std::vector<Row> rows;
    for (const auto& head : *heads) {
        if (!head.isTail) {
            continue;
        }
        const auto scales = table_.loadRaw(head, rows);
        const bool isGood = scales && !rows.empty() && (tail.rows.empty() || *scales == tail.scales);
        if (!isGood) { // it must not stop what comes
            const auto why =
                scales ? std::string("other steps or fewer rows than its head says") : scales.error().detail;
            if (auto moved = table_.setAside(info, head, why); !moved) {
                return std::unexpected(moved.error());
            }
            continue;
        }
        tail.scales = *scales;
        tail.pieces.push_back({Rows::key(rows.front()), tail.rows.size()});
        tail.rows.insert(tail.rows.end(), rows.begin(), rows.end());
    }
    return sign(info.series, tail);
}

template <typename Rows>
Result<std::optional<std::int64_t>> SeriesWriter<Rows>::newest(const SeriesInfo& info)
{
    const auto tail = tailOf(info);
    if (!tail) {
        return std::unexpected(tail.error());
    }
    return (*tail)->newest();
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::append(const SeriesInfo& info, std::span<const Row> rows)
{
    while (!rows.empty()) {
        const auto found = tailOf(info);
        if (!found) {
            return std::unexpected(found.error());
        }
        auto& tail = **found;
        auto newest = tail.newest();
        std::size_t run = 0;
        while (run < rows.size() && (!newest || Rows::key(rows[run]) > *newest)) {
            newest = Rows::key(rows[run]);
            ++run;
        }
        if (run > 0) {
            if (auto added = appendRun(info, tail, rows.first(run)); !added) {
                return added;
            }
        } else {
            run = 1;
            if (auto added = insert(info, rows.front()); !added) {
                return std::unexpected(added.error());
            }
        }
        rows = rows.subspan(run);
    }
    return {};
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::insertIntoHole(const SeriesInfo& info, std::span<const Row> rows)
{
    if (rows.empty()) {
        return {};
    }
    for (const bool ofTail : {false, true}) { // blocks are disjoint: the last that begins at or before the end decides
        const auto before = table_.lastBefore(info.series, Rows::key(rows.back()), ofTail);
        if (!before) {
            return std::unexpected(before.error());
        }
        if (*before && (*before)->lastKey >= Rows::key(rows.front())) {
            return base::fail(ErrorCode::Conflict, table_.label(info.name, **before), "something lies there already");
        }
    }
    while (!rows.empty()) {
        const auto part = rows.first(std::min(rows.size(), Rows::blockRows));
        if (auto added = table_.insert(info.series, false, info.scales, part); !added) {
            return added;
        }
        rows = rows.subspan(part.size());
    }
    tails_.erase(info.series); // its newest block may be another now
    return {};
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::appendRun(const SeriesInfo& info, Tail& tail, std::span<const Row> rows)
{
    if (tail.scales != info.scales) { // a block has one scale
        if (auto folded = fold(info.series, tail); !folded) {
            return folded;
        }
        tail.scales = info.scales;
    }
    auto begin = tail.rows.size(); // first row that no piece holds yet
    while (!rows.empty()) {
        const auto part = rows.first(std::min(rows.size(), Rows::blockRows - tail.rows.size()));
        tail.rows.insert(tail.rows.end(), part.begin(), part.end());
        rows = rows.subspan(part.size());
        if (tail.rows.size() == Rows::blockRows) {
            if (auto folded = fold(info.series, tail); !folded) {
                return folded;
            }
            begin = 0;
        }
    }
    if (begin < tail.rows.size()) {
        if (auto added = addPiece(info.series, tail, begin); !added) {
            return added;
        }
        if (auto merged = mergePieces(info.series, tail); !merged) {
            return merged;
        }
    }
    return sign(info.series, tail);
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::fold(std::int64_t series, Tail& tail)
{
    if (tail.rows.empty()) {
        return {};
    }
    if (!tail.pieces.empty()) {
        if (auto removed = table_.removeTail(series, INT64_MIN); !removed) {
            return removed;
        }
    }
    if (auto added = table_.insert(series, false, tail.scales, tail.rows); !added) {
        return added;
    }
    const auto last = Rows::key(tail.rows.back());
    tail.lastBlockKey = std::max(tail.lastBlockKey.value_or(last), last);
    tail.rows.clear();
    tail.pieces.clear();
    return {};
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::addPiece(std::int64_t series, Tail& tail, std::size_t begin)
{
    const auto rows = std::span<const Row>(tail.rows).subspan(begin);
    tail.pieces.push_back({Rows::key(rows.front()), begin});
    return table_.insert(series, true, tail.scales, rows);
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::mergePieces(std::int64_t series, Tail& tail)
{
    for (std::size_t most = mergeAt; most < Rows::blockRows; most *= mergeAt) {
        if (tail.rows.size() - tail.pieces.back().begin >= most) {
            continue; // the newest is of a larger class
        }
        std::size_t first = tail.pieces.size();
        auto end = tail.rows.size();
        while (first > 0 && end - tail.pieces[first - 1].begin < most) {
            --first;
            end = tail.pieces[first].begin;
        }
        if (tail.pieces.size() - first < mergeAt) {
            return {};
        }
        const auto merged = tail.pieces[first];
        if (auto removed = table_.removeTail(series, merged.firstKey); !removed) {
            return removed;
        }
        tail.pieces.resize(first);
        if (auto added = addPiece(series, tail, merged.begin); !added) {
            return added;
        }
    }
    return {};
}

template <typename Rows>
Result<bool> SeriesWriter<Rows>::insert(const SeriesInfo& info, const Row& row)
{
    const auto found = tailOf(info);
    if (!found) {
        return std::unexpected(found.error());
    }
    auto& tail = **found;
    const auto key = Rows::key(row);
    if (const auto newest = tail.newest(); !newest || key > *newest) {
        const auto added = appendRun(info, tail, std::span(&row, 1));
        return added ? Result<bool>(true) : std::unexpected(added.error());
    }
    const bool isTails =
        !tail.rows.empty() && (key >= Rows::key(tail.rows.front()) || !tail.lastBlockKey || key > *tail.lastBlockKey);
    if (isTails && tail.scales != info.scales) { // what belongs into the tail belongs into the block it becomes
        if (auto folded = fold(info.series, tail); !folded) {
            return std::unexpected(folded.error());
        }
    }
    auto inserted = isTails && !tail.rows.empty() ? insertIntoTail(info.series, tail, row) : insertIntoBlock(info, row);
    if (inserted) {
        if (auto signedNow = sign(info.series, tail); !signedNow) {
            return std::unexpected(signedNow.error());
        }
    }
    return inserted;
}

template <typename Rows>
Result<bool> SeriesWriter<Rows>::insertIntoTail(std::int64_t series, Tail& tail, const Row& row)
{
    const auto place = lowerBound<Rows>(tail.rows, Rows::key(row));
    if (place != tail.rows.end() && Rows::key(*place) == Rows::key(row)) {
        return false;
    }
    const auto index = static_cast<std::size_t>(place - tail.rows.begin());
    tail.rows.insert(place, row);
    if (tail.rows.size() >= Rows::blockRows) {
        const auto folded = fold(series, tail);
        return folded ? Result<bool>(true) : std::unexpected(folded.error());
    }
    auto piece = std::ranges::upper_bound(tail.pieces, index, {}, &Piece::begin);
    piece = piece == tail.pieces.begin() ? piece : std::prev(piece);
    const auto old = table_.lastBefore(series, piece->firstKey, true);
    if (!old || !*old) {
        return old ? Result<bool>(base::fail(ErrorCode::Internal, "", "a tail's piece is gone"))
                   : std::unexpected(old.error());
    }
    if (auto removed = table_.remove(**old); !removed) {
        return std::unexpected(removed.error());
    }
    for (auto later = std::next(piece); later != tail.pieces.end(); ++later) {
        ++later->begin;
    }
    const auto end = std::next(piece) == tail.pieces.end() ? tail.rows.size() : std::next(piece)->begin;
    const auto rows = std::span<const Row>(tail.rows).subspan(piece->begin, end - piece->begin);
    piece->firstKey = Rows::key(rows.front());
    const auto added = table_.insert(series, true, tail.scales, rows);
    return added ? Result<bool>(true) : std::unexpected(added.error());
}

template <typename Rows>
Result<std::optional<BlockHead>> SeriesWriter<Rows>::blockFor(std::int64_t series, std::int64_t key)
{
    auto head = table_.lastBefore(series, key, false);
    if (!head || *head) {
        return head;
    }
    const auto all = table_.heads(series, {});
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto first = std::ranges::find(*all, false, &BlockHead::isTail);
    return first == all->end() ? std::nullopt : std::optional(*first);
}

/// Whatever the damaged block held is lost, this row too: it is kept anew.
template <typename Rows>
Result<bool> SeriesWriter<Rows>::insertBesideDamaged(const SeriesInfo& info, const Row& row, const BlockHead& damaged,
                                                     const std::string& why)
{
    const auto moved = table_.setAside(info, damaged, why);
    if (!moved) {
        return std::unexpected(moved.error());
    }
    if (*moved) {
        return insertIntoBlock(info, row);
    }
    if (damaged.firstKey == Rows::key(row)) {
        return false; // its place is taken by what cannot be taken away
    }
    const auto added = table_.insert(info.series, false, info.scales, std::span(&row, 1));
    return added ? Result<bool>(true) : std::unexpected(added.error());
}

template <typename Rows>
Result<bool> SeriesWriter<Rows>::insertIntoBlock(const SeriesInfo& info, const Row& row)
{
    const auto head = blockFor(info.series, Rows::key(row));
    if (!head) {
        return std::unexpected(head.error());
    }
    if (!*head) { // the only one was set aside
        const auto added = table_.insert(info.series, false, info.scales, std::span(&row, 1));
        return added ? Result<bool>(true) : std::unexpected(added.error());
    }
    std::vector<Row> rows;
    auto scales = table_.loadRaw(**head, rows);
    if (!scales) {
        return scales.error().code == ErrorCode::Damaged ? insertBesideDamaged(info, row, **head, scales.error().detail)
                                                         : std::unexpected(scales.error());
    }
    auto fresh = row;
    if (!agreeOnScale<Rows>(info.scales, *scales, rows, fresh)) {
        return base::fail(ErrorCode::NotOnScale, table_.label(info.name, **head), "a late row does not fit its steps");
    }
    const auto place = lowerBound<Rows>(rows, Rows::key(row));
    if (place != rows.end() && Rows::key(*place) == Rows::key(row)) {
        return false;
    }
    rows.insert(place, fresh);
    if (auto removed = table_.remove(**head); !removed) {
        return std::unexpected(removed.error());
    }
    const auto all = std::span<const Row>(rows);
    const auto first = rows.size() > Rows::blockRows ? rows.size() / 2 : rows.size();
    for (const auto part : {all.first(first), all.subspan(first)}) {
        if (part.empty()) {
            continue;
        }
        if (auto added = table_.insert(info.series, false, *scales, part); !added) {
            return std::unexpected(added.error());
        }
    }
    return true;
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::foldTail(const SeriesInfo& info)
{
    const auto tail = tailOf(info);
    auto folded = tail ? fold(info.series, **tail) : std::unexpected(tail.error());
    tails_.erase(info.series);
    return folded;
}

template <typename Rows>
Result<void> SeriesWriter<Rows>::seal()
{
    const auto heads = table_.allHeads();
    if (!heads) {
        return std::unexpected(heads.error());
    }
    std::int64_t done = INT64_MIN;
    for (const auto& head : *heads) {
        if (!head.isTail || head.series == done) { // tails come by series
            continue;
        }
        done = head.series;
        const auto tail =
            tailOf({.series = head.series, .name = "series " + std::to_string(head.series), .scales = {}});
        if (!tail) {
            return std::unexpected(tail.error());
        }
        if (auto folded = fold(head.series, **tail); !folded) {
            return folded;
        }
        if (auto signedNow = sign(head.series, **tail); !signedNow) {
            return signedNow;
        }
    }
    return {};
}

template class SeriesWriter<TickRows>;
template class SeriesWriter<QuoteRows>;
template class SeriesWriter<CandleRows>;

} // namespace qd::storage
