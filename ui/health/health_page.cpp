#include "ui/health/health_page.h"

#include "ui/charts/line_chart.h"
#include "ui/health/gap_model.h"
#include "ui/health/health_models.h"
#include "ui/health/pipeline_model.h"
#include "ui/health/storage_pane.h"
#include "ui/patient_question.h"
#include "ui/top_strip.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/gauge.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QStackedWidget>
#include <QTimeZone>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString seriesKey = QStringLiteral("health/series");
const QString lowerKey = QStringLiteral("health/lower");
constexpr std::size_t gaugesShown = 8;
constexpr base::Millis pipelinePatience{30'000};

/// The probe's limit for the line in the chart; 0 if there is no such probe.
double limitOf(const console::HealthSnapshot& now, std::string_view name)
{
    const auto found =
        std::find_if(now.probes.begin(), now.probes.end(), [&](const auto& probe) { return probe.name == name; });
    return found == now.probes.end() ? 0 : found->limit;
}

} // namespace

HealthPage::HealthPage(const PageContext& context, QWidget* parent) : Page(context, parent)
{
    auto* middle = new QHBoxLayout;
    middle->setSpacing(cardGap);
    middle->addWidget(servicesCard(), 1);
    middle->addWidget(chartCard(), 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->setSpacing(cardGap);
    layout->addWidget(gaugesCard());
    layout->addLayout(middle, 6);
    layout->addWidget(noticesCard(), 5);
    setSeries(static_cast<Series>(std::clamp(context.memory.value(seriesKey, 0).toInt(), 0, 2)));
    setLower(static_cast<Lower>(std::clamp(context.memory.value(lowerKey, 0).toInt(), 0, 3)));
    question_ = new PatientQuestion(
        context_, this, pipelinePatience, [] { return console::AskGates{}; },
        [this](const console::Answer& answer) { takePipeline(answer); });
    restyle();
}

Card* HealthPage::gaugesCard()
{
    auto* card = new Card(context_.theme, tr("Now"));
    score_ = new Pill(context_.theme);
    score_->setOutlined(true);
    score_->setHasDot(false);
    score_->setFocusPolicy(Qt::NoFocus);
    score_->setState(tr("Score — · UNKNOWN"), {}, Meaning::TextMuted);
    pipelinePill_ = new Pill(context_.theme);
    pipelinePill_->setOutlined(true);
    pipelinePill_->setHasDot(false);
    pipelinePill_->setCursor(Qt::PointingHandCursor);
    pipelinePill_->setState(tr("Pipeline — · UNKNOWN"), {}, Meaning::TextMuted);
    pipelinePill_->setToolTip(tr("Mean of the health of the strategies that are on; the parts are below"));
    connect(pipelinePill_, &Pill::clicked, this, [this] { setLower(Lower::Pipeline); });
    card->addToHeader(pipelinePill_);
    card->addToHeader(score_);
    auto* content = new QWidget;
    content->setFixedHeight(128);
    gaugeRow_ = new QHBoxLayout(content);
    gaugeRow_->setContentsMargins(0, 0, 0, 0);
    gaugeRow_->setSpacing(4);
    waiting_ =
        new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted, tr("The first measurement takes a second."));
    waiting_->setAlignment(Qt::AlignCenter);
    gaugeRow_->addWidget(waiting_);
    card->setContent(content);
    explanation_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    explanation_->setWordWrap(true);
    explanation_->hide();
    card->body()->addWidget(explanation_);
    return card;
}

Card* HealthPage::servicesCard()
{
    auto* card = new Card(context_.theme, tr("Services"));
    services_ = new ServiceModel(this);
    auto* table = new DataTable(context_.theme, context_.memory, QStringLiteral("health.services"), *services_);
    table->setRowHeight(31);
    table->view()->setAccessibleName(tr("Services"));
    table->setEmptyText(tr("Each engine appears here with its first heartbeat."));
    card->addToHeader(table->menuButton());
    card->setContent(table);
    return card;
}

Card* HealthPage::chartCard()
{
    chartCard_ = new Card(context_.theme, tr("CPU temperature, 24 h"));
    chart_ = new LineChart;
    chart_->setMinimumHeight(150);
    chart_->setLineColor(&ChartColors::warning);
    const std::array texts{tr("Temperature"), tr("Load"), tr("Memory")};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto* button = new PillButton(context_.theme, texts[i]);
        connect(button, &QAbstractButton::clicked, this, [this, i] { setSeries(static_cast<Series>(i)); });
        seriesButtons_.push_back(button);
        chartCard_->addToHeader(button);
    }
    chartCard_->setContent(chart_);
    return chartCard_;
}

