#include "ui/strategies/figures.h"

#include "trading/strategy_catalogue.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

using statistics::Measure;
using statistics::Standing;
using trading::Evaluation;

QString tip(const char* source)
{
    return QCoreApplication::translate("strategies", source);
}

QString reason(statistics::Undefined why)
{
    return tip("Undefined: %1.").arg(format::text(statistics::sentence(why)));
}

/// One alone is no choice, whatever the policy hides.
std::size_t leastStrategies(const trading::EvaluationLimits& limits)
{
    return std::max<std::size_t>(limits.deflated.tries.hiddenUnder, 2);
}

QVariant sortOf(const Measure& measure)
{
    return measure ? QVariant(*measure) : QVariant();
}

/// Grey while the trades are too few to be believed.
Meaning toneBy(const Evaluation& of, Meaning otherwise)
{
    return of.trades < of.limits.greyTrades ? Meaning::TextFaint : otherwise;
}

Meaning toneOf(double value)
{
    return value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text;
}

QString count(const char* words, std::uint64_t n)
{
    return tip(words).arg(format::count(n));
}

QString fewTrades(const Evaluation& of)
{
    return of.trades < of.limits.greyTrades
               ? QLatin1Char('\n') + tip("Grey: under %1 trades little can be said.").arg(of.limits.greyTrades)
               : QString();
}

ShownFigure trades(const Evaluation& of)
{
    ShownFigure out;
    out.text = format::count(of.trades);
    out.sort = of.trades;
    out.tone = toneBy(of, Meaning::Text);
    out.help = tip("Closed trades of the window that count; %1 of them won.").arg(format::count(of.won));
    if (of.inShadow > 0) {
        out.help += QLatin1Char('\n') + count("%1 more closed in shadow, and do not count.", of.inShadow);
    }
    return out;
}

ShownFigure won(const Evaluation& of)
{
    ShownFigure out;
    out.text = of.winRate ? format::percent(*of.winRate, 1) : format::undefined();
    out.sort = sortOf(of.winRate);
    out.tone = toneBy(of, Meaning::Text);
    out.below = of.trades > 0 ? format::percentInterval(of.winInterval.lower, of.winInterval.upper) : QString();
    out.help =
        of.winRate
            ? tip("Share of trades won, % of n = %1; under it Wilson's 95% interval.").arg(format::count(of.trades)) +
                  fewTrades(of)
            : reason(of.winRate.error());
    return out;
}

/// Why there is no provisional Sharpe ratio either.
QString noProvisional(const Evaluation& of)
{
    return of.sharpe.annual.error() == statistics::Undefined::TooFew
               ? tip("A provisional one needs %1 clusters of trades over %2; trades that overlap are one cluster.")
                     .arg(of.limits.clusters)
                     .arg(format::duration(of.limits.clusterSpan))
               : tip("A provisional one is undefined: %1.")
                     .arg(format::text(statistics::sentence(of.sharpe.annual.error())));
}

/// Why there is no deflated one.
QString notDeflated(const Evaluation& of, bool isTried)
{
    if (of.sharpe.isProvisional) {
        return tip("Undefined: a provisional Sharpe is not deflated.");
    }
    if (!of.sharpe.annual && of.sharpe.days < of.limits.sharpeDays) {
        return tip("Undefined: it is made of the daily Sharpe ratio, which has %1 of the %2 complete UTC days that it "
                   "needs.")
            .arg(of.sharpe.days)
            .arg(of.limits.sharpeDays);
    }
    if (!of.sharpe.annual) {
        return reason(of.sharpe.annual.error());
    }
    return isTried && !of.deflated ? reason(of.deflated.error()) : tip("Undefined: one try is nothing to deflate by.");
}

