// What waits for the operator, derived from the engines' own state and from nothing else. Pure. Any thread.
#pragma once

#include "ui/page.h"

#include <QString>

#include <vector>

namespace qd::ui {

/// What a row of *Needs you* asks for.
enum class AttentionKind : std::uint8_t { Trouble, Proposal, Verdict, Promotion, SignOff, Model, Alert };

struct Attention {
    QString key; // one for one cause, so that a row keeps its place
    console::Severity severity = console::Severity::Warning;
    QString title; // what happened
    QString text;  // what it means and what to do
    QString page;  // where it can be looked at
    AttentionKind kind = AttentionKind::Trouble;
    QString thing{};     // on that page
    QString strategy{};  // whose switch it is about; empty for none
    std::int64_t id = 0; // of the proposal or experiment
    QString evidence{};  // all figures; empty for none
    friend bool operator==(const Attention&, const Attention&) = default;
};

/// Gravest first, then what waits for a decision. Empty means that nothing needs anybody. `gates` may be missing: then
/// no promotion is among them.
[[nodiscard]] std::vector<Attention> attention(const Snapshots& snapshots, const console::Gates* gates = nullptr);

} // namespace qd::ui