Card* HealthPage::noticesCard()
{
    noticesCard_ = new Card(context_.theme, tr("What happened"));
    notices_ = new NoticeModel(context_, this);
    gaps_ = new GapModel(context_, this);
    auto* notices = new DataTable(context_.theme, context_.memory, QStringLiteral("health.notices"), *notices_);
    notices->view()->setAccessibleName(tr("Events"));
    notices->setEmptyText(tr("Nothing has happened since the start that is worth a line."));
    auto* gaps = new DataTable(context_.theme, context_.memory, QStringLiteral("health.gaps"), *gaps_);
    gaps->view()->setAccessibleName(tr("Gaps"));
    gaps->setEmptyText(tr("No gap is known: every trade that the exchange told of is here."));
    pipeline_ = new PipelineModel(this);
    auto* pipeline = new DataTable(context_.theme, context_.memory, QStringLiteral("health.pipeline"), *pipeline_);
    pipeline->setEmptyText(tr("Each strategy that is on has its line here as soon as its figures are read."));
    lower_ = new QStackedWidget;
    storage_ = new StoragePane(context_);
    connect(storage_, &StoragePane::restartWished, this, &HealthPage::restartWished);
    const std::array texts{tr("Events"), tr("Gaps"), tr("Pipeline"), tr("Storage")};
    std::size_t i = 0;
    for (auto* table : {notices, gaps, pipeline}) {
        table->setRowHeight(31);
    }
    for (QWidget* pane : std::initializer_list<QWidget*>{notices, gaps, pipeline, storage_}) {
        lower_->addWidget(pane);
        auto* button = new PillButton(context_.theme, texts[i]);
        connect(button, &QAbstractButton::clicked, this, [this, i] { setLower(static_cast<Lower>(i)); });
        lowerButtons_.push_back(button);
        ++i;
    }
    for (auto* button : lowerButtons_) {
        noticesCard_->addToHeader(button);
    }
    for (auto* table : {notices, gaps, pipeline, storage_->table()}) {
        lowerMenus_.push_back(table->menuButton());
        noticesCard_->addToHeader(table->menuButton());
    }
    noticesCard_->setContent(lower_);
    return noticesCard_;
}

void HealthPage::setLower(Lower lower)
{
    const auto chosen = static_cast<std::size_t>(lower);
    for (std::size_t i = 0; i < lowerButtons_.size(); ++i) {
        lowerButtons_[i]->setChecked(i == chosen);
        lowerMenus_[i]->setVisible(i == chosen);
    }
    lower_->setCurrentIndex(static_cast<int>(chosen));
    noticesCard_->setTitle(lower == Lower::Gaps       ? tr("Gaps")
                           : lower == Lower::Pipeline ? tr("Pipeline: health of each strategy")
                           : lower == Lower::Storage  ? tr("Backups and the store")
                                                      : tr("What happened"));
    context_.memory.setValue(lowerKey, static_cast<int>(lower));
    noteLower();
}

void HealthPage::restyle()
{
    chart_->setColors(chartColors(context_.theme));
    chart_->setZone(context_.zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone());
    notices_->repaintAll();
    gaps_->repaintAll();
    storage_->restyle();
}

void HealthPage::setSeries(Series series)
{
    series_ = series;
    for (std::size_t i = 0; i < seriesButtons_.size(); ++i) {
        seriesButtons_[i]->setChecked(i == static_cast<std::size_t>(series));
    }
    context_.memory.setValue(seriesKey, static_cast<int>(series));
    refreshChart();
}

