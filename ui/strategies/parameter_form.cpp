#include "ui/strategies/parameter_form.h"

#include "ui/widgets/card.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

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
    return (isCount(parameter) ? ParameterForm::tr("a whole number from %1 to %2 %3")
                               : ParameterForm::tr("from %1 to %2 %3"))
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
            out << ParameterForm::tr("%1 %2 → %3").arg(format::text(name), figure(before->second), figure(value));
        }
    }
    return out.join(QStringLiteral(", "));
}

trading::ParameterSet parametersOf(const trading::StrategyInfo& info, const console::StrategyRow& row)
{
    trading::ParameterSet out(info.name, info.parameters);
    for (const auto& [name, value] : row.parameters) {
        // What the engine runs is legal; a name of another version is left out.
        static_cast<void>(out.set(name, value));
    }
    return out;
}

ParameterForm::ParameterForm(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      grid_(new QGridLayout(this))
{
    grid_->setContentsMargins(0, 0, 8, 0);
    grid_->setHorizontalSpacing(12);
    grid_->setVerticalSpacing(7);
    grid_->setColumnStretch(0, 1);
}

void ParameterForm::setStrategy(const trading::StrategyInfo* info, const QString& name,
                                const trading::ParameterSet& base)
{
    editors_.clear();
    while (auto* item = grid_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (int row = 0; row < grid_->rowCount(); ++row) {
        grid_->setRowStretch(row, 0);
    }
    base_ = base;
    if (info != nullptr) {
        for (const auto& parameter : info->parameters) {
            addRow(parameter);
        }
    } else {
        auto* words = new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted,
                                    tr("This version does not know the parameters of %1.").arg(name));
        words->setWordWrap(true);
        grid_->addWidget(words, 0, 0);
    }
    grid_->setRowStretch(std::max(1, static_cast<int>(editors_.size())), 1);
    fill(base);
}

void ParameterForm::setBase(const trading::ParameterSet& base)
{
    base_ = base;
    colour();
}

void ParameterForm::addRow(const trading::Parameter& parameter)
{
    const int at = static_cast<int>(editors_.size());
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
    grid_->addWidget(words, at, 0);
    grid_->addWidget(edit, at, 1);
    grid_->addWidget(range, at, 2);
    editors_.push_back({parameter, edit, range});
    connect(edit, &QLineEdit::textChanged, this, [this] {
        if (!isFilling_) {
            colour();
            Q_EMIT changed();
        }
    });
    connect(edit, &QLineEdit::returnPressed, this, &ParameterForm::entered);
}

void ParameterForm::fill(const trading::ParameterSet& set)
{
    isFilling_ = true;
    for (const auto& editor : editors_) {
        const auto found = set.values().find(editor.parameter.name);
        if (found != set.values().end()) {
            editor.edit->setText(figure(found->second));
        }
    }
    isFilling_ = false;
    colour();
    Q_EMIT changed();
}

void ParameterForm::colour()
{
    for (const auto& editor : editors_) {
        const auto value = typedParameter(editor.parameter, editor.edit->text());
        const auto found = base_.values().find(editor.parameter.name);
        const bool isChanged = value && found != base_.values().end() && found->second != *value;
        editor.range->setMeaning(!value ? Meaning::Loss : isChanged ? Meaning::Focus : Meaning::TextFaint);
    }
}

void ParameterForm::setReadOnly(bool isReadOnly)
{
    for (const auto& editor : editors_) {
        editor.edit->setReadOnly(isReadOnly);
    }
}

std::expected<trading::ParameterSet, QString> ParameterForm::typed() const
{
    auto set = base_;
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

QLineEdit* ParameterForm::editor(std::string_view name) const
{
    const auto found = std::ranges::find(editors_, name, [](const Editor& e) { return e.parameter.name; });
    return found == editors_.end() ? nullptr : found->edit;
}

void ParameterForm::restyle()
{
    for (const auto& editor : editors_) {
        editor.edit->setFont(context_.theme.font(FontRole::Figure));
    }
}

} // namespace qd::ui
