#include "ui/models/compare_tab.h"

#include "ui/models/detail_models.h"
#include "ui/models/model_words.h"
#include "ui/questions.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QTimeZone>
#include <QToolButton>

#include <cmath>

namespace qd::ui {

namespace {

QString nameOf(const governance::ModelRecord& record)
{
    return format::text(governance::versionName(record.name.key, record.name.number));
}

/// Short enough for the head of a column.
QString headOf(const governance::ModelRecord& record)
{
    const auto& name = record.name;
    return name.key.instrument.empty()
               ? CompareTab::tr("version %1").arg(name.number)
               : CompareTab::tr("%1 %2").arg(format::text(name.key.instrument)).arg(name.number);
}

} // namespace

ShadowCourse shadowCourse(const console::ModelDetail& detail, const console::ModelDetail* other)
{
    ShadowCourse out;
    const bool isChampion = other != nullptr && other->line.record.stage == governance::ModelStage::Champion;
    for (const auto& day : detail.shadow) {
        if (day.rows == 0 || !std::isfinite(day.loss)) {
            continue;
        }
        out.rows += day.rows;
        out.mine.emplace_back(day.day, day.loss);
        if (day.champion && (isChampion || other == nullptr)) {
            out.others.emplace_back(day.day, *day.champion);
        }
    }
    if (other != nullptr && !isChampion) {
        for (const auto& day : other->shadow) {
            if (day.rows > 0 && std::isfinite(day.loss)) {
                out.others.emplace_back(day.day, day.loss);
            }
        }
    }
    return out;
}

CompareTab::CompareTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      other_(new QComboBox(this)),
      note_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      model_(new FactsModel(true, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("models.compare"), *model_)),
      chartNote_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      chart_(new LineChart)
{
    other_->setAccessibleName(tr("Compare with"));
    other_->setMinimumWidth(210);
    table_->setRowHeight(30);
    table_->view()->setAccessibleName(tr("Two versions side by side"));
    table_->setEmptyText(tr("Figures, and what differs in data and parameters, once another version is chosen."));
    chart_->setTitle(tr("Loss in shadow by day"));
    chart_->setFilled(false);
    chart_->setFormatter([](double value) { return format::decimal(value, 4); });
    chart_->setMinimumHeight(110);
    chart_->setEmptyText(tr("Its predictions in shadow are held against what came, day by day; two complete days are "
                            "needed."));
    chartNote_->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted, tr("Beside"), this));
    head->addWidget(other_);
    head->addWidget(note_, 1);
    head->addWidget(table_->menuButton());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(head);
    layout->addWidget(table_, 58);
    layout->addWidget(chartNote_);
    layout->addWidget(chart_, 42);
    connect(other_, &QComboBox::currentIndexChanged, this, &CompareTab::choose);
    restyle();
}

void CompareTab::show(const console::ModelDetail& detail, const console::Models& models)
{
    const bool isOther = !detail_ || detail_->line.record.name != detail.line.record.name;
    const QString wished = isOther ? QString() : other_->currentData().toString();
    detail_ = detail;
    const auto& record = detail.line.record;
    {
        const QSignalBlocker quiet(other_);
        other_->clear();
        int champion = -1;
        for (const auto& line : models.rows) {
            if (line.record.name.key.family == record.name.key.family && line.record.name != record.name) {
                if (line.record.stage == governance::ModelStage::Champion && line.record.name.key == record.name.key) {
                    champion = other_->count();
                }
                other_->addItem(tr("%1, %2").arg(nameOf(line.record), say::stage(line.record.stage).toLower()),
                                nameOf(line.record));
            }
        }
        const int at = other_->findData(wished);
        other_->setCurrentIndex(at >= 0 ? at : champion >= 0 ? champion : other_->count() > 0 ? 0 : -1);
    }
    other_->setVisible(other_->count() > 0);
    note_->show(other_->count() > 0 ? tr("▲ better, ▼ worse than the other")
                                    : tr("There is no other version of this model yet."));
    if (isOther) {
        second_.reset();
    }
    choose();
}

void CompareTab::choose()
{
    const QString name = other_->currentData().toString();
    const int generation = ++generation_;
    if (name.isEmpty()) {
        second_.reset();
        showBoth();
        return;
    }
    context_.questions.ask(console::AskModel{name.toStdString()}, this,
                           [this, generation](const console::Answer& answer) {
                               const auto* found = std::get_if<console::ModelDetail>(&answer.value);
                               if (generation != generation_) {
                                   return; // another one was chosen meanwhile
                               }
                               if (answer.error || found == nullptr) {
                                   note_->show(format::sentence(answer.error.value_or(base::Error{})));
                                   return;
                               }
                               second_ = *found;
                               showBoth();
                           });
}

void CompareTab::showBoth()
{
    const auto* second = second_ ? &*second_ : nullptr;
    const QString other = second != nullptr ? nameOf(second->line.record) : tr("the champion");
    model_->update(second != nullptr ? compared(*detail_, *second, context_.now(), context_.zone)
                                     : std::vector<ModelFact>{});
    model_->setNames(headOf(detail_->line.record), second != nullptr ? headOf(second->line.record) : other);
    auto course = shadowCourse(*detail_, second);
    chartNote_->show(tr("Loss (%1) in shadow by day on %2 rows; solid: this, dashed: %3; less is better")
                         .arg(say::lossOf(detail_->line.record.name.key.family), format::count(course.rows), other));
    chart_->setFormer({std::move(course.others)});
    chart_->setSeries(std::move(course.mine));
}

void CompareTab::restyle()
{
    chart_->setColors(chartColors(context_.theme));
    chart_->setZone(context_.zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone());
}

} // namespace qd::ui
