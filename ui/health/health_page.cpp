#include "ui/health/health_page.h"

#include "ui/charts/line_chart.h"
#include "ui/health/alerts_panel.h"
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
constexpr std::size_t gaugesShown = 7;
constexpr std::array<const char*, 3> seriesProbes{"CPU temperature", "CPU", "Memory"}; // that have a button
constexpr base::Millis pipelinePatience{30'000};

/// As high whichever of its pages is shown. By itself it takes the height of a text that wraps on the present one, so
/// that the tabs above it move from under the pointer.
class SteadyStack final : public QStackedWidget {
public:
    using QStackedWidget::QStackedWidget;
    [[nodiscard]] bool hasHeightForWidth() const override { return false; }
    [[nodiscard]] QSize sizeHint() const override { return {640, 240}; }
};

const console::ProbeRow* probeOf(const console::HealthSnapshot& now, std::string_view name)
{
    const auto found = std::ranges::find(now.probes, name, &console::ProbeRow::name);
    return found == now.probes.end() ? nullptr : &*found;
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
    setSeries(context.memory.value(seriesKey, QString::fromLatin1(seriesProbes[0])).toString().toStdString());
    setLower(static_cast<Lower>(std::clamp(context.memory.value(lowerKey, 0).toInt(), 0, 4)));
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
    score_->setState(tr("Host (machine and engines) — · UNKNOWN"), {}, Meaning::TextMuted);
    pipelinePill_ = new Pill(context_.theme);
    pipelinePill_->setOutlined(true);
    pipelinePill_->setHasDot(false);
    pipelinePill_->setCursor(Qt::PointingHandCursor);
    pipelinePill_->setState(tr("Pipeline (strategies) — · UNKNOWN"), {}, Meaning::TextMuted);
    pipelinePill_->setToolTip(tr("Mean of the health of the strategies that are on; the parts are below"));
    connect(pipelinePill_, &Pill::clicked, this, [this] { setLower(Lower::Pipeline); });
    score_->setToolTip(tr("Weighted mean of the parts below, on the scale of the pipeline's beside it"));
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
    otherRow_ = new QHBoxLayout;
    otherRow_->setSpacing(8);
    otherRow_->addStretch(1);
    explanation_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    explanation_->setWordWrap(true);
    card->body()->addWidget(explanation_); // a line of its own: six probes leave it no room at 1280
    card->body()->addLayout(otherRow_);
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
    chart_->setLeastSpan(base::Millis{600'000}); // what there is, but no minute drawn out to a whole day's width
    const std::array texts{tr("Temperature"), tr("Load"), tr("Memory")};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto* button = new PillButton(context_.theme, texts[i]);
        connect(button, &QAbstractButton::clicked, this, [this, i] { chooseSeries(seriesProbes[i]); });
        seriesButtons_.push_back(button);
        chartCard_->addToHeader(button);
    }
    chartCard_->setContent(chart_);
    expected_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    expected_->setWordWrap(true);
    expected_->hide();
    chartCard_->body()->addWidget(expected_);
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
    alerts_ = new AlertsPanel(context_);
    connect(alerts_, &AlertsPanel::trayTestWished, this, &HealthPage::trayTestWished);
    lower_ = new SteadyStack;
    storage_ = new StoragePane(context_);
    connect(storage_, &StoragePane::restartWished, this, &HealthPage::restartWished);
    const std::array<std::pair<QString, QWidget*>, 5> panes{{{tr("Alerts"), alerts_},
                                                             {tr("Events"), notices},
                                                             {tr("Gaps"), gaps},
                                                             {tr("Pipeline"), pipeline},
                                                             {tr("Storage"), storage_}}};
    for (std::size_t i = 0; i < panes.size(); ++i) {
        lower_->addWidget(panes[i].second);
        auto* button = new PillButton(context_.theme, panes[i].first);
        connect(button, &QAbstractButton::clicked, this, [this, i] { setLower(static_cast<Lower>(i)); });
        lowerButtons_.push_back(button);
        noticesCard_->addToHeader(button);
    }
    lowerMenus_.push_back(alerts_->menuButton());
    for (auto* table : {notices, gaps, pipeline}) {
        table->setRowHeight(31);
        lowerMenus_.push_back(table->menuButton());
    }
    lowerMenus_.push_back(storage_->table()->menuButton());
    for (auto* menu : lowerMenus_) {
        noticesCard_->addToHeader(menu);
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
                           : lower == Lower::Alerts   ? tr("Alerts")
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
    alerts_->restyle();
    storage_->restyle();
}

void HealthPage::setSeries(const std::string& probe)
{
    series_ = probe;
    for (std::size_t i = 0; i < seriesButtons_.size(); ++i) {
        seriesButtons_[i]->setChecked(probe == seriesProbes[i]);
    }
    for (auto* gauge : gauges_) {
        gauge->setChecked(gauge->probe() == probe);
    }
    refreshChart();
    showEmptyChart();
    showExpected();
}

void HealthPage::chooseSeries(const std::string& probe)
{
    context_.memory.setValue(seriesKey, format::text(probe));
    setSeries(probe);
}

void HealthPage::refreshChart()
{
    const QString title = tr("%1, 24 h").arg(format::text(series_));
    chartCard_->setTitle(title);
    chart_->setTitle(title);
    const auto* probe = newest_ ? probeOf(*newest_, series_) : nullptr;
    const QString unit = probe != nullptr ? format::text(probe->unit) : QString();
    chart_->setFormatter([unit](double value) { return probeFigure(value, unit); });
    LineChart::Series points;
    if (newest_) {
        if (const auto known = newest_->history->find(series_); known != newest_->history->end()) {
            for (const auto& point : known->second) {
                points.emplace_back(point.time, point.value);
            }
        }
    }
    if (unit == QStringLiteral("%")) { // of the whole, so that a tenth looks like one
        chart_->setValueRange(0, 100);
    } else {
        chart_->clearValueRange();
    }
    chart_->setSeries(std::move(points), base::Millis{120'000});
    if (probe != nullptr && probe->limit > 0) {
        chart_->setLimit(probe->limit, tr("limit %1").arg(probeFigure(probe->limit, unit)));
    } else {
        chart_->clearLimit();
    }
}

void HealthPage::showEmptyChart()
{
    const auto* probe = newest_ ? probeOf(*newest_, series_) : nullptr;
    chart_->setEmptyText(probe != nullptr && !probe->value
                             ? tr("%1: %2.").arg(format::text(series_), format::text(probe->note))
                             : tr("The first minute is being measured; the line begins with it."));
}

void HealthPage::showExpected()
{
    QString told;
    if (newest_) {
        const auto load = std::ranges::find(newest_->expected, series_, &console::ExpectedLoad::probe);
        const auto* probe = probeOf(*newest_, series_);
        if (load != newest_->expected.end() && probe != nullptr) {
            told = tr("%1 · %2 — %3 (expected). No alert raised.")
                       .arg(format::moment(load->from, context_.now(), context_.zone),
                            probeFigure(load->value, format::text(probe->unit)), format::text(load->processes));
        }
    }
    expected_->show(told);
    expected_->setVisible(!told.isEmpty());
}

void HealthPage::refreshGauges(const console::HealthSnapshot& now)
{
    const std::size_t wanted = std::min(now.probes.size(), gaugesShown);
    while (gauges_.size() > wanted) {
        delete gauges_.back();
        gauges_.pop_back();
    }
    while (gauges_.size() < wanted) {
        auto* gauge = new Gauge(context_.theme);
        connect(gauge, &QAbstractButton::clicked, this, [this, gauge] { chooseSeries(gauge->probe()); });
        gauges_.push_back(gauge);
        gaugeRow_->addWidget(gauge, 1);
        gauge->show();
    }
    waiting_->setVisible(wanted == 0);
    for (std::size_t i = 0; i < wanted; ++i) {
        gauges_[i]->setProbe(now.probes[i]);
        gauges_[i]->setChecked(now.probes[i].name == series_);
    }
    refreshOthers(now);
    const QString figure = now.score ? format::decimal(*now.score, 0) : format::undefined();
    score_->setState(tr("Host (machine and engines) %1 · %2").arg(figure, format::word(now.label)), {},
                     toneOf(now.label));
    QStringList told;
    if (!now.cap.empty() && !now.raise.contains(now.cap)) {
        told << tr("Capped: %1.").arg(format::text(now.cap));
    }
    if (!now.raise.empty()) {
        QString raise = format::text(now.raise);
        raise[0] = raise[0].toUpper();
        told << raise + QLatin1Char('.');
    }
    explanation_->show(told.join(QLatin1Char(' ')));
}

void HealthPage::refreshOthers(const console::HealthSnapshot& now)
{
    const std::size_t first = std::min(now.probes.size(), gaugesShown);
    while (others_.size() > now.probes.size() - first) {
        delete others_.back();
        others_.pop_back();
    }
    while (others_.size() < now.probes.size() - first) {
        auto* pill = new Pill(context_.theme);
        pill->setCursor(Qt::PointingHandCursor);
        connect(pill, &QAbstractButton::clicked, this, [this, at = others_.size()] {
            if (newest_ && gaugesShown + at < newest_->probes.size()) {
                chooseSeries(newest_->probes[gaugesShown + at].name);
            }
        });
        otherRow_->addWidget(pill);
        others_.push_back(pill);
    }
    for (std::size_t i = 0; i < others_.size(); ++i) {
        const auto& probe = now.probes[first + i];
        const bool isKnown = probe.value.has_value();
        const auto facts = probeFacts(probe);
        const QString arrow = trendArrow(probe);
        others_[i]->setState(format::text(probe.name),
                             isKnown ? probeFigure(*probe.value, format::text(probe.unit)) +
                                           (arrow.isEmpty() ? arrow : QLatin1Char(' ') + arrow)
                                     : format::undefined(), // why is in the tooltip: six reasons are wider than 1280
                             isKnown || probe.score ? gaugeTone(100 - probe.score.value_or(100), 50)
                                                    : Meaning::TextFaint);
        others_[i]->setAccessibleName(facts.join(QStringLiteral(", ")));
        others_[i]->setToolTip(facts.join(QLatin1Char('\n')) + QLatin1Char('\n') + tr("Click: its last 24 hours"));
    }
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
    if (const auto* probe = probeOf(*newest_, series_); probe != nullptr && !probe->value &&
                                                        probe->note.starts_with("not available here") &&
                                                        !context_.memory.value(seriesKey).isValid()) {
        setSeries(seriesProbes[1]); // nobody chose what this machine cannot show
    }
    refreshGauges(*newest_);
    services_->update(newest_->services);
    alerts_->refresh(*newest_);
    if (lower_->currentIndex() == static_cast<int>(Lower::Alerts)) {
        noteLower();
    }
    if (isNewHistory) {
        refreshChart();
    }
    showEmptyChart();
    showExpected();
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
    if (lower_->currentIndex() == static_cast<int>(Lower::Alerts)) {
        noticesCard_->setNote(alerts_->note());
        return;
    }
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
    if (thing == tr("Alerts") || thing.startsWith(QLatin1String("alert "))) {
        setLower(Lower::Alerts);
        return thing == tr("Alerts") || alerts_->select(thing.mid(6).toLongLong());
    }
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
