#include "ui/execution/stop_lab_card.h"

#include "trading/strategy_catalogue.h"
#include "ui/command_desk.h"
#include "ui/questions.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/progress_card.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QCoreApplication>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSignalBlocker>
#include <QStackedWidget>

#include <algorithm>
#include <array>
#include <cmath>

namespace qd::ui {

namespace {

const QString strategyKey = QStringLiteral("execution/lab.strategy");
const QString figureKey = QStringLiteral("execution/lab.figure");

enum Side : int { Start, Progress, Result };

QString expectancyText(const console::StopLabFigures& figures)
{
    return figures.expectancy ? format::signedPercent(*figures.expectancy, 3) : format::undefined();
}

} // namespace

QString labVerdict(const console::StopLab& lab)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("execution", text); };
    if (!lab.best || *lab.best >= lab.cells.size()) {
        return say("No cell has enough trades on the older half of the entries to be called the best.");
    }
    const auto target = axisTexts(lab.targets)[static_cast<qsizetype>(*lab.best / lab.stops.size())];
    const auto stop = axisTexts(lab.stops)[static_cast<qsizetype>(*lab.best % lab.stops.size())];
    const auto first =
        say("Best by expectancy on the older half: stop %1, target %2, %3 a trade in %4 trades. On the newer "
            "half, %7 trades, it made %5, today's setting %6.")
            .arg(stop, target, expectancyText(lab.bestOnOlder), format::count(lab.bestOnOlder.trades),
                 expectancyText(lab.bestOnNewer), expectancyText(lab.todayOnNewer),
                 format::count(lab.bestOnNewer.trades));
    const auto& best = lab.bestOnNewer.expectancy;
    const auto& today = lab.todayOnNewer.expectancy;
    if (!best || !today || lab.bestOnNewer.trades < lab.greyTrades) {
        return first + QLatin1Char(' ') + say("Too few trades to judge it.");
    }
    return first + QLatin1Char(' ') +
           (*best <= *today ? say("It did no better there: stops are not the cause.")
            : *best <= 0    ? say("It lost less there, but still lost: stops alone are not the cause.")
                            : say("It did better there, on entries that it was not chosen on."));
}

std::optional<LabSetting> labSetting(const console::StopLab& lab, std::size_t cell, const console::StrategyRow& row)
{
    const auto* info = trading::findStrategy(row.name);
    if (info == nullptr || cell >= lab.cells.size() || lab.stopNow <= 0 || lab.targetNow <= 0) {
        return std::nullopt;
    }
    trading::ParameterSet set(info->name, info->parameters);
    for (const auto& [name, value] : row.parameters) {
        if (!set.set(name, value)) {
            return std::nullopt;
        }
    }
    LabSetting out;
    out.former = set.text();
    const auto scale = [&](std::string_view name, double ratio, double& before, double& after) {
        const auto legal = std::ranges::find(info->parameters, name, &trading::Parameter::name);
        if (legal == info->parameters.end()) {
            return false;
        }
        before = set[name];
        after = std::clamp(std::round(before * ratio * 100) / 100, legal->least, legal->most);
        return set.set(name, after).has_value();
    };
    const bool isKnown =
        scale("stop_atr", lab.stops[cell % lab.stops.size()] / lab.stopNow, out.formerStop, out.stop) &&
        scale("target_atr", lab.targets[cell / lab.stops.size()] / lab.targetNow, out.formerTarget, out.target);
    out.parameters = set.text();
    return isKnown && out.parameters != out.former ? std::optional(out) : std::nullopt;
}

