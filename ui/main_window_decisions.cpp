// What the palette offers for the operator's decisions.
#include "ui/decision_words.h"
#include "ui/experiments/experiments_page.h"
#include "ui/journal/journal_page.h"
#include "ui/main_window.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/strategies_page.h"

#include "base/policy.h"

namespace qd::ui {

void MainWindow::addDecisions(std::vector<PaletteEntry>& out)
{
    const auto& newest = pump_.newest();
    const QString action = tr("Action");
    for (const auto& row : newest.paper ? newest.paper->strategies : std::vector<console::StrategyRow>{}) {
        const QString name = format::text(row.name);
        const QString stage = say::stage(row.stage).toLower();
        const auto go = [this, name](bool promotes) {
            return [this, name, promotes] {
                showPage(QStringLiteral("Strategies"));
                promotes ? strategies_->promote(name) : strategies_->archive(name);
            };
        };
        if (row.stage == governance::Stage::Paper || row.stage == governance::Stage::Candidate) {
            out.push_back({action, tr("Promote %1…").arg(name), stage, go(true)});
        }
        const bool isArchived = row.stage == governance::Stage::Archived;
        out.push_back({action, isArchived ? tr("Revive %1…").arg(name) : tr("Archive %1…").arg(name), stage, go(false),
                       !isArchived});
        if (!isArchived) {
            out.push_back({action, tr("Start an experiment on %1…").arg(name), stage, [this, name] {
                               showPage(QStringLiteral("Experiments"));
                               experiments_->create(name);
                           }});
        }
    }
    if (newest.governance && !openProposals(*newest.governance).empty()) {
        const auto open = openProposals(*newest.governance).size();
        const QString hint = tr("%1 open").arg(open);
        out.push_back({action, tr("Look at the review's proposals…"), hint, [this] {
                           showPage(QStringLiteral("Strategies"));
                           strategies_->review().choose();
                       }});
        out.push_back({action, tr("Apply all proposals of the review"), hint,
                       [this] { strategies_->review().applyAll(); }, true});
    }
    out.push_back({action, tr("Dry run of tonight's review"), QStringLiteral("Ctrl+Shift+R"),
                   [this] { strategies_->review().dryRun(); }});
    out.push_back({action, tr("Hold the review now"), {}, [this] { desk_.reviewNow(); }});
    out.push_back({action, tr("New experiment…"), QStringLiteral("Ctrl+N"), [this] { newExperiment(); }});
    out.push_back(
        {action, tr("Add a note to the journal…"), QStringLiteral("Ctrl+Shift+N"), [this] { journal_->addNote(); }});
    for (const auto& entry : base::policyEntries()) {
        const QString name = format::text(entry.name);
        out.push_back({tr("Policy"), name, format::text(entry.unit), [this, name] {
                           showPage(QStringLiteral("Settings"));
                           pages_.back()->reveal(name);
                       }});
    }
}

} // namespace qd::ui
