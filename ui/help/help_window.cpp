#include "ui/help/help_window.h"

#include "ui/help/help_pages.h"
#include "ui/help/help_view.h"
#include "ui/widgets/card.h"
#include "ui/window_memory.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QScrollBar>
#include <QShortcut>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString geometryKey = QStringLiteral("help/geometry");
enum Role : int { PageRole = Qt::UserRole + 1, SectionRole };

QToolButton* button(QWidget* parent, const QString& text, const QString& name, const QString& help)
{
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setAccessibleName(name);
    made->setToolTip(help);
    made->setMinimumSize(32, 30);
    return made;
}

} // namespace

HelpWindow::HelpWindow(const Theme& theme, WindowMemory& memory, QWidget* parent)
    : QWidget(parent, Qt::Window),
      theme_(theme),
      memory_(memory),
      line_(new QLineEdit(this)),
      list_(new QListWidget(this)),
      found_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted)),
      view_(new HelpView(theme, this)),
      back_(button(this, QStringLiteral("←"), tr("Back"), tr("Back (Alt+Left)"))),
      forward_(button(this, QStringLiteral("→"), tr("Forward"), tr("Forward (Alt+Right)")))
{
    setWindowTitle(tr("Quarterdeck · Help"));
    setAccessibleName(tr("Help"));
    setMinimumSize(720, 420);
    build();
    buildKeys();
    listAll();
    showButtons();
    connect(line_, &QLineEdit::textChanged, this,
            [this](const QString& words) { words.trimmed().isEmpty() ? listAll() : listHits(words); });
    connect(list_, &QListWidget::itemActivated, this, [this] { choose(list_->currentRow()); });
    connect(list_, &QListWidget::itemClicked, this, [this] { choose(list_->currentRow()); });
    connect(view_, &HelpView::linkAsked, this, &HelpWindow::follow);
    connect(back_, &QToolButton::clicked, this, &HelpWindow::back);
    connect(forward_, &QToolButton::clicked, this, &HelpWindow::forward);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    if (!restoreGeometry(memory_.value(geometryKey).toByteArray())) {
        resize(1040, 760);
    }
}

