// What every file of a window that watches is written with: words, an alignment, and rows of a list in an answer. Pure.
#pragma once

#include "ui/watch/watch_model.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace qd::ui::watching {

inline constexpr auto right = Qt::AlignRight;

[[nodiscard]] inline QString tip(const char* source)
{
    return QCoreApplication::translate("watch", source);
}

template <typename MakeRow>
[[nodiscard]] std::vector<WatchRow> rowsOf(const QJsonValue& list, MakeRow makeRow)
{
    std::vector<WatchRow> out;
    const auto items = list.toArray();
    for (const auto& item : items) {
        out.push_back(makeRow(item.toObject()));
    }
    return out;
}

/// Of an answer that is a page of a list.
template <typename MakeRow>
[[nodiscard]] std::vector<WatchRow> itemsOf(const QJsonObject& answer, MakeRow makeRow)
{
    return rowsOf(answer.value(QLatin1String("items")), makeRow);
}

} // namespace qd::ui::watching