StopLabCard::StopLabCard(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Stop lab"), parent),
      context_(context),
      strategy_(new QComboBox(this)),
      run_(new QPushButton(tr("Run"), this)),
      stack_(new QStackedWidget(this))
{
    strategy_->setAccessibleName(tr("Strategy of the stop lab"));
    strategy_->setToolTip(tr("Whose entries are replayed"));
    strategy_->addItem(tr("All strategies"));
    const auto remembered = context.memory.value(strategyKey).toString();
    if (!remembered.isEmpty()) {
        strategy_->addItem(remembered);
        strategy_->setCurrentIndex(1);
    }
    connect(strategy_, &QComboBox::currentIndexChanged, this, [this](int index) {
        context_.memory.setValue(strategyKey, index > 0 ? strategy_->currentText() : QString());
    });
    run_->setDefault(true);
    run_->setAutoDefault(false);
    run_->setToolTip(tr("Replays the past entries on the archive's ticks under a grid of stops and targets"));
    connect(run_, &QPushButton::clicked, this, &StopLabCard::run);
    addToHeader(strategy_);
    addToHeader(run_);
    stack_->addWidget(buildStart());
    progress_ = new ProgressCard(context.theme, stack_);
    progress_->setCancellable(true);
    connect(progress_, &ProgressCard::cancelled, this, &StopLabCard::cancel);
    auto* running = new QWidget(stack_);
    auto* column = new QVBoxLayout(running);
    column->addStretch(1);
    column->addWidget(progress_);
    column->addStretch(1);
    stack_->addWidget(running);
    stack_->addWidget(buildResult());
    setContent(stack_);
    showIdle();
}

QWidget* StopLabCard::buildStart()
{
    auto* page = new QWidget(stack_);
    empty_ = new EmptyState(context_.theme, tr("Would other stops have helped?"),
                            tr("Past entries are replayed on the recorded ticks under a grid of stops and targets. The "
                               "best cell is chosen on the older half of them and judged on the newer."),
                            page);
    connect(empty_->addButton(tr("Run the stop lab")), &QPushButton::clicked, this, &StopLabCard::run);
    failure_ = new TextLabel(context_.theme, FontRole::Body, Meaning::Warning, {}, page);
    failure_->setWordWrap(true);
    failure_->setAlignment(Qt::AlignCenter);
    failure_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    failure_->hide();
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(failure_);
    column->addWidget(empty_, 1);
    return page;
}

QWidget* StopLabCard::buildResult()
{
    auto* page = new QWidget(stack_);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    auto* group = new QButtonGroup(this);
    const std::array names{tr("Profit factor"), tr("Expectancy, %"), tr("Win rate, %"), tr("Trades")};
    const std::array helps{tr("What was won for each USDT lost; 1 is even"),
                           tr("Mean net result of a trade, % of its notional"),
                           tr("Share of trades with a net gain; neither good nor bad by itself"),
                           tr("How many entries the cell's figures stand on")};
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto* button = new PillButton(context_.theme, names[i], page);
        button->setCheckable(true);
        button->setToolTip(helps[i]);
        button->setAccessibleDescription(helps[i]);
        group->addButton(button, static_cast<int>(i));
        row->addWidget(button);
        figures_.push_back(button);
    }
    row->addStretch(1);
    auto* legend =
        new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, tr("rows target, columns stop"), page);
    legend->setToolTip(
        tr("The amber outline is the cell nearest to today's setting; the one with a corner is the best on "
           "the older half; grey cells have too few trades, as each of them says."));
    row->addWidget(legend);
    connect(group, &QButtonGroup::idClicked, this, &StopLabCard::chooseFigure);
    map_ = new HeatMap(context_.theme, page);
    verdict_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted, {}, page);
    verdict_->setWordWrap(true);
    verdict_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    apply_ = new QPushButton(tr("Apply a cell…"), page);
    apply_->setAutoDefault(false);
    connect(apply_, &QPushButton::clicked, this, &StopLabCard::applyCell);
    auto* below = new QHBoxLayout;
    below->setSpacing(12);
    below->addWidget(verdict_, 1);
    below->addWidget(apply_, 0, Qt::AlignBottom);
    column->addLayout(row);
    column->addWidget(map_, 1);
    column->addLayout(below);
    const int figure = std::clamp(context_.memory.value(figureKey, 0).toInt(), 0, 3);
    figures_[static_cast<std::size_t>(figure)]->setChecked(true);
    chooseFigure(figure);
    return page;
}

void StopLabCard::chooseFigure(int figure)
{
    map_->setFigure(static_cast<LabFigure>(figure));
    context_.memory.setValue(figureKey, figure);
}

void StopLabCard::setStrategies(const QStringList& names)
{
    const auto chosen = strategy_->currentIndex() > 0 ? strategy_->currentText() : QString();
    QStringList wanted{strategy_->itemText(0)};
    wanted << names;
    if (!chosen.isEmpty() && !names.contains(chosen)) {
        wanted << chosen;
    }
    QStringList shown;
    for (int i = 0; i < strategy_->count(); ++i) {
        shown << strategy_->itemText(i);
    }
    if (shown != wanted) {
        const QSignalBlocker quiet(strategy_);
        strategy_->clear();
        strategy_->addItems(wanted);
        strategy_->setCurrentIndex(chosen.isEmpty() ? 0 : static_cast<int>(wanted.indexOf(chosen)));
    }
}

void StopLabCard::setRoster(std::shared_ptr<const console::PaperSnapshot> paper)
{
    paper_ = std::move(paper);
    showIdle();
}

const console::StrategyRow* StopLabCard::shownRow() const
{
    if (!paper_ || !lab_ || shown_.isEmpty()) {
        return nullptr;
    }
    const auto row = std::ranges::find(paper_->strategies, shown_.toStdString(), &console::StrategyRow::name);
    return row == paper_->strategies.end() ? nullptr : &*row;
}

std::optional<std::size_t> StopLabCard::chosenCell() const
{
    return map_->current() ? map_->current() : lab_->best;
}