void HealthPage::refreshChart()
{
    const bool isTemperature = series_ == Series::Temperature;
    const QString title = isTemperature             ? tr("CPU temperature, 24 h")
                          : series_ == Series::Load ? tr("CPU load, 24 h")
                                                    : tr("Memory used, 24 h");
    chartCard_->setTitle(title);
    chart_->setTitle(title);
    chart_->setFormatter([isTemperature](double value) {
        return format::decimal(value, 0) + (isTemperature ? QStringLiteral("°") : QStringLiteral("%"));
    });
    chart_->setEmptyText(isTemperature
                             ? tr("No temperature yet: this machine may have no sensor. Load and memory are measured.")
                             : tr("The line begins after the first minute."));
    LineChart::Series points;
    double limit = 0;
    if (newest_) {
        limit = limitOf(*newest_, isTemperature ? "CPU temperature" : series_ == Series::Load ? "CPU" : "Memory");
        for (const auto& point : *newest_->history) {
            if (!isTemperature) {
                points.emplace_back(point.time, 100 * (series_ == Series::Load ? point.cpuLoad : point.memory));
            } else if (point.cpuTemperature) {
                points.emplace_back(point.time, *point.cpuTemperature);
            }
        }
    }
    chart_->setSeries(std::move(points), base::Millis{120'000});
    if (limit > 0) {
        chart_->setLimit(
            limit,
            tr("limit %1%2").arg(format::decimal(limit, 0), isTemperature ? QStringLiteral("°") : QStringLiteral("%")));
    } else {
        chart_->clearLimit();
    }
}

void HealthPage::refreshGauges(const console::HealthSnapshot& now)
{
    const std::size_t wanted = std::min(now.probes.size(), gaugesShown);
    while (gauges_.size() > wanted) {
        delete gauges_.back();
        gauges_.pop_back();
    }
    while (gauges_.size() < wanted) {
        gauges_.push_back(new Gauge(context_.theme));
        gaugeRow_->addWidget(gauges_.back(), 1);
        gauges_.back()->show();
    }
    waiting_->setVisible(wanted == 0);
    for (std::size_t i = 0; i < wanted; ++i) {
        gauges_[i]->setProbe(now.probes[i]);
    }
    const QString figure = now.score ? format::decimal(*now.score, 0) : format::undefined();
    score_->setState(tr("Score %1 · %2").arg(figure, format::word(now.label)), {}, toneOf(now.label));
    QStringList told;
    if (!now.cap.empty()) {
        told << tr("Capped: %1.").arg(format::text(now.cap));
    }
    if (!now.raise.empty()) {
        QString raise = format::text(now.raise);
        raise[0] = raise[0].toUpper();
        told << raise + QLatin1Char('.');
    }
    explanation_->show(told.join(QLatin1Char(' ')));
    explanation_->setVisible(!told.isEmpty());
}

void HealthPage::refresh(const Snapshots& snapshots, Changes changes)
{
    if ((changes & Change::Ingest) && snapshots.ingest && snapshots.ingest->gaps != shownGaps_) {
        shownGaps_ = snapshots.ingest->gaps;
        gaps_->update(shownGaps_ ? *shownGaps_ : std::vector<console::GapLine>());
        noteLower();
    }
    if ((changes & Change::Paper) && snapshots.paper) {
        std::string counted = std::to_string(snapshots.paper->closedTotal);
        for (const auto& row : snapshots.paper->strategies) {
            counted += row.parameterHash + (row.isEnabled ? '+' : '-') + std::to_string(static_cast<int>(row.stage));
        }
        if (counted != counted_) {
            counted_ = std::move(counted);
            question_->renew();
        }
    }
    if (changes & (Change::Health | Change::Store)) {
        storage_->show(snapshots.health ? snapshots.health->care.get() : nullptr, snapshots.store.get());
        noteLower();
    }
    if (!(changes & Change::Health) || !snapshots.health) {
        return;
    }
    const bool isNewHistory = !newest_ || newest_->history != snapshots.health->history;
    newest_ = snapshots.health;
    refreshGauges(*newest_);
    services_->update(newest_->services);
    if (isNewHistory) {
        refreshChart();
    }
}

void HealthPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    question_->ask();
}

void HealthPage::takePipeline(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Gates>(&answer.value);
    if (answer.error || value == nullptr) {
        return; // asked again; until then what was known stands
    }
    const auto& cap = value->pipeline.cap;
    pipelinePill_->setState(pipelineText(value->pipeline), {}, toneOf(value->pipeline.whole.label));
    pipelinePill_->setToolTip(cap.empty() ? tr("Mean of the health of the strategies that are on; the parts are below")
                                          : tr("Held down: %1").arg(format::text(cap)));
    pipeline_->update(value->parts);
    noteLower();
}

void HealthPage::noteLower()
{
    if (lower_->currentIndex() == static_cast<int>(Lower::Storage)) {
        noticesCard_->setNote(storage_->note());
        return;
    }
    if (lower_->currentIndex() == static_cast<int>(Lower::Pipeline)) {
        const auto known = std::ranges::count_if(pipeline_->rows(),
                                                 [](const auto& row) { return row.health.whole.score.has_value(); });
        noticesCard_->setNote(pipeline_->rows().empty()
                                  ? QString()
                                  : tr("%1 on, %2 with figures enough").arg(pipeline_->rows().size()).arg(known));
        return;
    }
    if (lower_->currentIndex() == static_cast<int>(Lower::Gaps)) {
        const auto lacking = std::count_if(gaps_->rows().begin(), gaps_->rows().end(), [](const auto& row) {
            return !row.gap.missing || row.gap.missing->value > 0;
        });
        noticesCard_->setNote(
            gaps_->rows().empty()
                ? QString()
                : tr("%1 · %2 not whole")
                      .arg(gaps_->rows().size() == 1 ? tr("1 gap") : tr("%1 gaps").arg(gaps_->rows().size()))
                      .arg(lacking));
        return;
    }
    const int errors = notices_->count(console::Severity::Error);
    const int warnings = notices_->count(console::Severity::Warning);
    if (notices_->rows().empty()) {
        noticesCard_->setNote({});
        return;
    }
    noticesCard_->setNote(tr("%1 · %2 since start")
                              .arg(errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors),
                                   warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings)));
}

bool HealthPage::reveal(const QString& thing)
{
    if (thing != tr("Gaps") && thing != tr("Pipeline") && thing != tr("Storage")) {
        return false;
    }
    setLower(thing == tr("Gaps") ? Lower::Gaps : thing == tr("Storage") ? Lower::Storage : Lower::Pipeline);
    return true;
}

void HealthPage::handle(const console::Event& event)
{
    if (const auto* notice = std::get_if<console::Notice>(&event)) {
        notices_->add({0, notice->time, notice->severity, format::text(notice->text), {}});
    } else if (const auto* failure = std::get_if<console::EngineFailed>(&event)) {
        notices_->add({0, context_.now(), console::Severity::Error,
                       failure->restarts ? tr("%1 failed and is started again").arg(format::text(failure->engine))
                                         : tr("%1 failed and stays down").arg(format::text(failure->engine)),
                       format::text(failure->what)});
    } else {
        return;
    }
    noteLower();
}

} // namespace qd::ui
