#include "ui/execution/trade_story.h"

#include "ui/execution/trade_figures.h"
#include "ui/markets/markets_models.h"
#include "ui/models/model_words.h"

#include <QCoreApplication>

#include <algorithm>

namespace qd::ui {

namespace {

QString tip(const char* source)
{
    return QCoreApplication::translate("execution", source);
}

Meaning toneOfMoney(base::Money value)
{
    return value.value > 0 ? Meaning::Gain : value.value < 0 ? Meaning::Loss : Meaning::Text;
}

class Facts {
public:
    Facts(const TradeStory& story, format::Zone zone) : story_(story), zone_(zone) {}
    std::vector<Fact> take() { return std::move(out_); }

    void entry();
    void model();
    void exit();
    void result();
    void identity();

private:
    void head(const QString& name) { out_.push_back({.name = name, .isHead = true}); }
    void sentence(const QString& text) { out_.push_back({.value = text, .tone = Meaning::TextMuted}); }
    void say(const QString& name, const QString& value, const QString& help = {}, Meaning tone = Meaning::Text)
    {
        out_.push_back({.name = name, .value = value, .help = help, .tone = tone});
    }
    void slippage(const std::optional<double>& share, const QString& why);
    [[nodiscard]] QString price(base::Price of) const { return format::price(story_.instrument, of); }
    [[nodiscard]] QString moment(base::UtcMs time) const { return format::moment(time, story_.now, zone_); }

