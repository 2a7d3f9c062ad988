#include "ui/strategies/evidence_tab.h"

#include "trading/strategy_catalogue.h"
#include "ui/charts/histogram.h"
#include "ui/charts/line_chart.h"
#include "ui/strategies/figure_block.h"

#include <QGridLayout>
#include <QTimeZone>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int sideBySide = 820; // from this width on the parts stand beside each other

QWidget* under(TextLabel* title, QWidget* content)
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(title);
    layout->addWidget(content, 1);
    return box;
}

} // namespace

std::vector<EquityRecord> equityRecords(std::vector<trading::ClosedTrade> trades)
{
    std::ranges::stable_sort(trades, {}, [](const trading::ClosedTrade& t) { return t.exit.time; });
    std::vector<EquityRecord> out;
    std::vector<base::Money> sums;
    for (const auto& trade : trades) {
        const auto& hash = trade.position.decision.parameterHash;
        auto found = std::ranges::find(out, hash, &EquityRecord::parameterHash);
        if (found == out.end()) {
            found = out.insert(out.end(), {hash, {{trade.position.entry.time, 0.0}}}); // from zero, as it began
            sums.emplace_back();
        }
        auto& sum = sums[static_cast<std::size_t>(found - out.begin())];
        sum += trade.net;
        found->points.emplace_back(trade.exit.time, base::toUsdt(sum));
    }
    for (auto& record : out) { // an entry may lie behind the first exit of another
        auto& points = record.points;
        points.front().first = std::min(points.front().first, points[1].first);
    }
    return out;
}

EvidenceTab::EvidenceTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      layout_(new QBoxLayout(QBoxLayout::TopToBottom, this)),
      equity_(new LineChart(this)),
      equityNote_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      null_(new Histogram(this)),
      nullNote_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted))
{
    equity_->setTitle(tr("Equity, USDT"));
    equity_->setFormatter([](double value) { return format::signedDecimal(value, 2); });
    equity_->setMinimumHeight(130);
    null_->setTitle(tr("Noise null, expectancy in % of notional"));
    null_->setFormatter([](double value) { return format::signedDecimal(value, 2) + QLatin1Char('%'); });
    nullNote_->setWordWrap(true);
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(cardGap);
    layout_->addWidget(under(equityNote_, equity_), 5);
    layout_->addWidget(buildFigures(), 0);
    layout_->addWidget(under(nullNote_, null_), 4);
    connect(&context.theme, &Theme::changed, this, &EvidenceTab::restyle);
    restyle();
}

QWidget* EvidenceTab::buildFigures()
{
    auto* box = new QWidget(this);
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    const auto add = [&](const QString& name, int row, int column) {
        auto* block = new FigureBlock(context_.theme, name, box);
        grid->addWidget(block, row, column);
        grid->setColumnStretch(column, 1);
        return block;
    };
    won_ = add(tr("Won"), 0, 0);
    sharpe_ = add(tr("Sharpe a year"), 0, 1);
    deflated_ = add(tr("Deflated"), 0, 2);
    hold_ = add(tr("Hold"), 0, 3);
    optimistic_ = add(tr("Optimistic"), 1, 0);
    calibrated_ = add(tr("Calibrated"), 1, 1);
    pessimistic_ = add(tr("Pessimistic"), 1, 2);
    expectancy_ = add(tr("Expectancy"), 1, 3);
    grid->setRowStretch(2, 1);
    return box;
}

void EvidenceTab::show(const StrategyEntry& entry, const console::NullRow* null)
{
    const auto* of = entry.figures.get();
    auto won = shownFigure(of, Figure::Won);
    auto sharpe = shownFigure(of, Figure::Sharpe);
    auto deflated = shownFigure(of, Figure::Deflated);
    auto expectancy = shownFigure(of, Figure::Expectancy);
    auto hold = shownHold(of);
    if (of != nullptr) {
        const auto n = tr("n %1").arg(format::count(of->trades));
        const auto with = [](ShownFigure& figure, const QString& more) {
            figure.below += (figure.below.isEmpty() ? QString() : QStringLiteral(" · ")) + more;
        };
        with(won, n);
        with(hold, n);
        if (of->sharpe.annual) {
            with(sharpe, of->sharpe.isProvisional ? tr("n %1").arg(of->sharpe.days) : tr("%1 d").arg(of->sharpe.days));
        }
        deflated.below = of->deflated ? tr("%1 tries").arg(format::decimal(of->tries, 0)) : deflated.below;
        expectancy_->setName(tr("Expectancy, %1").arg(n));
    }
    won_->setFigure(won);
    sharpe_->setFigure(sharpe);
    deflated_->setFigure(deflated);
    hold_->setFigure(hold);
    expectancy_->setFigure(expectancy);
    showBand(of);
    showNull(entry, null);
    hash_ = entry.of.parameterHash;
    inShadow_ = of != nullptr ? of->inShadow : 0;
    showEquity();
}

