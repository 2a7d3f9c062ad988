// The pages of a window that watches: of which path of the HTTP API each is, its columns, and how an answer becomes
// rows. Pure, but for the time zone of the machine. GUI thread.
#pragma once

#include "ui/watch/watch_model.h"

#include <span>
#include <utility>

namespace qd::ui {

/// A parameter of the path that is chosen from a list; the first is what is asked at first.
struct WatchChoice {
    const char* parameter;
    QString name;
    std::vector<std::pair<QString, QString>> values; // as shown, as asked; empty: it is left out
};
/// One that is typed; empty is left out.
struct WatchField {
    const char* parameter;
    QString hint;
    bool isName = false; // the API wants it whole: a part is completed from the rows that were seen
};

struct WatchPage {
    QString name;
    QString title;
    const char* path;
    std::vector<Column> columns;
    std::vector<WatchRow> (*rows)(const QJsonObject& answer, const WatchTime& time);
    QString empty;        // over the table without a row
    QString note{};       // under it: what is not here, and where it is
    bool isPaged = false; // it takes limit and cursor, and says total and next_cursor
    std::vector<WatchChoice> choices{};
    std::vector<WatchField> fields{};
};

[[nodiscard]] const std::vector<WatchPage>& watchPages();
inline constexpr auto watchStatusPath = "/api/v1/status"; // it is asked always: pages of it cost no question

// By file. watch_pages_live.cpp: of snapshots.
[[nodiscard]] WatchPage watchStatus();
[[nodiscard]] WatchPage watchEngines();
[[nodiscard]] WatchPage watchPositions();
[[nodiscard]] WatchPage watchStrategies();
[[nodiscard]] WatchPage watchHealth();
[[nodiscard]] WatchPage watchAlerts();
[[nodiscard]] WatchPage watchJobs();
[[nodiscard]] WatchPage watchRuns();
// watch_pages_stored.cpp: of what is stored.
[[nodiscard]] WatchPage watchEvaluations();
[[nodiscard]] WatchPage watchTrades();
[[nodiscard]] WatchPage watchModels();
[[nodiscard]] WatchPage watchExperiments();
[[nodiscard]] WatchPage watchJournal();

} // namespace qd::ui
