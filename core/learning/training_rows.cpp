#include "learning/training_rows.h"

#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace qd::learning {

namespace {

template <typename T>
std::string_view bytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

} // namespace

RowLosses& RowLosses::operator+=(const RowLosses& other)
{
    warmUp += other.warmUp;
    gap += other.gap;
    labelGap += other.labelGap;
    labelEdge += other.labelEdge;
    undefined += other.undefined;
    thinned += other.thinned;
    return *this;
}

std::string sentence(const RowLosses& losses, std::size_t rows)
{
    std::string out = std::to_string(rows) + " rows";
    const std::pair<std::uint64_t, const char*> reasons[] = {{losses.warmUp, "lack warm-up"},
                                                             {losses.gap, "touch a gap"},
                                                             {losses.labelGap, "have a label that crosses a gap"},
                                                             {losses.labelEdge, "have a label beyond the data"},
                                                             {losses.undefined, "have no label"},
                                                             {losses.thinned, "thinned out"}};
    const char* separator = "; left out: ";
    for (const auto& [count, why] : reasons) {
        if (count > 0) {
            out += separator + std::to_string(count) + " " + why;
            separator = ", ";
        }
    }
    return out;
}

std::vector<LabelSpan> TrainingRows::spans() const
{
    std::vector<LabelSpan> out(tags.size());
    std::ranges::transform(tags, out.begin(), &RowTag::span);
    return out;
}

void TrainingRows::append(std::span<const float> row, float label, const RowTag& tag)
{
    values.insert(values.end(), row.begin(), row.end());
    labels.push_back(label);
    tags.push_back(tag);
}

void TrainingRows::merge(TrainingRows other)
{
    losses += other.losses;
    if (size() == 0) {
        const auto kept = losses;
        *this = std::move(other);
        losses = kept;
        return;
    }
    values.insert(values.end(), other.values.begin(), other.values.end());
    labels.insert(labels.end(), other.labels.begin(), other.labels.end());
    tags.insert(tags.end(), other.tags.begin(), other.tags.end());
    std::vector<std::uint32_t> order(size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {},
                      [&](std::uint32_t i) { return std::tuple(tags[i].span.t0, tags[i].series, -tags[i].side, i); });
    auto sorted = selected(order);
    sorted.losses = losses;
    *this = std::move(sorted);
}

TrainingRows TrainingRows::selected(std::span<const std::uint32_t> rows) const
{
    TrainingRows out{.columns = columns, .names = names};
    out.values.reserve(rows.size() * columns);
    out.labels.reserve(rows.size());
    out.tags.reserve(rows.size());
    for (const auto i : rows) {
        out.append(row(i), labels[i], tags[i]);
    }
    return out;
}

TrainingRows TrainingRows::onlyColumns(std::size_t first, std::size_t count) const
{
    TrainingRows out{.columns = count, .labels = labels, .tags = tags, .losses = losses};
    out.names.assign(names.begin() + static_cast<std::ptrdiff_t>(first),
                     names.begin() + static_cast<std::ptrdiff_t>(first + count));
    out.values.reserve(size() * count);
    for (std::size_t i = 0; i < size(); ++i) {
        const auto part = row(i).subspan(first, count);
        out.values.insert(out.values.end(), part.begin(), part.end());
    }
    return out;
}

std::vector<std::uint8_t> TrainingRows::classes() const
{
    std::vector<std::uint8_t> out(labels.size());
    std::ranges::transform(labels, out.begin(), [](float v) { return static_cast<std::uint8_t>(v > 0.5F ? 1 : 0); });
    return out;
}

std::string TrainingRows::hash() const
{
    base::Sha256 hash;
    for (const auto& name : names) {
        hash.add(name + "\n");
    }
    hash.add(bytesOf(values));
    hash.add(bytesOf(labels));
    for (const auto& tag : tags) {
        const std::array<std::int64_t, 4> fields{tag.span.t0, tag.span.t1, tag.series, tag.side};
        hash.add({reinterpret_cast<const char*>(fields.data()), sizeof fields});
    }
    return hash.hex();
}

double TrainingRows::overlap() const
{
    if (tags.empty()) {
        return 1;
    }
    const auto times = spans();
    double later = 0; // rows that begin while a row's label still looks
    for (std::size_t i = 0; i < times.size(); ++i) {
        const auto end = std::ranges::upper_bound(times.begin() + static_cast<std::ptrdiff_t>(i), times.end(),
                                                  times[i].t1, {}, &LabelSpan::t0);
        later += static_cast<double>(end - times.begin()) - static_cast<double>(i);
    }
    return later / static_cast<double>(times.size());
}

} // namespace qd::learning
