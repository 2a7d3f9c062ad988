// What waits for the operator, derived from the engines' own state and from nothing else. Pure. Any thread.
#pragma once

#include "ui/page.h"

#include <QString>

#include <vector>

namespace qd::ui {

struct Attention {
    QString key; // one for one cause, so that a row keeps its place
    console::Severity severity = console::Severity::Warning;
    QString title; // what happened
    QString text;  // what it means and what to do
    QString page;  // where it can be looked at
    friend bool operator==(const Attention&, const Attention&) = default;
};

/// Gravest first. Empty means that nothing needs anybody.
[[nodiscard]] std::vector<Attention> attention(const Snapshots& snapshots);

} // namespace qd::ui
