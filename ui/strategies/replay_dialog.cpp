#include "ui/strategies/replay_dialog.h"

#include "ui/strategies/figure_block.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QPainter>
#include <QPushButton>

#include <algorithm>

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

} // namespace

ReplayDialog::ReplayDialog(const PageContext& context, const QString& strategy, const console::ReplayFigures& figures,
                           QWidget* parent)
    : QDialog(parent),
      theme_(context.theme)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Quarterdeck · replay of %1").arg(strategy));
    setAccessibleName(tr("Replay of %1").arg(strategy));
    auto* read =
        new TextLabel(theme_, FontRole::Body, Meaning::TextMuted,
                      tr("%1 ticks in %2, %3 trades. Ledger %4. Under today's parameters; nothing was stored.")
                          .arg(format::count(figures.ticks),
                               format::duration(base::Millis{static_cast<std::int64_t>(figures.seconds * 1'000)}),
                               format::count(figures.trades), format::text(figures.ledgerHash.substr(0, 16))));
    read->setWordWrap(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(new TextLabel(theme_, FontRole::Heading, Meaning::Text, tr("Replay of %1").arg(strategy)));
    layout->addWidget(read);
    if (const auto* of = figuresOf(strategy, figures)) {
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
