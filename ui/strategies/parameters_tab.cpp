#include "ui/strategies/parameters_tab.h"

#include "ui/command_desk.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr int sideBySide = 820; // from this width on the tries stand beside the values

QString figure(double value)
{
    return QLocale::c().toString(value, 'g', QLocale::FloatingPointShortest);
}

bool isCount(const trading::Parameter& parameter)
{
    return parameter.unit == "candles";
}

} // namespace

QString rangeText(const trading::Parameter& parameter)
{
    const QString unit = format::text(parameter.unit);
    return (isCount(parameter) ? ParametersTab::tr("a whole number from %1 to %2 %3")
                               : ParametersTab::tr("from %1 to %2 %3"))
        .arg(figure(parameter.least), figure(parameter.most), unit)
        .trimmed();
}

std::expected<double, QString> typedParameter(const trading::Parameter& parameter, const QString& typed)
{
    QString text = typed.trimmed();
    text.replace(QLatin1Char(','), QLatin1Char('.'));
    text.replace(format::minusSign, QLatin1Char('-'));
    bool isNumber = false;
    const double value = QLocale::c().toDouble(text, &isNumber);
    const bool isIn = isNumber && std::isfinite(value) && value >= parameter.least && value <= parameter.most;
    if (!isIn || (isCount(parameter) && value != std::round(value))) {
        return std::unexpected(format::text(parameter.name) + QStringLiteral(": ") + rangeText(parameter));
    }
    return value;
}

QString differences(const std::map<std::string, double, std::less<>>& from,
                    const std::map<std::string, double, std::less<>>& to)
{
    QStringList out;
    for (const auto& [name, value] : to) {
        const auto before = from.find(name);
        if (before != from.end() && before->second != value) {
            out << ParametersTab::tr("%1 %2 → %3").arg(format::text(name), figure(before->second), figure(value));
        }
    }
    return out.join(QStringLiteral(", "));
}

ParametersTab::ParametersTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      layout_(new QBoxLayout(QBoxLayout::TopToBottom, this)),
      area_(new QScrollArea(this)),
      hash_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      apply_(new QPushButton(tr("Apply…"), this)),
      defaults_(new QPushButton(tr("Defaults"), this)),
      discard_(new QPushButton(tr("Discard"), this)),
      trials_(new TrialsModel(context, this)),
      table_(new DataTable(context.theme, context_.memory, QStringLiteral("strategies.trials"), *trials_, this)),
      trialsTitle_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, tr("Tries")))
{
    area_->setWidgetResizable(true);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area_->setMinimumHeight(90);
    told_->setWordWrap(true);
    told_->setAccessibleName(tr("What the typed values would do"));
    hash_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    defaults_->setToolTip(tr("Fills in the defaults; nothing changes before Apply"));
    discard_->setToolTip(tr("Back to the values in force"));
    table_->setRowHeight(26);
    table_->view()->setAccessibleName(tr("Tries"));
    table_->setEmptyText(tr("Every parameter set that could have been chosen is listed here; the defaults are the "
                            "first once a trade was made."));
    table_->setMinimumHeight(84);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(apply_);
    buttons->addWidget(discard_);
    buttons->addWidget(defaults_);
    buttons->addStretch(1);
    buttons->addWidget(hash_);
    auto* head = new QHBoxLayout;
    head->addWidget(trialsTitle_, 1);
    head->addWidget(table_->menuButton());
    auto* rest = new QVBoxLayout;
    rest->setSpacing(8);
    rest->addWidget(told_);
    rest->addLayout(buttons);
    rest->addLayout(head);
    rest->addWidget(table_, 1);
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(cardGap);
    layout_->addWidget(area_, 5);
    layout_->addLayout(rest, 3);
    connect(apply_, &QPushButton::clicked, this, &ParametersTab::apply);
    connect(discard_, &QPushButton::clicked, this, [this] { fill(inForce_); });
    connect(defaults_, &QPushButton::clicked, this, [this] {
        if (info_ != nullptr) {
            fill(trading::ParameterSet(info_->name, info_->parameters));
        }
    });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ParametersTab::judge);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (request.parametersOf == format::text(row_.name)) {
            told_->setMeaning(Meaning::Loss);
            told_->show(format::sentence(error) + QLatin1Char(' ') + format::text(error.detail));
        }
    });
}