void HelpWindow::build()
{
    line_->setPlaceholderText(tr("Search the help"));
    line_->setAccessibleName(tr("Search the help"));
    line_->setToolTip(tr("Every word must be found (/ or Ctrl+F)"));
    line_->setClearButtonEnabled(true);
    line_->installEventFilter(this);
    list_->setAccessibleName(tr("Pages of the help"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setWordWrap(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->viewport()->setAutoFillBackground(false);
    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(back_);
    top->addWidget(forward_);
    top->addWidget(line_, 1);
    auto* left = new QVBoxLayout;
    left->setSpacing(8);
    left->addLayout(top);
    left->addWidget(found_);
    left->addWidget(list_, 1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(cardGap, cardGap, cardGap, cardGap);
    layout->setSpacing(cardGap);
    layout->addLayout(left, 30);
    layout->addWidget(view_, 70);
}

void HelpWindow::buildKeys()
{
    const auto add = [this](const QKeySequence& key, auto slot) {
        connect(new QShortcut(key, this), &QShortcut::activated, this, slot);
    };
    const auto toSearch = [this] {
        line_->setFocus();
        line_->selectAll();
    };
    add(QKeySequence::Find, toSearch);
    add(QKeySequence(Qt::Key_Slash), toSearch);
    add(QKeySequence(Qt::Key_F1), toSearch);
    add(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { back(); });
    add(QKeySequence(Qt::ALT | Qt::Key_Right), [this] { forward(); });
    add(QKeySequence(Qt::Key_Escape),
        [this] { line_->text().isEmpty() ? static_cast<void>(close()) : line_->clear(); });
}

void HelpWindow::open(const QString& id, const QString& section)
{
    line_->clear();
    go(id, section);
    show();
    raise();
    activateWindow();
    line_->setFocus();
}

void HelpWindow::setPolicy(std::shared_ptr<const console::PolicyView> policy)
{
    const bool isSame = policy_ == policy || (policy_ && policy && *policy_ == *policy);
    policy_ = std::move(policy);
    if (!isSame && !places_.empty()) {
        places_[at_].scrolled = view_->verticalScrollBar()->value();
        showPlace(places_[at_], true);
    }
}

QString HelpWindow::currentPage() const
{
    return places_.empty() ? QString() : places_[at_].page;
}

void HelpWindow::listAll()
{
    list_->clear();
    found_->show(tr("All pages"));
    const auto ids = help::pageIds();
    for (const auto& id : ids) {
        auto* item = new QListWidgetItem(help::title(id), list_);
        item->setData(PageRole, id);
        item->setSizeHint({0, 30});
        if (id == currentPage()) {
            list_->setCurrentItem(item);
        }
    }
}

void HelpWindow::listHits(const QString& words)
{
    list_->clear();
    const auto hits = help::search(words, policy_ ? *policy_ : console::PolicyView{});
    found_->show(hits.empty()       ? tr("Nothing has all of these words")
                 : hits.size() == 1 ? tr("1 place")
                                    : tr("%1 places").arg(hits.size()));
    for (const auto& hit : hits) {
        const auto& part = hit.section;
        const auto title =
            part.heading.isEmpty() ? part.pageTitle : part.pageTitle + QStringLiteral(" › ") + part.heading;
        auto* item = new QListWidgetItem(title + QLatin1Char('\n') + hit.around, list_);
        item->setData(PageRole, part.page);
        item->setData(SectionRole, help::slug(part.heading));
    }
    list_->setCurrentRow(0);
}

void HelpWindow::choose(int row)
{
    if (const auto* item = list_->item(row)) {
        go(item->data(PageRole).toString(), item->data(SectionRole).toString());
        view_->mark(line_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts));
    }
}

void HelpWindow::follow(const QString& link)
{
    auto page = link.section(QLatin1Char('#'), 0, 0);
    if (page.endsWith(QLatin1String(".md"))) {
        page.chop(3);
    }
    go(page.isEmpty() ? currentPage() : page, link.section(QLatin1Char('#'), 1));
}

void HelpWindow::go(const QString& page, const QString& section)
{
    if (help::source(page).isEmpty()) {
        return;
    }
    if (!places_.empty()) {
        places_[at_].scrolled = view_->verticalScrollBar()->value();
        if (places_[at_].page == page && places_[at_].section == section) {
            showPlace(places_[at_], false);
            return;
        }
        places_.resize(at_ + 1);
    }
    places_.push_back({page, section});
    at_ = places_.size() - 1;
    showPlace(places_[at_], false);
}

void HelpWindow::showPlace(const Place& place, bool isReturn)
{
    view_->showPage(help::filled(help::source(place.page), policy_ ? *policy_ : console::PolicyView{}));
    if (isReturn) {
        view_->verticalScrollBar()->setValue(place.scrolled);
    } else if (!place.section.isEmpty()) {
        view_->showSection(place.section);
    }
    for (int row = 0; row < list_->count() && line_->text().trimmed().isEmpty(); ++row) {
        if (list_->item(row)->data(PageRole).toString() == place.page) {
            list_->setCurrentRow(row);
        }
    }
    setWindowTitle(tr("Quarterdeck · Help · %1").arg(help::title(place.page)));
    showButtons();
}

void HelpWindow::step(int by)
{
    const auto to = static_cast<std::ptrdiff_t>(at_) + by;
    if (to < 0 || to >= std::ssize(places_)) {
        return;
    }
    places_[at_].scrolled = view_->verticalScrollBar()->value();
    at_ = static_cast<std::size_t>(to);
    showPlace(places_[at_], true);
}

void HelpWindow::back()
{
    step(-1);
}

void HelpWindow::forward()
{
    step(1);
}

void HelpWindow::showButtons()
{
    back_->setEnabled(at_ > 0);
    forward_->setEnabled(at_ + 1 < places_.size());
}

bool HelpWindow::keyInSearch(int key)
{
    switch (key) {
    case Qt::Key_Down:
    case Qt::Key_Up:
        list_->setCurrentRow(
            std::clamp(list_->currentRow() + (key == Qt::Key_Down ? 1 : -1), 0, std::max(0, list_->count() - 1)));
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose(list_->currentRow());
        return true;
    case Qt::Key_PageDown:
    case Qt::Key_PageUp: {
        auto* bar = view_->verticalScrollBar();
        bar->setValue(bar->value() + (key == Qt::Key_PageDown ? bar->pageStep() : -bar->pageStep()));
        return true;
    }
    default:
        return false;
    }
}

bool HelpWindow::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == line_ && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        return (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier && keyInSearch(key->key());
    }
    return QWidget::eventFilter(watched, event);
}

void HelpWindow::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

void HelpWindow::closeEvent(QCloseEvent* event)
{
    memory_.setValue(geometryKey, saveGeometry());
    QWidget::closeEvent(event);
}

} // namespace qd::ui