void EvidenceTab::showBand(const trading::Evaluation* of)
{
    const auto put = [&](FigureBlock* block, const base::Money trading::Evaluation::* net, const QString& rule) {
        ShownFigure figure;
        figure.text = format::undefined();
        figure.tone = Meaning::TextFaint;
        figure.help = tr("No trade yet.");
        if (of != nullptr && of->trades > 0) {
            const auto value = of->*net;
            figure.text = format::signedMoney(value, 0);
            figure.below = tr("USDT, n %1").arg(format::count(of->trades));
            figure.tone = context_.theme.toneOf(base::toUsdt(value));
            figure.help =
                tr("Net %1 USDT, n = %2. %3").arg(format::signedMoney(value), format::count(of->trades), rule);
        }
        block->setFigure(figure);
    };
    put(optimistic_, &trading::Evaluation::optimistic, tr("As if every order filled at its decision price."));
    put(calibrated_, &trading::Evaluation::net, tr("As the paper broker filled."));
    put(pessimistic_, &trading::Evaluation::pessimistic,
        tr("With the upper end of the learned slippage on every market order, and the taker's fee on what rested."));
}

void EvidenceTab::showNull(const StrategyEntry& entry, const console::NullRow* null)
{
    const auto* info = trading::findStrategy(entry.of.name);
    const QString missing =
        info != nullptr && info->asksModel
            ? tr("A null has no model, so it never trades there; its model is held against its own null in the audit, "
                 "on Models.")
            : tr("What chance alone would earn is not known yet. \u201cRun noise null\u201d trades this strategy on "
                 "mirrored bars, where there is nothing to find.");
    if (null == nullptr || null->expectancies.empty()) {
        nullNote_->show(tr("Noise null"));
        nullNote_->setMeaning(Meaning::TextMuted);
        null_->setEmptyText(null == nullptr ? missing
                                            : tr("No run of the null traded, so there is nothing to compare."));
        null_->setValues({}, {});
        return;
    }
    std::vector<float> percent;
    percent.reserve(null->expectancies.size());
    std::ranges::transform(null->expectancies, std::back_inserter(percent), [](float e) { return e * 100; });
    const auto label = [](const QString& words, double fraction) {
        return words + QLatin1Char(' ') + format::signedPercent(fraction, 2);
    };
    std::vector<Histogram::Mark> marks;
    const auto& real = null->real;
    if (real) {
        marks.push_back({*real * 100, label(tr("this strategy"), *real),
                         *real > null->figures.p95 ? &ChartColors::gain : &ChartColors::focus, true});
    }
    marks.push_back({null->figures.p95 * 100, label(tr("95%"), null->figures.p95), &ChartColors::warning, false});
    marks.push_back(
        {null->figures.median * 100, label(tr("median"), null->figures.median), &ChartColors::textSecond, false});
    null_->setValues(std::move(percent), std::move(marks));
    const bool isOld = null->parameterHash != entry.of.parameterHash;
    nullNote_->setMeaning(isOld ? Meaning::Warning : Meaning::TextMuted);
    nullNote_->show(isOld ? tr("Noise null of other parameters (%1); run it again")
                                .arg(format::text(null->parameterHash.substr(0, 8)))
                          : tr("Noise null on bars, expectancy in percent: %1 of %2 runs did better")
                                .arg(format::percent(null->figures.share, 1), format::count(null->figures.runs)));
    nullNote_->setToolTip(
        tr("Mean net of a trade in percent of its notional, in %1 runs on mirrored bars of the newest 60 days (%2 of "
           "them traded),\nbeside the rule on the same bars as they were; fills are those of bars, so the record on "
           "ticks differs.\nComputed %3")
            .arg(format::count(null->seeds), format::count(null->figures.runs),
                 format::moment(null->time, context_.now(), context_.zone)));
}

void EvidenceTab::setTrades(const std::vector<trading::ClosedTrade>& trades, std::uint64_t total)
{
    records_ = equityRecords(trades);
    total_ = total;
    showEquity();
}

void EvidenceTab::clearTrades()
{
    records_.clear();
    total_ = 0;
    equity_->setFormer({});
    equity_->setSeries({});
}

void EvidenceTab::showEquity()
{
    LineChart::Series present;
    std::vector<LineChart::Series> former;
    std::size_t trades = 0;
    for (const auto& record : records_) {
        trades += record.points.size() - 1;
        if (record.parameterHash == hash_) {
            present = record.points;
        } else {
            former.push_back(record.points);
        }
    }
    const auto n = present.empty() ? 0 : present.size() - 1;
    QString note = tr("Equity of closed trades, USDT, n %1").arg(format::count(n));
    if (trades < total_) {
        note += tr(", the newest %1 of %2").arg(format::count(trades), format::count(total_));
    }
    if (!former.empty()) {
        note += former.size() == 1 ? tr("; dashed: former parameters")
                                   : tr("; dashed: %1 former parameter sets").arg(former.size());
    }
    equityNote_->show(note);
    equity_->setEmptyText(inShadow_ > 0
                              ? tr("No trade of this window counts: %1 closed in shadow, while it was off. Switch it "
                                   "on to collect evidence.")
                                    .arg(format::count(inShadow_))
                              : tr("No trade has ended in this window. The curve begins with the first; a longer "
                                   "window may have some."));
    const bool isGain = present.empty() || present.back().second >= 0;
    equity_->setLineColor(isGain ? &ChartColors::gain : &ChartColors::loss);
    equity_->setFormer(std::move(former));
    equity_->setSeries(std::move(present));
}

void EvidenceTab::restyle()
{
    const auto zone = context_.zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone();
    equity_->setColors(chartColors(context_.theme));
    equity_->setZone(zone);
    null_->setColors(chartColors(context_.theme));
}

void EvidenceTab::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool isWide = width() >= sideBySide;
    const auto direction = isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
    if (layout_->direction() != direction) {
        layout_->setDirection(direction);
        layout_->setStretch(1, isWide ? 4 : 0);
    }
}

} // namespace qd::ui