void ParametersTab::show(const console::StrategyRow& row)
{
    const bool isOther = row.name != row_.name;
    const bool isChanged = row.parameterHash != row_.parameterHash || row.parameters != row_.parameters;
    if (!isOther && !isChanged) {
        return;
    }
    row_ = row;
    if (isOther) {
        build(row);
    }
    if (info_ != nullptr) {
        inForce_ = trading::ParameterSet(info_->name, info_->parameters);
        for (const auto& [name, value] : row.parameters) {
            // What the engine runs is legal; a name of another version is left out.
            static_cast<void>(inForce_.set(name, value));
        }
        fill(inForce_);
    }
    hash_->show(tr("hash %1").arg(format::text(row.parameterHash)));
    hash_->setToolTip(tr("Stamped on every trade that these parameters make"));
    showTrials();
    judge();
}

void ParametersTab::build(const console::StrategyRow& row)
{
    editors_.clear();
    info_ = trading::findStrategy(row.name);
    auto* box = new QWidget;
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 8, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(7);
    grid->setColumnStretch(0, 1);
    int at = 0;
    if (info_ != nullptr) {
        for (const auto& parameter : info_->parameters) {
            buildRow(*grid, at++, parameter);
        }
    } else {
        grid->addWidget(
            new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted,
                          tr("This version does not know the parameters of %1.").arg(format::text(row.name))),
            0, 0);
    }
    grid->setRowStretch(std::max(1, at), 1);
    area_->setWidget(box);
    box->setAutoFillBackground(false); // the card shows through
    area_->viewport()->setAutoFillBackground(false);
}

void ParametersTab::buildRow(QGridLayout& grid, int at, const trading::Parameter& parameter)
{
    const QString name = format::text(parameter.name);
    auto* words = new QWidget;
    auto* lines = new QVBoxLayout(words);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(0);
    lines->addWidget(new TextLabel(context_.theme, FontRole::Body, Meaning::Text, name));
    auto* meaning =
        new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, format::text(parameter.meaning));
    meaning->setWordWrap(true);
    lines->addWidget(meaning);
    auto* edit = new QLineEdit;
    edit->setFixedWidth(84);
    edit->setAlignment(Qt::AlignRight);
    edit->setFont(context_.theme.font(FontRole::Figure));
    edit->setAccessibleName(name);
    edit->setAccessibleDescription(rangeText(parameter));
    edit->setToolTip(format::text(parameter.meaning) + QLatin1Char('\n') + rangeText(parameter));
    auto* range = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint,
                                tr("%1–%2 %3\ndefault %4")
                                    .arg(figure(parameter.least), figure(parameter.most), format::text(parameter.unit),
                                         figure(parameter.standard)));
    grid.addWidget(words, at, 0);
    grid.addWidget(edit, at, 1);
    grid.addWidget(range, at, 2);
    editors_.push_back({parameter, edit, range});
    connect(edit, &QLineEdit::textChanged, this, &ParametersTab::judge);
    connect(edit, &QLineEdit::returnPressed, this, [this] {
        if (apply_->isEnabled()) {
            apply();
        }
    });
}

void ParametersTab::fill(const trading::ParameterSet& set)
{
    for (const auto& editor : editors_) {
        const auto found = set.values().find(editor.parameter.name);
        if (found != set.values().end()) {
            editor.edit->setText(figure(found->second));
        }
    }
    judge();
}

std::expected<trading::ParameterSet, QString> ParametersTab::typed() const
{
    auto set = inForce_;
    for (const auto& editor : editors_) {
        const auto value = typedParameter(editor.parameter, editor.edit->text());
        if (!value) {
            return std::unexpected(value.error());
        }
        if (const auto done = set.set(editor.parameter.name, *value); !done) {
            return std::unexpected(format::text(editor.parameter.name) + QStringLiteral(": ") +
                                   rangeText(editor.parameter));
        }
    }
    return set;
}