    const TradeStory& story_;
    const format::Zone zone_;
    std::vector<Fact> out_;
};

void Facts::slippage(const std::optional<double>& share, const QString& why)
{
    say(tip("Slippage"), share ? format::signedPercent(*share, 3) : format::undefined(),
        share ? tip("Fill against decision price; a cost is positive.") : tip("Undefined: %1").arg(why));
}

void Facts::entry()
{
    const auto& position = story_.position;
    const auto& decision = position.decision;
    head(tip("Why it was entered"));
    sentence(decision.why.empty() ? tip("Its strategy gave no sentence.") : format::text(decision.why));
    say(tip("Decided"), moment(decision.time));
    say(tip("Decision price"),
        decision.decisionPriceHalfTicks > 0 ? halfTickText(story_.instrument, decision.decisionPriceHalfTicks)
                                            : format::undefined(),
        tip("Mid of the quote in force, else the last trade."));
    if (decision.limit) {
        say(tip("Limit"), price(*decision.limit), tip("It entered by a resting order."));
    }
    say(tip("Filled"), moment(position.entry.time));
    say(tip("Entry"), price(position.entry.price));
    slippage(entrySlippage(position), tip("no decision price is known"));
    say(tip("Size"), sizeHelp(story_.instrument, position.size).section(QLatin1Char(','), 0, 0),
        sizeHelp(story_.instrument, position.size));
    say(tip("Stop / target"), price(decision.stop) + QStringLiteral(" / ") + price(decision.target));
    say(tip("Time limit"), moment(position.timeLimit));
}

void Facts::model()
{
    if (!story_.model) {
        return;
    }
    const auto& of = *story_.model;
    head(tip("Which model made it"));
    if (of.version.empty()) {
        sentence(tip("None: it was decided before its model was on record."));
        return;
    }
    const QString version = format::text(of.version);
    out_.push_back({.name = tip("Version"),
                    .value = version,
                    .help = tip("Leads to it on Models."),
                    .tone = Meaning::Focus,
                    .link = version});
    say(tip("Learned from"), format::day(of.from, zone_) + QStringLiteral(" … ") + format::day(of.to, zone_),
        tip("What came later it had not seen: %1 to %2").arg(moment(of.from), moment(of.to)));
    say(tip("Said, needed"),
        format::decimal(of.prediction, 3) + QStringLiteral(" ≥ ") + format::decimal(of.threshold, 3),
        tip("Its probability that the entry earns after costs, and from which one on it says yes."));
    for (const auto& moved : of.top) {
        say(format::text(moved.feature), format::signedDecimal(static_cast<double>(moved.moved), 3),
            tip("How far it moved the log odds; its value was %1")
                .arg(format::decimal(static_cast<double>(moved.value), 4)));
    }
    for (const auto& drift : of.drift) {
        if (drift.level == learning::DriftLevel::Watch || drift.level == learning::DriftLevel::Drift) {
            say(tip("Drift of %1").arg(format::text(drift.feature)), format::decimal(drift.psi, 2),
                tip("PSI as it stood then; KS %1").arg(format::decimal(drift.ks, 2)), say::tone(drift.level));
        }
    }
}

void Facts::exit()
{
    if (!story_.closed) {
        head(tip("Still open"));
        say(tip("Last"), format::price(story_.instrument, story_.last));
        say(tip("Unrealised"),
            story_.last ? format::signedMoney(story_.unrealised) + tip(" USDT") : format::undefined(),
            tip("At the last price, after the entry fee."),
            story_.last ? toneOfMoney(story_.unrealised) : Meaning::Text);
        return;
    }
    const auto& trade = *story_.closed;
    head(tip("Why it ended: %1").arg(word(trade.reason)));
    sentence(qd::ui::sentence(trade.reason));
    say(tip("Decision price"),
        trade.exitDecisionHalfTicks ? halfTickText(story_.instrument, *trade.exitDecisionHalfTicks)
                                    : format::undefined(),
        trade.exitDecisionHalfTicks ? tip("The stop's or target's own price, else the mid in force.")
                                    : tip("Undefined: it was closed before this was kept."));
    say(tip("Filled"), moment(trade.exit.time));
    say(tip("Exit"), price(trade.exit.price),
        story_.position.closedSize.value > 0 ? tip("The last part; %1 left at the target before")
                                                   .arg(sizeHelp(story_.instrument, story_.position.closedSize))
                                             : QString());
    if (trade.reason == trading::ExitReason::Stop) {
        const auto gap = exitSlippage(trade);
        say(tip("Gap through stop"), gap ? format::signedPercent(*gap, 3) : format::undefined(),
            gap ? tip("How far beyond the stop its print was.") : tip("Undefined: the stop's price was not kept."));
    } else {
        slippage(exitSlippage(trade), tip("it was closed before its decision price was kept"));
    }
}

void Facts::result()
{
    const auto& position = story_.position;
    head(tip("What it came to, USDT"));
    if (story_.closed) {
        const auto& trade = *story_.closed;
        say(tip("Return of the price"), format::signedPercent(priceReturn(trade), 2), tip("Before costs."),
            toneOfMoney(trade.gross));
        say(tip("Gross"), format::signedMoney(trade.gross, 4));
        say(tip("Fees"), format::signedMoney(-trade.fees, 4), tip("Of entry and exits."));
        say(tip("Funding"), format::signedMoney(-trade.funding, 4));
        say(tip("Net"), format::signedMoney(trade.net, 4),
            tip("Gross, less fees and funding; slippage is in the fills."), toneOfMoney(trade.net));
        say(tip("Band"),
            format::signedMoney(trade.pessimistic) + QStringLiteral(" … ") + format::signedMoney(trade.optimistic),
            tip("Net under the pessimistic and the optimistic rule of execution."),
            livesOnlyInOptimism(trade) ? Meaning::Warning : Meaning::Text);
        say(tip("Held"), format::duration(trade.exit.time - position.entry.time));
    } else {
        say(tip("Entry fee"), format::signedMoney(-position.entry.fee, 4));
        say(tip("Funding so far"), format::signedMoney(-position.funding, 4));
        say(tip("Held"), format::duration(story_.now - position.entry.time));
    }
    const bool isSeen = position.best.value > 0 && position.worst.value > 0;
    say(tip("Best / worst"),
        isSeen ? format::signedPercent(excursion(position, position.best), 2) + QStringLiteral(" / ") +
                     format::signedPercent(excursion(position, position.worst), 2)
               : format::undefined(),
        isSeen ? tip("How far the price went for it and against it: %1 and %2")
                     .arg(price(position.best), price(position.worst))
               : tip("Undefined: nothing was printed since its entry."));
}

void Facts::identity()
{
    const auto& position = story_.position;
    head(tip("How it can be found again"));
    say(tip("Parameters"), format::text(position.decision.parameterHash), tip("Hash of the parameters in force."));
    say(tip("Decided at"), format::integer(position.decision.number.value), tip("Stream number of the tick."));
    say(tip("Filled at"), format::integer(position.entry.number.value), tip("Stream number of the tick or quote."));
    if (story_.closed) {
        say(tip("Closed at"), format::integer(story_.closed->exit.number.value),
            tip("Stream number of the tick or quote."));
        const auto marks = marksOf(*story_.closed);
        if (!marks.isEmpty()) {
            say(tip("Marks"), marks.join(QStringLiteral(" · ")), marksHelp(*story_.closed), Meaning::Warning);
        }
    } else if (position.inShadow || position.hasGap) {
        say(tip("Marks"),
            position.inShadow && position.hasGap ? tip("shadow · gap")
            : position.inShadow                  ? tip("shadow")
                                                 : tip("gap"),
            {}, Meaning::Warning);
    }
}

} // namespace

std::vector<Fact> factsOf(const TradeStory& story, format::Zone zone)
{
    Facts facts(story, zone);
    facts.entry();
    facts.model();
    facts.exit();
    facts.result();
    facts.identity();
    return facts.take();
}

QString titleOf(const TradeStory& story)
{
    const auto& decision = story.position.decision;
    return format::text(decision.strategy) + QStringLiteral(" · ") + format::text(story.instrument.name) +
           QStringLiteral(" · ") + format::word(decision.side);
}

QString textOf(const TradeStory& story, format::Zone zone)
{
    QStringList lines{titleOf(story)};
    for (const auto& fact : factsOf(story, zone)) {
        lines << (fact.isHead           ? QLatin1Char('\n') + fact.name
                  : fact.name.isEmpty() ? fact.value
                                        : fact.name + QStringLiteral(": ") + format::plain(fact.value));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

std::vector<PriceLevel> levelsOf(const TradeStory& story)
{
    const auto& position = story.position;
    const auto& decision = position.decision;
    const auto from = position.entry.time;
    const auto to = story.closed ? story.closed->exit.time : std::max(story.now, from);
    const auto named = [&](const QString& name, base::Price price) {
        return name + QLatin1Char(' ') + format::price(story.instrument, price);
    };
    const auto at = [](base::Price price) { return static_cast<double>(price.value); };
    const auto reached = [&](const QString& name, base::Price price) {
        return name + QLatin1Char(' ') + format::signedPercent(excursion(position, price), 2);
    };
    std::vector<PriceLevel> out;
    out.push_back({at(decision.target), from, to, named(tip("target"), decision.target), &ChartColors::gain, true});
    out.push_back({at(decision.stop), from, to, named(tip("stop"), decision.stop), &ChartColors::loss, true});
    out.push_back({at(position.entry.price), from, to, named(tip("entry"), position.entry.price), &ChartColors::focus});
    if (story.closed) {
        const auto exit = story.closed->exit;
        out.push_back({at(exit.price), exit.time, exit.time, named(tip("exit"), exit.price), &ChartColors::second});
    }
    if (position.best.value > 0 && position.best != position.entry.price) {
        out.push_back(
            {at(position.best), from, to, reached(tip("best"), position.best), &ChartColors::textFaint, true});
    }
    if (position.worst.value > 0 && position.worst != position.entry.price) {
        out.push_back(
            {at(position.worst), from, to, reached(tip("worst"), position.worst), &ChartColors::textFaint, true});
    }
    return out;
}

std::vector<MomentLine> momentsOf(const TradeStory& story)
{
    return {{story.position.timeLimit, tip("time limit")}};
}

std::vector<console::TradeMark> tradeMarksOf(const TradeStory& story)
{
    const auto& position = story.position;
    const auto& decision = position.decision;
    const bool isLong = decision.side == market::Side::Buy;
    const auto what = decision.strategy + (isLong ? " long, " : " short, ");
    std::vector<console::TradeMark> out;
    out.push_back({position.entry.time, position.entry.price, decision.side, true, position.inShadow,
                   what + "entry: " + decision.why});
    if (story.closed) {
        out.push_back({story.closed->exit.time, story.closed->exit.price,
                       isLong ? market::Side::Sell : market::Side::Buy, false, position.inShadow,
                       what + "exit by " + std::string(trading::name(story.closed->reason))});
    }
    return out;
}

} // namespace qd::ui
