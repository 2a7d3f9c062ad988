// A table of what an HTTP API answered: rows of finished cells, made from JSON by WatchLine, field by field. A figure
// that is null is shown as undefined, with the reason that the answer gives. GUI thread.
#pragma once

#include "ui/format.h"
#include "ui/widgets/table_model.h"

#include <QJsonObject>

#include <optional>
#include <vector>

namespace qd::ui {

struct WatchCell {
    QString text;
    QString below{};    // a quieter second part: an interval
    QVariant sort{};    // empty: by the text
    QString exported{}; // empty: the text made plain
    QString help{};
    std::optional<Meaning> tone{};
    bool operator==(const WatchCell&) const = default;
};

struct WatchRow {
    QString key; // what it is of; one row of a table has it
    std::vector<WatchCell> cells;
    bool operator==(const WatchRow&) const = default;
};

class WatchModel final : public RowModel<WatchRow> {
    Q_OBJECT
public:
    using RowModel::RowModel;

protected:
    [[nodiscard]] QVariant cell(const WatchRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const WatchRow& a, const WatchRow& b) const override { return a.key == b.key; }
    [[nodiscard]] bool isEqual(const WatchRow& a, const WatchRow& b) const override { return a == b; }
};

/// What every cell of an answer is made with.
struct WatchTime {
    base::UtcMs now;
    format::Zone zone = format::Zone::Local;
    bool isSilent = false; // the API does not answer: what is shown is of before
};

/// An ISO 8601 time of an answer; 0 where it is null.
[[nodiscard]] base::UtcMs timeIn(const QJsonValue& value);
[[nodiscard]] QString textIn(const QJsonObject& object, const char* name);

/// One row, cell by cell from left to right, each from a field of `object`, which outlives it.
class WatchLine {
public:
    WatchLine(QString key, const QJsonObject& object, const WatchTime& time)
        : row_{.key = std::move(key), .cells = {}},
          object_(object),
          time_(time)
    {
    }
    WatchLine& text(const char* field, std::optional<Meaning> tone = {});
    WatchLine& whole(const char* field);
    /// A text that is an exact figure: a price, a size.
    WatchLine& exact(const char* field);
    WatchLine& figure(const char* field, int decimals, const char* interval = nullptr);
    /// A share of one as percent.
    WatchLine& share(const char* field, int decimals, const char* interval = nullptr);
    /// The same with its sign and colour.
    WatchLine& gain(const char* field, int decimals, const char* interval = nullptr);
    /// USDT, with sign and colour.
    WatchLine& money(const char* field);
    WatchLine& moment(const char* field);
    WatchLine& seconds(const char* field);
    /// As the console's own window prints a probe: "21.9 s" of 21860.3 ms. Exported as it came.
    WatchLine& inUnit(const char* field, const QString& unit);
    WatchLine& yes(const char* field, const QString& word, Meaning tone);
    WatchLine& put(WatchCell cell);
    [[nodiscard]] WatchRow take() { return std::move(row_); }

private:
    WatchLine& number(const char* field, const QString& shown, std::optional<Meaning> tone, const QString& below);
    [[nodiscard]] QJsonValue at(const char* field) const { return object_.value(QLatin1String(field)); }

    WatchRow row_;
    const QJsonObject& object_;
    const WatchTime& time_;
};

} // namespace qd::ui
