// What the palette offers for the operator's decisions.
#include "ui/decision_words.h"
#include "ui/experiments/experiments_page.h"
#include "ui/health/health_page.h"
#include "ui/health/storage_pane.h"
#include "ui/journal/journal_page.h"
#include "ui/main_window.h"
#include "ui/models/model_words.h"
#include "ui/models/models_page.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/toast.h"

#include "base/policy.h"

#include <algorithm>
#include <functional>

namespace qd::ui {

/// The decisions that the request made, newest first, and none but these. One that cannot be taken back any more is
/// told, as whatever came before it must not be taken back in its place.
void MainWindow::undoByJournal(const Request& request)
{
    console::AskJournal query;
    query.by = "operator";
    query.limit = 100;
    questions_.ask(query, this, [this, request](const console::Answer& answer) {
        const auto* page = std::get_if<console::JournalPage>(&answer.value);
        std::vector<std::pair<std::int64_t, QString>> found;
        QString why = tr("the journal could not be read");
        int left = 0;
        auto ids = request.decisions;
        std::ranges::sort(ids, std::greater<>());
        for (const auto id : page != nullptr && !answer.error ? ids : std::vector<std::int64_t>{}) {
            why = tr("the journal has no such decision");
            const auto row =
                std::ranges::find_if(page->rows, [&](const console::JournalRow& one) { return one.decision.id == id; });
            if (row == page->rows.end()) {
                ++left;
            } else if (row->isUndone || !row->cannotUndo.empty()) {
                why = row->isUndone ? tr("it was taken back already") : format::text(row->cannotUndo);
                ++left;
            } else {
                found.emplace_back(id, format::text(row->decision.what));
            }
        }
        desk_.undoFound(request, found, left);
        if (found.empty()) {
            toast_->tell(tr("Not taken back: %1. %2.").arg(request.what, why), Meaning::Loss, tr("Journal"),
                         [this] { showPage(QStringLiteral("Journal")); });
        }
    });
}

void MainWindow::pauseEntries()
{
    const auto& paper = pump_.newest().paper;
    const bool isPaused = paper && paper->policy && say::isPaused(*paper->policy);
    auto* dialog = new ReasonDialog(
        theme_,
        {isPaused ? tr("Take entries again") : tr("Pause all entries"),
         isPaused
             ? tr("Strategies enter again from their next signal on.")
             : tr("No strategy enters anywhere, in shadow neither. What is open keeps its stop, its target and its "
                  "time limit. It holds over a restart, until you take entries again."),
         isPaused ? tr("Take entries") : tr("Pause entries")},
        [this, isPaused](const QString& reason) { desk_.setPaused(!isPaused, reason); }, this);
    dialog->open();
}

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
    const bool isPaused = newest.paper && newest.paper->policy && say::isPaused(*newest.paper->policy);
    out.push_back({action, isPaused ? tr("Take entries again…") : tr("Pause all entries…"),
                   QStringLiteral("Ctrl+Shift+P"), [this] { pauseEntries(); }, !isPaused});
    out.push_back({action, tr("New experiment…"), QStringLiteral("Ctrl+N"), [this] { newExperiment(); }});
    out.push_back(
        {action, tr("Add a note to the journal…"), QStringLiteral("Ctrl+Shift+N"), [this] { journal_->addNote(); }});
    out.push_back({action, tr("Back up now"), QStringLiteral("Health, Storage"), [this] {
                       showPage(QStringLiteral("Health"));
                       health_->storage().backUp();
                   }});
    addModels(out);
    for (const auto& entry : base::policyEntries()) {
        const QString name = format::text(entry.name);
        out.push_back({tr("Policy"), name, format::text(entry.unit), [this, name] {
                           showPage(QStringLiteral("Settings"));
                           pages_.back()->reveal(name);
                       }});
    }
}

void MainWindow::addModels(std::vector<PaletteEntry>& out)
{
    const auto& newest = pump_.newest();
    const auto show = [this](const QString& thing) {
        return [this, thing] {
            showPage(QStringLiteral("Models"));
            models_->reveal(thing);
        };
    };
    for (const auto& line : newest.models ? newest.models->rows : std::vector<console::ModelLine>{}) {
        const QString name = format::text(governance::versionName(line.record.name.key, line.record.name.number));
        out.push_back({tr("Model"), name, say::stage(line.record.stage).toLower(), show(name)});
    }
    for (const auto& family : newest.models ? newest.models->families : std::vector<console::ModelFamily>{}) {
        const QString name = format::text(governance::text(family.key));
        out.push_back(
            {tr("Action"), tr("Retrain %1…").arg(name), family.due.isDue ? tr("due") : QString(), [this, name] {
                 showPage(QStringLiteral("Models"));
                 models_->retrain(name);
             }});
    }
    if (newest.learning && newest.learning->running) {
        const QString name = format::text(newest.learning->running->model);
        out.push_back({tr("Action"), tr("Cancel the training of %1").arg(name),
                       format::percent(newest.learning->running->fraction, 0),
                       [this, name] { desk_.cancelRetrain(name); }, true});
    }
}

} // namespace qd::ui