void ParametersTab::judge()
{
    for (const auto& editor : editors_) {
        const auto value = typedParameter(editor.parameter, editor.edit->text());
        const auto found = inForce_.values().find(editor.parameter.name);
        const bool isChanged = value && found != inForce_.values().end() && found->second != *value;
        editor.range->setMeaning(!value ? Meaning::Loss : isChanged ? Meaning::Focus : Meaning::TextFaint);
    }
    const bool isPending = context_.commands.areParametersPending(format::text(row_.name));
    const auto set = typed();
    const QString changes = set ? differences(inForce_.values(), set->values()) : QString();
    told_->setMeaning(set ? Meaning::TextMuted : Meaning::Loss);
    told_->show(isPending ? tr("Pending: waits for the engine.")
                : !set    ? tr("Not legal: %1.").arg(set.error())
                : changes.isEmpty()
                    ? tr("What runs now. A change starts the record at zero and counts as one more try.")
                    : tr("%1. New hash %2.").arg(changes, format::text(set->hash())));
    apply_->setEnabled(!isPending && set && !changes.isEmpty());
    apply_->setDefault(apply_->isEnabled());
    discard_->setEnabled(!isPending && (!set || !changes.isEmpty()));
    defaults_->setEnabled(!isPending && info_ != nullptr);
    for (const auto& editor : editors_) {
        editor.edit->setReadOnly(isPending);
    }
}

void ParametersTab::apply()
{
    const auto set = typed();
    if (!set) {
        return;
    }
    const QString name = format::text(row_.name);
    const auto known =
        static_cast<std::uint64_t>(std::ranges::count(stored_.rows, row_.name, &trading::TrialRow::strategy));
    const QString consequences =
        tr("%1.\n\nThe record of %2 starts at zero; its %3 closed trades keep their hash, and their curve stays, "
           "dashed. It counts as one more try (%4 known), and its stage becomes paper. What is open keeps its exits.")
            .arg(differences(inForce_.values(), set->values()), name, format::count(row_.closed), format::count(known));
    auto* dialog = new ReasonDialog(
        context_.theme, {tr("Change the parameters of %1").arg(name), consequences, tr("Apply")},
        [this, name, text = set->text(), former = inForce_.text()](const QString& reason) {
            context_.commands.setParameters(name, text, former, reason);
        },
        window());
    dialog->open();
}

void ParametersTab::setTrials(const console::Trials& trials)
{
    stored_ = trials;
    showTrials();
}

void ParametersTab::clearTrials()
{
    stored_ = {};
    trials_->update({});
}

void ParametersTab::showTrials()
{
    std::vector<TrialEntry> rows;
    std::uint64_t tries = 0;
    for (const auto& trial : stored_.rows) {
        tries += trial.tries;
        QString changes;
        if (info_ != nullptr && trial.strategy == row_.name) {
            const trading::ParameterSet defaults(info_->name, info_->parameters);
            auto set = defaults;
            changes =
                set.setText(trial.parameters) ? differences(defaults.values(), set.values()) : tr("of another version");
        }
        rows.push_back(
            {trial, trial.parameterHash == row_.parameterHash, changes.isEmpty() ? tr("the defaults") : changes});
    }
    trialsTitle_->show(rows.empty() ? tr("Tries")
                                    : tr("Tries: %1. The deflated Sharpe pays for each.").arg(format::count(tries)));
    trials_->update(std::move(rows));
}

void ParametersTab::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layout_->setDirection(width() >= sideBySide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ParametersTab::restyle()
{
    for (const auto& editor : editors_) {
        editor.edit->setFont(context_.theme.font(FontRole::Figure));
    }
    trials_->repaintAll();
}

QLineEdit* ParametersTab::editor(std::string_view name) const
{
    const auto found = std::ranges::find(editors_, name, [](const Editor& e) { return e.parameter.name; });
    return found == editors_.end() ? nullptr : found->edit;
}

QString ParametersTab::told() const
{
    return told_->text();
}

} // namespace qd::ui