void StopLabCard::applyCell()
{
    const auto* row = shownRow();
    const auto cell = row != nullptr ? chosenCell() : std::nullopt;
    const auto setting = cell ? labSetting(*lab_, *cell, *row) : std::nullopt;
    if (!setting) {
        return;
    }
    const auto atr = [](double value) { return format::decimal(value, 2); };
    const auto tries = static_cast<std::uint32_t>(lab_->cells.size());
    const ReasonQuestion question{
        tr("Apply stop %1, target %2 to %3")
            .arg(axisTexts(lab_->stops)[static_cast<qsizetype>(*cell % lab_->stops.size())],
                 axisTexts(lab_->targets)[static_cast<qsizetype>(*cell / lab_->stops.size())], shown_),
        tr("stop_atr goes from %1 to %2 and target_atr from %3 to %4: as many times the distance as the cell is of "
           "what "
           "is traded now. The record of %5 starts anew at zero, and the whole grid counts as %6 tries, because this "
           "cell was chosen among so many. What is open keeps its own exits.")
            .arg(atr(setting->formerStop), atr(setting->stop), atr(setting->formerTarget), atr(setting->target), shown_)
            .arg(tries),
        tr("Apply")};
    auto* dialog = new ReasonDialog(
        context_.theme, question,
        [this, wish = *setting, name = shown_.toStdString(), tries, from = lab_->from,
         to = lab_->to](const QString& reason) {
            console::SetParameters command{name, wish.parameters, reason.toStdString()};
            command.origin = "stop-lab";
            command.tries = tries;
            command.from = from;
            command.to = to;
            context_.commands.setParameters(std::move(command));
        },
        this);
    dialog->open();
}

void StopLabCard::run()
{
    if (isRunning()) {
        return;
    }
    asked_ = strategy_->currentIndex() > 0 ? strategy_->currentText() : QString();
    showProgress(0, tr("waiting for its turn"));
    running_ = context_.questions.ask(
        console::RunStopLab{asked_.toStdString(), std::nullopt}, this,
        [this](const console::Answer& answer) { take(answer); },
        [this](const console::QueryProgress& progress) {
            if (running_ == progress.id) {
                showProgress(progress.fraction, format::text(progress.phase));
            }
        });
    showIdle();
}

void StopLabCard::cancel()
{
    if (running_) {
        context_.questions.cancel(*running_);
        progress_->setCancellable(false);
    }
}

void StopLabCard::showProgress(double fraction, const QString& phase)
{
    progress_->setProgress(asked_.isEmpty() ? tr("Replaying the entries of all strategies")
                                            : tr("Replaying the entries of %1").arg(asked_),
                           format::percent(fraction, 0), fraction, phase);
    stack_->setCurrentIndex(Progress);
}

void StopLabCard::take(const console::Answer& answer)
{
    if (running_ != answer.id) {
        return;
    }
    running_.reset();
    progress_->setCancellable(true);
    const auto* lab = std::get_if<console::StopLab>(&answer.value);
    if (answer.error && answer.error->code == base::ErrorCode::Cancelled) {
        stack_->setCurrentIndex(lab_ ? Result : Start);
    } else if (answer.error || lab == nullptr) {
        showFailure(format::sentence(answer.error.value_or(base::Error{})));
    } else if (lab->entries == 0 || lab->cells.empty()) {
        showFailure(tr("There is no past entry with recorded ticks behind it: %1 were left out. Trades made on this "
                       "feed's ticks will do.")
                        .arg(format::count(lab->leftOut)));
    } else {
        shown_ = asked_;
        showLab(std::make_shared<const console::StopLab>(*lab));
    }
    showIdle();
}

void StopLabCard::showFailure(const QString& sentence)
{
    failure_->show(sentence);
    failure_->setVisible(true);
    stack_->setCurrentIndex(Start);
}

void StopLabCard::showLab(std::shared_ptr<const console::StopLab> lab)
{
    failure_->hide();
    lab_ = std::move(lab);
    map_->setLab(lab_);
    verdict_->show(labVerdict(*lab_));
    stack_->setCurrentIndex(Result);
}

void StopLabCard::showIdle()
{
    run_->setEnabled(!isRunning());
    strategy_->setEnabled(!isRunning());
    run_->setVisible(isRunning() || lab_ != nullptr); // before the first run the button stands in the middle
    const auto* row = shownRow();
    const bool isPending = context_.commands.areParametersPending(shown_);
    apply_->setEnabled(row != nullptr && !isPending && lab_->stopNow > 0 && !lab_->cells.empty());
    apply_->setToolTip(row == nullptr
                           ? tr("Choose one strategy and run: a cell of all strategies together belongs to none")
                       : isPending ? tr("Its parameters are being changed")
                       : !apply_->isEnabled()
                           ? tr("No entry was made with the parameters in force")
                           : tr("Makes the cell you marked, else the best of the older half, this strategy's setting"));
    if (isRunning() || !lab_) {
        setNote({});
        return;
    }
    setNote(tr("%1 entries in %2 s").arg(format::count(lab_->entries), format::decimal(lab_->seconds, 1)));
    setNoteHelp(tr("%1: %2 entries replayed on %3 ticks in %4 s; %5 left out, without ticks behind them")
                    .arg(shown_.isEmpty() ? tr("All strategies") : shown_, format::count(lab_->entries),
                         format::count(lab_->ticks), format::decimal(lab_->seconds, 1), format::count(lab_->leftOut)));
}

} // namespace qd::ui
