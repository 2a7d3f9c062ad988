#include "ui/strategies/replay_dialog.h"

#include "ui/strategies/figure_block.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QPainter>
#include <QPushButton>

#include <algorithm>
#include <optional>

namespace qd::ui {

namespace {

constexpr std::array shown{Figure::Trades,       Figure::Won,      Figure::Sharpe, Figure::Expectancy,
                           Figure::ProfitFactor, Figure::Drawdown, Figure::Net,    Figure::Band};

const trading::Evaluation* figuresOf(const QString& strategy, const console::ReplayFigures& figures)
{
    const auto found = std::ranges::find_if(
        figures.strategies, [&](const trading::Evaluation& e) { return format::text(e.strategy) == strategy; });
    return found == figures.strategies.end() ? nullptr : &*found;
}

/// Complete ones, from its first entry to its last exit; empty: not known, for the Sharpe ratio is of clusters.
std::optional<std::uint32_t> daysOf(const trading::Evaluation& of)
{
    return of.growthDays > 0         ? std::optional(of.growthDays)
           : of.sharpe.isProvisional ? std::nullopt
                                     : std::optional(of.sharpe.days);
}

QString readWords(const trading::Evaluation* of, const console::ReplayFigures& figures)
{
    QString out = ReplayDialog::tr("The newest %1 days of the archive, or all of it where it is younger: %2 ticks in "
                                   "%3, %4 trades.")
                      .arg(replayDays)
                      .arg(format::count(figures.ticks),
                           format::duration(base::Millis{static_cast<std::int64_t>(figures.seconds * 1'000)}),
                           format::count(figures.trades));
    const auto days = of != nullptr ? daysOf(*of) : std::nullopt;
    if (days) {
        out +=
            QLatin1Char(' ') +
            (*days == 1 ? ReplayDialog::tr("From its first entry to its last exit it is 1 complete day.")
                        : ReplayDialog::tr("From its first entry to its last exit it is %1 complete days.").arg(*days));
    }
    return out + QLatin1Char(' ') + ReplayDialog::tr("Under today's parameters; no trade was stored.");
}

} // namespace

ReplayDialog::ReplayDialog(const PageContext& context, const QString& strategy, const console::ReplayFigures& figures,
                           QWidget* parent)
    : QDialog(parent),
      theme_(context.theme)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Quarterdeck · replay of %1").arg(strategy));
    setAccessibleName(tr("Replay of %1").arg(strategy));
    const auto* of = figuresOf(strategy, figures);
    auto* read = new TextLabel(theme_, FontRole::Body, Meaning::TextMuted, readWords(of, figures));
    const QString hash = format::text(figures.ledgerHash);
    auto* ledger = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted, tr("Ledger %1").arg(hash.left(16)));
    ledger->setToolTip(tr("SHA-256 over the closed trades and the signals of this replay: equal hashes mean the same "
                          "replay.\nIt is not compared with the trades that were recorded as they happened.\n%1")
                           .arg(hash));
    read->setWordWrap(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(new TextLabel(theme_, FontRole::Heading, Meaning::Text, tr("Replay of %1").arg(strategy)));
    layout->addWidget(read);
    layout->addWidget(ledger);
    if (of != nullptr) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(18);
        grid->setVerticalSpacing(12);
        int at = 0;
        for (const auto figure : shown) {
            auto* block = new FigureBlock(theme_, columnOf(figure).title, this);
            block->setFigure(shownFigure(of, figure));
            grid->addWidget(block, at / 4, at % 4);
            ++at;
        }
        layout->addLayout(grid);
    } else {
        layout->addWidget(
            new TextLabel(theme_, FontRole::Body, Meaning::Text,
                          tr("It made no trade in this time. Its funnel says why signals did not trade.")));
    }
    auto* copy = new QPushButton(tr("Copy"), this);
    auto* close = new QPushButton(tr("Close"), this);
    copy->setAutoDefault(false);
    close->setDefault(true);
    connect(copy, &QPushButton::clicked, this,
            [words = text(strategy, figures)] { QApplication::clipboard()->setText(words); });
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(copy);
    buttons->addWidget(close);
    layout->addLayout(buttons);
    setMinimumWidth(560);
}

QString ReplayDialog::text(const QString& strategy, const console::ReplayFigures& figures)
{
    QStringList lines{tr("Replay of %1").arg(strategy), tr("ticks\t%1").arg(figures.ticks),
                      tr("trades\t%1").arg(figures.trades), tr("seconds\t%1").arg(figures.seconds),
                      tr("ledger_hash\t%1").arg(format::text(figures.ledgerHash))};
    if (const auto* of = figuresOf(strategy, figures)) {
        if (const auto days = daysOf(*of)) {
            lines << tr("complete_days\t%1").arg(*days);
        }
        for (const auto figure : shown) {
            const auto one = shownFigure(of, figure);
            lines << columnOf(figure).title + QLatin1Char('\t') + format::plain(one.text) +
                         (one.below.isEmpty() ? QString() : QLatin1Char('\t') + format::plain(one.below));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

void ReplayDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

} // namespace qd::ui