ShownFigure sharpe(const Evaluation& of)
{
    ShownFigure out;
    const auto& s = of.sharpe;
    out.sort = sortOf(s.annual);
    if (!s.annual) {
        const auto needed = of.limits.sharpeMinTrades;
        const bool isFew = of.trades < needed;
        const bool isYoung = s.days < of.limits.sharpeDays;
        out.tone = Meaning::TextFaint;
        if (isFew) {
            out.text = format::ofNeeded(of.trades, needed);
            out.help = tip("%1 of the %2 trades that a Sharpe ratio needs.").arg(of.trades).arg(needed);
        } else if (isYoung) {
            out.text = format::ofNeeded(s.days, static_cast<std::uint32_t>(of.limits.sharpeDays));
            out.below = tip("days");
            out.help = tip("%1 of the %2 complete UTC days that a daily Sharpe ratio needs.")
                           .arg(s.days)
                           .arg(of.limits.sharpeDays) +
                       QLatin1Char('\n') + noProvisional(of);
        } else {
            out.text = format::undefined();
            out.help = reason(s.annual.error());
        }
        return out;
    }
    out.text = format::decimal(*s.annual, 2);
    out.below = intervalText(s.interval, 1, 1, false);
    if (s.isProvisional) {
        out.tone = Meaning::TextMuted;
        out.below = out.below.isEmpty() ? tip("provisional") : tip("prov. %1").arg(out.below);
        out.belowTone = Meaning::Warning;
        out.help = tip("Provisional, per year: from %1 clusters of trades. A daily figure takes its place after %2 "
                       "complete days;\nuntil then it ranks below those and passes no gate.")
                       .arg(s.days)
                       .arg(of.limits.sharpeDays);
    } else {
        out.tone = s.days < of.limits.sharpeGreyDays ? Meaning::TextMuted : Meaning::Text;
        out.help = tip("Sharpe ratio per year, of n = %1 complete UTC days; under it its 95% interval. Rows are "
                       "ranked by the lower end.")
                       .arg(s.days);
        if (out.tone == Meaning::TextMuted) {
            out.help += QLatin1Char('\n') + tip("Grey: under %1 days.").arg(of.limits.sharpeGreyDays);
        }
    }
    return out;
}

ShownFigure deflated(const Evaluation& of)
{
    ShownFigure out;
    const QString psr = of.psr ? tip("PSR %1").arg(format::decimal(*of.psr, 2)) : QString();
    const auto tries = static_cast<std::size_t>(std::max(0.0, std::round(of.tries)));
    const auto standing = of.limits.deflated.of(of.sharpe.days, tries);
    out.below = psr;
    if (!of.deflated || standing == Standing::Hidden || of.sharpe.isProvisional) {
        out.text = format::undefined();
        out.tone = Meaning::TextFaint;
        out.help = notDeflated(of, standing != Standing::Hidden || of.tries >= 2);
    } else {
        out.text = format::decimal(*of.deflated, 2);
        out.sort = sortOf(of.deflated);
        out.tone = standing == Standing::Shown ? Meaning::Text : Meaning::TextMuted;
        out.help = tip("Deflated %1: probability that the true Sharpe is over zero although %2 tries were made; n = %3 "
                       "days.")
                       .arg(out.text, format::decimal(of.tries, 1))
                       .arg(of.sharpe.days);
        if (standing == Standing::Grey) {
            out.help += QLatin1Char('\n') + tip("Grey: under %1 days or %2 tries.")
                                                .arg(of.limits.deflated.greyUnderDays)
                                                .arg(of.limits.deflated.tries.greyUnder);
        }
    }
    if (!psr.isEmpty()) {
        out.help += QLatin1Char('\n') + tip("%1: the same probability without the tries.").arg(psr);
        if (of.psrSecond) {
            out.help += QLatin1Char(' ') +
                        tip("That it is over %1 a year: %2.")
                            .arg(format::decimal(of.limits.secondBenchmark, 1), format::decimal(*of.psrSecond, 2));
        }
        if (of.limits.psr.of(of.sharpe.days) == Standing::Grey) {
            out.help += QLatin1Char('\n') + tip("Under %1 days a PSR says little.").arg(of.limits.psr.greyUnder);
        }
    }
    return out;
}

ShownFigure profitFactor(const Evaluation& of)
{
    ShownFigure out;
    out.text = of.profitFactor ? format::decimal(*of.profitFactor, 2) : format::undefined();
    out.sort = sortOf(of.profitFactor);
    out.tone = toneBy(of, Meaning::Text);
    out.help = of.profitFactor
                   ? tip("Profit factor: gains divided by losses, n = %1 trades.").arg(format::count(of.trades)) +
                         fewTrades(of)
                   : reason(of.profitFactor.error());
    if (of.livesOnlyInOptimism()) {
        out.below = tip("opt. only");
        out.belowTone = Meaning::Warning;
        out.help += QLatin1Char('\n') + tip("It earns only in the optimistic band: where every order fills at its "
                                            "decision price.");
    }
    return out;
}

