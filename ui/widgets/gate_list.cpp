#include "ui/widgets/gate_list.h"

#include "ui/widgets/card.h"

#include <QGridLayout>
#include <QPainter>

namespace qd::ui {

namespace {

class Mark final : public QWidget {
public:
    explicit Mark(const Theme& theme) : theme_(theme)
    {
        setFixedSize(18, 18);
        connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    }
    void setState(governance::GateState state)
    {
        state_ = state;
        const QString word = state == governance::GateState::Passed   ? GateList::tr("passed")
                             : state == governance::GateState::Failed ? GateList::tr("failed")
                                                                      : GateList::tr("waiting");
        setAccessibleName(word);
        setToolTip(word);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        const bool isPassed = state_ == governance::GateState::Passed;
        const bool isFailed = state_ == governance::GateState::Failed;
        p.setPen(QPen(theme_.color(isPassed   ? Meaning::Gain
                                   : isFailed ? Meaning::Loss
                                              : Meaning::TextFaint),
                      1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        if (isPassed) {
            p.drawPolyline(QPolygonF({{4.5, 9.5}, {7.5, 12.5}, {13, 5.5}}));
        } else if (isFailed) {
            p.drawLine(QPointF(5, 5), QPointF(13, 13));
            p.drawLine(QPointF(13, 5), QPointF(5, 13));
        } else {
            p.drawEllipse(QRectF(4.5, 4.5, 9, 9));
        }
    }

private:
    const Theme& theme_;
    governance::GateState state_ = governance::GateState::Waiting;
};

} // namespace

GateList::GateList(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme), grid_(new QGridLayout(this))
{
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setHorizontalSpacing(8);
    grid_->setVerticalSpacing(0);
    grid_->setColumnStretch(1, 1);
}

void GateList::addRow()
{
    const int at = static_cast<int>(rows_.size());
    const Row row{new Mark(theme_), new TextLabel(theme_, FontRole::Body, Meaning::Text),
                  new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted),
                  new TextLabel(theme_, FontRole::FigureSmall, Meaning::Text),
                  new TextLabel(theme_, FontRole::Caption, Meaning::TextFaint)};
    row.title->setWordWrap(true);
    row.note->setWordWrap(true);
    const auto column = [](TextLabel* first, TextLabel* second, Qt::Alignment side) {
        auto* box = new QWidget;
        auto* lines = new QVBoxLayout(box);
        lines->setContentsMargins(0, 5, 0, 5);
        lines->setSpacing(1);
        lines->addStretch(1);
        for (auto* label : {first, second}) {
            label->setAlignment(side);
            lines->addWidget(label);
        }
        lines->addStretch(1);
        return box;
    };
    grid_->addWidget(row.mark, at, 0, Qt::AlignVCenter);
    grid_->addWidget(column(row.title, row.note, Qt::AlignLeft), at, 1);
    grid_->addWidget(column(row.figure, row.limit, Qt::AlignRight), at, 2);
    rows_.push_back(row);
}

void GateList::fill(const Row& row, const GateLine& line)
{
    static_cast<Mark*>(row.mark)->setState(line.state);
    row.title->show(line.title);
    row.note->show(line.note);
    row.note->setVisible(!line.note.isEmpty());
    row.note->setMeaning(line.isWarning ? Meaning::Warning : Meaning::TextMuted);
    row.figure->show(line.figure);
    row.figure->setMeaning(line.state == governance::GateState::Failed ? Meaning::Loss : Meaning::Text);
    row.limit->show(line.limit);
    row.limit->setVisible(!line.limit.isEmpty());
    row.figure->setAccessibleName(line.title + QStringLiteral(": ") + line.figure);
    for (auto* label : {row.title, row.note, row.figure, row.limit}) {
        label->setToolTip(line.help);
        label->parentWidget()->setToolTip(line.help); // between the lines too
    }
}

void GateList::setLines(const std::vector<GateLine>& lines)
{
    if (lines == lines_) {
        return;
    }
    lines_ = lines;
    while (rows_.size() < lines.size()) {
        addRow();
    }
    while (rows_.size() > lines.size()) {
        const auto& row = rows_.back();
        delete row.mark;
        delete row.title->parentWidget();
        delete row.figure->parentWidget();
        rows_.pop_back();
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        fill(rows_[i], lines[i]);
    }
    updateGeometry();
    update();
}

void GateList::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.setPen(theme_.color(Meaning::Hairline));
    for (std::size_t i = 0; i + 1 < rows_.size(); ++i) {
        const auto* box = rows_[i].title->parentWidget();
        const int y = box->geometry().bottom() + 1;
        p.drawLine(0, y, width(), y);
    }
}

} // namespace qd::ui
