#include "ui/command_palette.h"

#include "ui/fuzzy.h"
#include "ui/widgets/paint.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int rowHeight = 34;
constexpr int rowsSeen = 10;

class PaletteDelegate final : public QStyledItemDelegate {
public:
    PaletteDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        if (option.state & QStyle::State_Selected) {
            paint::box(*p, QRectF(option.rect).adjusted(0, 1, 0, -1), theme_.color(Meaning::Selection),
                       theme_.color(Meaning::Selection), 6);
        }
        const QRect room = option.rect.adjusted(10, 0, -10, 0);
        p->setFont(theme_.font(FontRole::Caption));
        p->setPen(theme_.color(Meaning::TextFaint));
        p->drawText(room, Qt::AlignLeft | Qt::AlignVCenter, index.data(PaletteModel::KindRole).toString());
        p->drawText(room, Qt::AlignRight | Qt::AlignVCenter, index.data(PaletteModel::HintRole).toString());
        p->setFont(theme_.font(FontRole::Body));
        p->setPen(theme_.color(Meaning::Text));
        p->drawText(room.adjusted(86, 0, -90, 0), Qt::AlignLeft | Qt::AlignVCenter,
                    index.data(Qt::DisplayRole).toString());
    }
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {200, rowHeight};
    }

private:
    const Theme& theme_;
};

} // namespace

void PaletteModel::setEntries(std::vector<PaletteEntry> entries)
{
    beginResetModel();
    entries_ = std::move(entries);
    shown_.clear();
    typed_.clear();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        shown_.push_back(i);
    }
    endResetModel();
}

void PaletteModel::setTyped(const QString& typed)
{
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const QString name = entries_[i].title + QLatin1Char(' ') + entries_[i].kind;
        const auto words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        if (entries_[i].needsItsWords && !std::all_of(words.begin(), words.end(), [&](const QString& word) {
                return entries_[i].title.contains(word, Qt::CaseInsensitive);
            })) {
            continue;
        }
        if (const auto score = fuzzyScore(typed, name)) {
            found.emplace_back(*score, i);
        }
    }
    if (!typed.trimmed().isEmpty()) {
        std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    }
    beginResetModel(); // another question, another list: nothing of the old one is kept
    typed_ = typed;
    shown_.clear();
    for (const auto& [score, i] : found) {
        shown_.push_back(i);
    }
    endResetModel();
}

int PaletteModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(shown_.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const PaletteEntry& of = entry(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return of.title;
    case KindRole:
        return of.kind;
    case HintRole:
        return of.hint;
    case Qt::AccessibleTextRole:
        return QString(of.kind + QLatin1Char(' ') + of.title + QLatin1Char(' ') + of.hint);
    default:
        return {};
    }
}

CommandPalette::CommandPalette(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      line_(new QLineEdit(this)),
      list_(new QListView(this))
{
    hide();
    setAccessibleName(tr("Command palette"));
    line_->setPlaceholderText(tr("Page, instrument, strategy or action"));
    line_->setAccessibleName(tr("Search or run a command"));
    line_->installEventFilter(this);
    list_->setModel(&model_);
    list_->setItemDelegate(new PaletteDelegate(theme, list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setMouseTracking(true);
    list_->viewport()->setAutoFillBackground(false);
    list_->setFixedHeight(rowsSeen * rowHeight);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 10, 10);
    layout->addWidget(line_);
    layout->addWidget(list_);
    connect(line_, &QLineEdit::textChanged, this, [this](const QString& text) {
        model_.setTyped(text);
        list_->setCurrentIndex(model_.index(0));
    });
    connect(list_, &QListView::clicked, this, &CommandPalette::act);
}

void CommandPalette::open(std::vector<PaletteEntry> entries)
{
    before_ = QApplication::focusWidget();
    model_.setEntries(std::move(entries));
    line_->clear();
    list_->setCurrentIndex(model_.index(0));
    const int width = std::min(620, parentWidget()->width() - 40);
    resize(width, sizeHint().height());
    move((parentWidget()->width() - width) / 2, std::min(96, parentWidget()->height() / 8));
    show();
    raise();
    line_->setFocus();
}

void CommandPalette::dismiss()
{
    hide();
    if (before_ != nullptr && before_->isVisible()) {
        before_->setFocus();
    }
    before_ = nullptr;
}

void CommandPalette::act(const QModelIndex& index)
{
    if (!index.isValid()) {
        return;
    }
    const auto chosen = model_.entry(index.row()).act;
    dismiss();
    chosen();
}

void CommandPalette::step(int rows)
{
    const int last = model_.rowCount() - 1;
    const int row = std::clamp(list_->currentIndex().row() + rows, 0, std::max(0, last));
    list_->setCurrentIndex(model_.index(row));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == line_ && event->type() == QEvent::FocusOut && isVisible()) {
        hide();
        return false;
    }
    if (watched != line_ || event->type() != QEvent::KeyPress) {
        return false;
    }
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Down:
        step(1);
        return true;
    case Qt::Key_Up:
        step(-1);
        return true;
    case Qt::Key_PageDown:
        step(rowsSeen);
        return true;
    case Qt::Key_PageUp:
        step(-rowsSeen);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        act(list_->currentIndex());
        return true;
    case Qt::Key_Escape:
        dismiss();
        return true;
    default:
        return false;
    }
}

void CommandPalette::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), theme_.color(Meaning::Background));
    paint::box(p, rect(), theme_.color(Meaning::Card),
               mixed(theme_.color(Meaning::Hairline), theme_.color(Meaning::Focus), 0.4));
}

} // namespace qd::ui