/// Growth a year and what it is by the deepest fall; nothing where the days are too few.
QString growthWords(const Evaluation& of)
{
    if (!of.growth) {
        return {};
    }
    auto out = QLatin1Char('\n') + tip("Growth a year (CAGR) %1").arg(format::signedPercent(*of.growth, 1));
    if (of.calmar) {
        out += tip("; by the deepest fall of the days (Calmar) %1").arg(format::decimal(*of.calmar, 2));
    }
    if (of.limits.growth.of(of.growthDays) == Standing::Grey) {
        out += tip("; extrapolated: under %1 days").arg(of.limits.growth.greyUnder);
    }
    return out + QLatin1Char('.');
}

ShownFigure drawdown(const Evaluation& of)
{
    ShownFigure out;
    out.text = of.maxDrawdown ? format::percent(*of.maxDrawdown, 1) : format::undefined();
    out.sort = sortOf(of.maxDrawdown);
    out.help = of.maxDrawdown
                   ? tip("Deepest fall from a peak, % of the capital, n = %1 trades.").arg(format::count(of.trades)) +
                         growthWords(of)
                   : reason(of.maxDrawdown.error());
    return out;
}

ShownFigure expectancy(const Evaluation& of)
{
    ShownFigure out;
    if (!of.expectancy) {
        out.text = format::undefined();
        out.help = reason(of.expectancy.error());
        return out;
    }
    out.text = format::signedPercent(*of.expectancy, 2);
    out.sort = *of.expectancy;
    out.below = intervalText(of.expectancyInterval, 100, 2, true);
    out.tone = toneBy(of, toneOf(*of.expectancy));
    out.help = tip("Mean net of a trade, % of its notional, n = %1; under it its 95% interval.")
                   .arg(format::count(of.trades)) +
               fewTrades(of);
    return out;
}

ShownFigure null(const Evaluation& of)
{
    ShownFigure out;
    if (!of.null || of.null->runs == 0) {
        out.text = format::undefined();
        out.tone = Meaning::TextFaint;
        const auto* info = trading::findStrategy(of.strategy);
        out.help =
            info != nullptr && info->asksModel
                ? tip("Undefined: a null has no model, so it never trades there;\nits model is held against its "
                      "own null in the audit, on Models.")
                : tip("Undefined: the noise null of these parameters was not run yet. \u201cRun noise null\u201d "
                      "makes it.");
        return out;
    }
    out.text = format::signedPercent(of.null->p95, 2);
    out.sort = of.null->p95;
    const bool beats = of.null->real && *of.null->real > of.null->p95;
    out.tone = Meaning::TextMuted;
    out.below = beats ? tip("above") : tip("below");
    out.belowTone = beats ? Meaning::TextFaint : Meaning::Warning;
    out.help =
        tip("95th percentile of the expectancy where there is nothing to find, % of notional, %1 runs that "
            "traded.\n%2 of them did better than the rule on the market as it was, made the same way: %4.\nTheir "
            "median is %3.")
            .arg(format::count(of.null->runs))
            .arg(format::percent(of.null->share, 1), format::signedPercent(of.null->median, 2),
                 of.null->real ? format::signedPercent(*of.null->real, 2) : format::undefined());
    return out;
}

ShownFigure band(const Evaluation& of)
{
    ShownFigure out;
    if (of.trades == 0) {
        out.text = format::undefined();
        out.help = reason(statistics::Undefined::NoTrades);
        return out;
    }
    out.sort = of.livesOnlyInOptimism() ? 1 : of.pessimistic.value > 0 ? 3 : of.net.value > 0 ? 2 : 0;
    out.text = of.livesOnlyInOptimism()   ? tip("only optimistic")
               : of.pessimistic.value > 0 ? tip("pessimistic too")
               : of.net.value > 0         ? tip("calibrated")
                                          : tip("none");
    out.tone = of.livesOnlyInOptimism() ? Meaning::Warning : Meaning::TextMuted;
    const bool isNone = out.sort == 0;
    out.below = isNone ? tip("earns under no rule") : QString();
    out.help = tip("Under which rules of execution it earns. Net: optimistic %1, calibrated %2, pessimistic %3 USDT, n "
                   "= %4.")
                   .arg(format::signedMoney(of.optimistic), format::signedMoney(of.net),
                        format::signedMoney(of.pessimistic), format::count(of.trades));
    if (isNone) {
        out.help +=
            QLatin1Char('\n') + tip("None: it earns nothing even where every order fills at its decision price.");
    }
    return out;
}

