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
              .more = new TextLabel(theme_, FontRole::Caption, Meaning::TextFaint),
              .spark = new Sparkline(theme_),
              .figure = new TextLabel(theme_, FontRole::FigureSmall, Meaning::TextMuted)};
    line.figure->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
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
    grid->addWidget(line.text, 1, 0);
    grid->addWidget(line.more, 2, 0);
    grid->addWidget(line.spark, 0, 1, 2, 1, Qt::AlignRight);
    grid->addWidget(line.figure, 2, 1);
    grid->setColumnStretch(0, 1);
    layout()->addWidget(line.box);
    return line;
}

void EnginesList::fill(const Line& line, const Doing& doing)
{
    line.state->show(doing.state == console::EngineState::Running ? QString() : format::word(doing.state).toLower());
    line.state->setMeaning(toneOf(doing.state));
    line.text->show(doing.text);
    line.more->show(doing.more);
    line.spark->setValues(doing.rate, doing.tone);
    line.figure->show(doing.figure);
}

void EnginesList::refresh(const Snapshots& snapshots, Changes changes)
{
    const QString dot = QStringLiteral(" · ");
    if ((changes & Change::Ingest) && snapshots.ingest) {
        const auto& now = *snapshots.ingest;
        const QStringList more{tr("%1 late").arg(format::count(now.late)),
                               tr("%1 repeated").arg(format::count(now.duplicates)),
                               now.reconnects == 1 ? tr("1 reconnect") : tr("%1 reconnects").arg(now.reconnects)};
        fill(ingest_,
             {now.state,
              (now.instruments.size() == 1 ? tr("1 instrument") : tr("%1 instruments").arg(now.instruments.size())) +
                  dot + (now.gapsToday == 1 ? tr("1 gap today") : tr("%1 gaps today").arg(now.gapsToday)),
              more.join(dot), now.rate, Meaning::Focus, format::rate(now.ticksPerSecond) + QStringLiteral(" ticks/s")});
    }
    if ((changes & Change::Paper) && snapshots.paper) {
        const auto& now = *snapshots.paper;
        const auto on =
            std::count_if(now.strategies.begin(), now.strategies.end(), [](const auto& row) { return row.isEnabled; });
        const auto open = now.positions.size();
        fill(paper_, {now.state,
                      tr("%1 of %2 strategies on").arg(on).arg(now.strategies.size()) + dot +
                          (open == 1 ? tr("1 open") : tr("%1 open").arg(open)),
                      tr("%1 trades closed").arg(format::count(now.closedTotal)), now.rate, Meaning::Gain,
                      format::decimal(now.microsPerTick, 1) + QStringLiteral(" µs a tick")});
    }
    if ((changes & Change::Store) && snapshots.store) {
        const auto& now = *snapshots.store;
        fill(store_,
             {now.state, tr("write lag %1").arg(format::milliseconds(now.writeLagMs)) + dot + format::bytes(now.bytes),
              tr("%1 ticks").arg(format::count(now.ticks)) + dot + tr("journal %1").arg(format::bytes(now.walBytes)),
              now.rate, Meaning::Warning, format::rate(now.rowsPerSecond) + QStringLiteral(" rows/s")});
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
