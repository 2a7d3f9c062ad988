// A page whose subject is not in this version: says what it is for and what to do meanwhile. GUI thread.
#pragma once

#include "ui/page.h"

namespace qd::ui {

/// Where a button of the page leads.
struct Lead {
    QString text;
    QString page;
};

class ComingPage final : public Page {
    Q_OBJECT
public:
    ComingPage(const PageContext& context, const QString& title, const QString& sentence,
               const std::vector<Lead>& leads, QWidget* parent = nullptr);

protected:
    void refresh(const Snapshots&, Changes) override {}
};

} // namespace qd::ui