ShownFigure net(const Evaluation& of)
{
    ShownFigure out;
    out.text = format::signedMoney(of.net);
    out.sort = base::toUsdt(of.net);
    out.tone = toneBy(of, toneOf(base::toUsdt(of.net)));
    out.help = tip("USDT, after fees and funding, n = %1.").arg(format::count(of.trades)) + growthWords(of);
    return out;
}

ShownFigure equity(const Evaluation& of)
{
    ShownFigure out;
    out.sort = base::toUsdt(of.net);
    out.tone = of.trades > 0 ? toneOf(base::toUsdt(of.net)) : Meaning::TextFaint;
    out.help = tip("Cumulated net after each trade, USDT; ends at %1, n = %2.")
                   .arg(format::signedMoney(of.net), format::count(of.trades));
    return out;
}

} // namespace

QString intervalText(const statistics::Defined<statistics::Interval>& interval, double factor, int decimals,
                     bool isSigned)
{
    if (!interval) {
        return {};
    }
    const auto end = [&](double value) {
        return isSigned ? format::signedDecimal(value * factor, decimals) : format::decimal(value * factor, decimals);
    };
    return end(interval->lower) + QChar(0x2026) + end(interval->upper);
}

ShownFigure shownFigure(const Evaluation* of, Figure figure)
{
    if (of == nullptr) {
        ShownFigure out;
        out.text = figure == Figure::Equity ? QString() : format::undefined();
        out.tone = Meaning::TextFaint;
        out.help = tip("Not computed yet.");
        return out;
    }
    switch (figure) {
    case Figure::Equity:
        return equity(*of);
    case Figure::Trades:
        return trades(*of);
    case Figure::Won:
        return won(*of);
    case Figure::Sharpe:
        return sharpe(*of);
    case Figure::Deflated:
        return deflated(*of);
    case Figure::ProfitFactor:
        return profitFactor(*of);
    case Figure::Drawdown:
        return drawdown(*of);
    case Figure::Expectancy:
        return expectancy(*of);
    case Figure::Null:
        return null(*of);
    case Figure::Band:
        return band(*of);
    case Figure::Net:
        return net(*of);
    }
    return {};
}

