#include "ui/overview/engines_list.h"

#include "ui/top_strip.h"
#include "ui/widgets/card.h"
#include "ui/widgets/sparkline.h"

#include <QGridLayout>
#include <QPainter>

#include <algorithm>

namespace qd::ui {

EnginesList::EnginesList(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    ingest_ = addLine(tr("Ingest"));
    paper_ = addLine(tr("Paper trading"));
    store_ = addLine(tr("Store"));
    layout->addStretch(1);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

EnginesList::Line EnginesList::addLine(const QString& name)
{
    Line line{.box = new QWidget,
              .name = new TextLabel(theme_, FontRole::Strong, Meaning::Text, name),
              .state = new TextLabel(theme_, FontRole::Caption, Meaning::TextFaint, {}),
              .text = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted, format::undefined()),
              .spark = new Sparkline(theme_),
              .figure = new TextLabel(theme_, FontRole::FigureSmall, Meaning::TextMuted)};
    line.figure->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    line.text->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->setSpacing(7);
    head->addWidget(line.name);
    head->addWidget(line.state);
    head->addStretch(1);
    auto* grid = new QGridLayout(line.box);
    grid->setContentsMargins(0, 9, 0, 10);
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(2);
    grid->addLayout(head, 0, 0);
    grid->addWidget(line.text, 1, 0, Qt::AlignTop);
    grid->addWidget(line.spark, 0, 1, Qt::AlignRight);
    grid->addWidget(line.figure, 1, 1, Qt::AlignTop);
    grid->setColumnStretch(0, 1);
    layout()->addWidget(line.box);
    return line;
}

void EnginesList::fill(const Line& line, console::EngineState state, const QString& text,
                       const console::RateHistory& rate, Meaning tone, const QString& figure)
{
    line.state->show(state == console::EngineState::Running ? QString() : format::word(state).toLower());
    line.state->setMeaning(toneOf(state));
    line.text->show(text);
    line.spark->setValues(rate, tone);
    line.figure->show(figure);
}

void EnginesList::refresh(const Snapshots& snapshots, Changes changes)
{
    if ((changes & Change::Ingest) && snapshots.ingest) {
        const auto& now = *snapshots.ingest;
        QStringList parts{now.instruments.size() == 1 ? tr("1 instrument")
                                                      : tr("%1 instruments").arg(now.instruments.size())};
        parts << (now.gapsToday == 1 ? tr("1 gap today") : tr("%1 gaps today").arg(now.gapsToday));
        if (now.reconnects > 0) {
            parts << (now.reconnects == 1 ? tr("1 reconnect") : tr("%1 reconnects").arg(now.reconnects));
        }
        fill(ingest_, now.state, parts.join(QStringLiteral(" · ")), now.rate, Meaning::Focus,
             format::rate(now.ticksPerSecond) + QStringLiteral(" ticks/s"));
    }
    if ((changes & Change::Paper) && snapshots.paper) {
        const auto& now = *snapshots.paper;
        const auto on =
            std::count_if(now.strategies.begin(), now.strategies.end(), [](const auto& row) { return row.isEnabled; });
        const auto open = now.positions.size();
        fill(paper_, now.state,
             tr("%1 of %2 strategies on · %3")
                 .arg(on)
                 .arg(now.strategies.size())
                 .arg(open == 1 ? tr("1 open position") : tr("%1 open positions").arg(open)),
             now.rate, Meaning::Gain, format::decimal(now.microsPerTick, 1) + QStringLiteral(" µs a tick"));
    }
    if ((changes & Change::Store) && snapshots.store) {
        const auto& now = *snapshots.store;
        fill(store_, now.state,
             tr("write lag %1 · %2").arg(format::milliseconds(now.writeLagMs), format::bytes(now.bytes)), now.rate,
             Meaning::Warning, format::rate(now.rowsPerSecond) + QStringLiteral(" rows/s"));
    }
}

void EnginesList::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    const QColor line = mixed(theme_.color(Meaning::Card), theme_.color(Meaning::Hairline), 0.75);
    for (const auto* box : {ingest_.box, paper_.box, store_.box}) {
        p.fillRect(QRect(0, box->geometry().bottom(), width(), 1), line);
    }
}

} // namespace qd::ui
