// The pages of the help: Markdown from resources/help, compiled in; policy values are put in where a page says
// {{prune.min_trades}}. Pure but for the resources; GUI thread.
#pragma once

#include "console/snapshots.h"

#include <QStringList>

#include <vector>

namespace qd::ui::help {

/// "overview", "markets", …: those that exist, in the order in which they are listed.
[[nodiscard]] QStringList pageIds();
/// Where the reader finds what is behind a page of the window ("Strategies"); the first steps where nothing is.
[[nodiscard]] QString pageFor(const QString& windowPage);
/// As written, with its placeholders; empty for an unknown id.
[[nodiscard]] QString source(const QString& id);
/// Its first heading.
[[nodiscard]] QString title(const QString& id);

/// A value as a sentence has it: 30, 60%, 20:00, on. Empty for a name that the policy does not have.
[[nodiscard]] QString policyWord(const QString& name, const console::PolicyView& policy);
/// With the values in force in place of {{names}}; a name that the policy does not have stays as it is.
[[nodiscard]] QString filled(const QString& markdown, const console::PolicyView& policy);
/// "review-time" of "Review time", as links name a heading.
[[nodiscard]] QString slug(const QString& heading);

/// A stretch of a page under one heading.
struct Section {
    QString page;
    QString pageTitle;
    QString heading; // empty: the page's beginning
    QString text;    // without marks
};
[[nodiscard]] std::vector<Section> sections(const QString& id, const console::PolicyView& policy);

struct Hit {
    Section section;
    QString around; // a line of the text about the first word found
};
/// Sections that hold every word, those that name them in a title or heading first. Nothing for no words.
[[nodiscard]] std::vector<Hit> search(const QString& words, const console::PolicyView& policy);

} // namespace qd::ui::help