ShownFigure shownHold(const Evaluation* of)
{
    ShownFigure out;
    if (of == nullptr || !of->medianHoldSeconds) {
        out.text = format::undefined();
        out.help = of == nullptr ? tip("Not computed yet.") : reason(of->medianHoldSeconds.error());
        return out;
    }
    out.text = format::duration(base::Millis{static_cast<std::int64_t>(*of->medianHoldSeconds * 1'000)});
    out.below = tip("median");
    out.help =
        tip("Median time from entry to exit, n = %1; made by our own simulation.").arg(format::count(of->trades));
    return out;
}

QString choiceNote(const trading::Choice& choice, const trading::EvaluationLimits& limits)
{
    if (!choice.overfitting) {
        return tip("best by Sharpe: PBO %1, %2")
            .arg(format::undefined(), choice.days > 0 && choice.strategies < leastStrategies(limits)
                                          ? tip("too few strategies")
                                          : tip("too few days"));
    }
    const double probability = *choice.overfitting;
    const auto judged = choice.standing != Standing::Shown    ? tip("too little to judge")
                        : probability > choice.overfittedOver ? tip("overfitted")
                        : probability >= choice.doubtfulFrom  ? tip("doubtful")
                                                              : tip("sound");
    return tip("best by Sharpe: PBO %1, %2").arg(format::decimal(probability, 2), judged);
}

QString choiceHelp(const trading::Choice& choice, const trading::EvaluationLimits& limits, std::size_t of)
{
    const auto taken =
        tip("%1 of %2 strategies were taken, over %3 days.\nLeft out is what has under %4 complete days in the window "
            "or stood still on nearly all of them,\nand what began so late that the others would lose more days than "
            "it brings.")
            .arg(choice.strategies)
            .arg(of)
            .arg(choice.days)
            .arg(limits.sharpeDays);
    if (!choice.overfitting) {
        const auto why = choice.days == 0
                             ? tip("Undefined: no strategy has %1 complete days here.").arg(limits.sharpeDays)
                         : choice.strategies < leastStrategies(limits)
                             ? tip("Undefined: %1 strategies are needed to choose among.").arg(leastStrategies(limits))
                             : tip("Undefined: the days do not fill the blocks of the test.");
        return why + QLatin1Char('\n') + taken;
    }
    return tip("Probability of overfitting: how often the one of %1 strategies that is best by its Sharpe ratio\n"
               "on half of %2 days is in the lower half on the others.\nFrom %3 on the choice is doubtful, over %4 "
               "it is overfitted.")
               .arg(choice.strategies)
               .arg(choice.days)
               .arg(format::decimal(choice.doubtfulFrom, 2), format::decimal(choice.overfittedOver, 2)) +
           QLatin1Char('\n') + taken;
}

Column columnOf(Figure figure)
{
    const auto figureColumn = [](const char* title, const char* help, int width) {
        return Column{.title = tip(title),
                      .kind = CellKind::Figure,
                      .alignment = Qt::AlignRight,
                      .help = tip(help),
                      .width = width};
    };
    switch (figure) {
    case Figure::Equity:
        return {.title = tip("Equity"),
                .kind = CellKind::Spark,
                .alignment = Qt::AlignRight,
                .help = tip("Cumulated net after each trade of the window, USDT."),
                .width = 76};
    case Figure::Trades:
        return figureColumn("Trades", "Closed trades of the window, a count; those in shadow are left out.", 56);
    case Figure::Won:
        return figureColumn("Won", "Share of trades won, %, with Wilson's 95% interval.", 62);
    case Figure::Sharpe:
        return figureColumn("Sharpe",
                            "Per year, of daily equity, with its 95% interval. 12/30 counts trades, then complete "
                            "days, until there is one; prov. marks a provisional one.",
                            128);
    case Figure::Deflated:
        return figureColumn("Deflated",
                            "Probability, 0 to 1, that the true Sharpe is over zero, after all tries; under it the "
                            "same without them (PSR).",
                            74);
    case Figure::ProfitFactor:
        return figureColumn("PF", "Profit factor, a ratio: gains divided by losses.", 82);
    case Figure::Drawdown:
        return figureColumn("Max DD", "Deepest fall from a peak, % of the capital.", 64);
    case Figure::Expectancy:
        return figureColumn("Expectancy", "Mean net of a trade, % of its notional, with its 95% interval.", 94);
    case Figure::Null:
        return figureColumn("Null 95%",
                            "What chance alone reaches in one of twenty runs: 95th percentile of the "
                            "expectancy under the noise null, % of notional.",
                            80);
    case Figure::Band:
        return {.title = tip("Band"),
                .help = tip("Under which rules of execution it earns: optimistic, calibrated, pessimistic."),
                .width = 116,
                .isHidden = true};
    case Figure::Net: {
        auto column = figureColumn("Net, USDT",
                                   "USDT, of the trades that closed within the days shown, after fees and funding.", 0);
        column.isHidden = true;
        return column;
    }
    }
    return {};
}

QVariant figureCell(const Evaluation* of, Figure figure, int role)
{
    if (role == SparkRole) {
        return figure == Figure::Equity && of != nullptr ? QVariant::fromValue(of->equity) : QVariant();
    }
    const ShownFigure shown = shownFigure(of, figure);
    switch (role) {
    case Qt::DisplayRole:
        return figure == Figure::Equity ? QVariant() : QVariant(shown.text);
    case SortRole:
        return shown.sort;
    case ToneRole:
        return QVariant::fromValue(shown.tone);
    case BelowRole:
        return shown.below.isEmpty() ? QVariant() : QVariant(shown.below);
    case BelowToneRole:
        return QVariant::fromValue(shown.belowTone);
    case Qt::ToolTipRole:
        return shown.help;
    default:
        return {};
    }
}

} // namespace qd::ui
