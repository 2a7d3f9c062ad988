#include "ui/watch/watch_pane.h"

#include "ui/widgets/data_table.h"
#include "ui/window_memory.h"

#include <QComboBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QUrl>

namespace qd::ui {

using namespace std::chrono_literals;

namespace {

constexpr int pageSize = 100;

QString keyOf(const WatchPage& page)
{
    return QStringLiteral("watch.") + page.name.toLower();
}

} // namespace

WatchPane::WatchPane(const Theme& theme, WindowMemory& memory, const WatchPage& page, QWidget* parent)
    : Card(theme, page.title, parent),
      theme_(theme),
      page_(page),
      model_(new WatchModel(page.columns, this)),
      table_(new DataTable(theme, memory, keyOf(page), *model_)),
      wrong_(new TextLabel(theme, FontRole::Body, Meaning::Warning))
{
    table_->setRowHeight(31);
    table_->view()->setAccessibleName(page.title);
    sayWaiting();
    wrong_->setWordWrap(true);
    wrong_->hide();
    addChoices(memory);
    addToHeader(table_->menuButton());
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(wrong_);
    layout->addWidget(table_, 1);
    if (!page.note.isEmpty()) {
        auto* note = new TextLabel(theme, FontRole::Caption, Meaning::TextMuted, page.note);
        note->setWordWrap(true);
        layout->addWidget(note);
    }
    setContent(content);
    if (page.isPaged) {
        addPager();
    }
}

void WatchPane::addChoices(WindowMemory& memory)
{
    for (const auto& choice : page_.choices) {
        auto* box = new QComboBox;
        box->setAccessibleName(choice.name);
        box->setToolTip(choice.name);
        for (const auto& [shown, asked] : choice.values) {
            box->addItem(shown, asked);
        }
        const auto key = keyOf(page_) + QLatin1Char('/') + QLatin1String(choice.parameter);
        box->setCurrentIndex(std::max(0, box->findData(memory.value(key, box->itemData(0)))));
        connect(box, &QComboBox::currentIndexChanged, this, [this, box, key, &memory] {
            memory.setValue(key, box->currentData());
            askAnew();
        });
        choices_.push_back(box);
        addToHeader(box);
    }
    constexpr int width = 170;
    for (const auto& field : page_.fields) {
        auto* line = new QLineEdit;
        line->setPlaceholderText(field.hint);
        line->setAccessibleName(field.hint);
        line->setToolTip(field.isName ? tr("A part of a name that was among the rows, or a whole name and Enter; asks "
                                           "for all of these, not only those on this page")
                                      : tr("Asks for all that hold it, not only those on this page"));
        line->setFixedWidth(width);
        line->setClearButtonEnabled(true);
        connect(line, &QLineEdit::editingFinished, this, &WatchPane::readFields);
        connect(line, &QLineEdit::textChanged, this, [this](const QString& text) {
            if (text.isEmpty()) { // by its clear button, too
                readFields();
            } else {
                pause_.start();
            }
        });
        fields_.push_back(line);
        addToHeader(line);
    }
    typed_.resize(fields_.size());
    seen_.resize(fields_.size());
    pause_.setSingleShot(true);
    pause_.setInterval(400ms);
    connect(&pause_, &QTimer::timeout, this, [this] {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const auto text = fields_[i]->text().trimmed();
            if (page_.fields[i].isName && !text.isEmpty() && namesWith(i, text).isEmpty()) {
                return; // it may be half a name, which the API does not know: Enter asks for it
            }
        }
        readFields();
    });
}

/// That hold `part`; the one that it is, where it is one itself.
QStringList WatchPane::namesWith(std::size_t field, const QString& part) const
{
    QStringList out;
    if (part.isEmpty() || !page_.fields[field].isName) {
        return out;
    }
    for (const auto& name : seen_[field]) {
        if (name.compare(part, Qt::CaseInsensitive) == 0) {
            return {name};
        }
        if (name.contains(part, Qt::CaseInsensitive)) {
            out << name;
        }
    }
    return out;
}

/// A part of one name alone stands for it, one of several for none of them; what no row had is asked for as it is.
/// Leaving a field as it was is no question.
void WatchPane::readFields()
{
    pause_.stop();
    std::vector<QString> now;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const auto text = fields_[i]->text().trimmed();
        const auto names = namesWith(i, text);
        now.push_back(names.isEmpty() ? text : names.size() == 1 ? names.front() : QString());
    }
    if (now != typed_) {
        typed_ = std::move(now);
        askAnew();
    }
    tellSeveral();
}

void WatchPane::tellSeveral()
{
    constexpr int mostNames = 4;
    const bool wasTold = std::exchange(isSeveral_, false);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const auto text = fields_[i]->text().trimmed();
        if (const auto names = namesWith(i, text); names.size() > 1) {
            const auto some = names.mid(0, mostNames).join(QStringLiteral(", "));
            wrong_->show(tr("%1 names hold \"%2\": %3. All are shown; go on typing.")
                             .arg(names.size())
                             .arg(text, names.size() > mostNames ? some + QStringLiteral(" …") : some));
            wrong_->QWidget::show();
            isSeveral_ = true;
            return;
        }
    }
    if (wasTold) {
        wrong_->show(QString());
        wrong_->hide();
    }
}

void WatchPane::addPager()
{
    told_ = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted);
    newer_ = new QPushButton(tr("&Page before"));
    older_ = new QPushButton(tr("Page &after"));
    newer_->setObjectName(QStringLiteral("newer"));
    older_->setObjectName(QStringLiteral("older"));
    connect(newer_, &QPushButton::clicked, this, [this] { turn(false); });
    connect(older_, &QPushButton::clicked, this, [this] { turn(true); });
    auto* row = new QHBoxLayout;
    row->setContentsMargins(pageMargin, 0, pageMargin, 0);
    row->addWidget(told_, 1);
    row->addWidget(newer_);
    row->addWidget(older_);
    body()->addLayout(row);
    showPager();
}

QString WatchPane::told() const
{
    return told_ == nullptr ? QString() : told_->text();
}

QString WatchPane::wrong() const
{
    return wrong_->text();
}

std::string WatchPane::path() const
{
    QStringList given;
    const auto add = [&given](const char* name, const QString& value) {
        if (!value.isEmpty()) {
            given << QLatin1String(name) + QLatin1Char('=') + QString::fromLatin1(QUrl::toPercentEncoding(value));
        }
    };
    if (page_.isPaged) {
        add("limit", QString::number(pageSize));
        add("cursor", cursors_.isEmpty() ? QString() : cursors_.last());
    }
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        add(page_.choices[i].parameter, choices_[i]->currentData().toString());
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        add(page_.fields[i].parameter, typed_[i]);
    }
    const std::string path = page_.path;
    return given.isEmpty() ? path : path + '?' + given.join(QLatin1Char('&')).toStdString();
}

/// Another question: from its first page.
void WatchPane::askAnew()
{
    cursors_.clear();
    counts_.clear();
    before_ = 0;
    total_ = 0;
    forget();
    Q_EMIT pathChanged();
}

/// Until the answer is here: rows of another question would stand under this one.
void WatchPane::forget()
{
    shown_.reset();
    shownPath_.clear();
    next_.clear();
    wrong_->show(QString());
    wrong_->hide();
    model_->update({});
    sayWaiting();
    showPager();
}

void WatchPane::sayWaiting()
{
    table_->setEmptyText(time_.isSilent ? tr("No answer") : tr("Reading…"));
}

void WatchPane::turn(bool isOlder)
{
    if (isOlder && !next_.isEmpty()) {
        cursors_ << next_;
        counts_.push_back(model_->rowCount());
        before_ += counts_.back();
    } else if (!isOlder && !cursors_.isEmpty()) {
        cursors_.removeLast();
        before_ -= counts_.back();
        counts_.pop_back();
    }
    forget();
    Q_EMIT pathChanged();
}

void WatchPane::take(const console::WatchedPage& answer, const WatchTime& time)
{
    const bool isNewTime = time.isSilent != time_.isSilent || time.zone != time_.zone;
    time_ = time;
    if (isNewTime && !shown_) {
        sayWaiting();
    }
    if (!answer.body || answer.path != path() || (answer.body == shown_ && answer.path == shownPath_ && !isNewTime)) {
        return;
    }
    shown_ = answer.body;
    shownPath_ = answer.path;
    const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(*answer.body)).object();
    constexpr int ok = 200;
    if (answer.status == ok) {
        showRows(json);
    } else {
        showWrong(answer.status, json);
    }
    showPager();
}

void WatchPane::showRows(const QJsonObject& answer)
{
    wrong_->show(QString());
    wrong_->hide();
    table_->setEmptyText(page_.empty);
    total_ = answer.value(QLatin1String("total")).toInteger();
    next_ = answer.value(QLatin1String("next_cursor")).toString();
    model_->update(page_.rows(answer, time_));
    const auto items = answer.value(QLatin1String("items")).toArray();
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        for (const auto& item : items) {
            if (page_.fields[i].isName) {
                seen_[i].insert(textIn(item.toObject(), page_.fields[i].parameter));
            }
        }
    }
    tellSeveral();
}

void WatchPane::showWrong(int status, const QJsonObject& answer)
{
    constexpr int server = 500; // from here on it is busy or starting: what is shown stays
    const auto error = answer.value(QLatin1String("error")).toObject();
    wrong_->show(textIn(error, "message"));
    wrong_->QWidget::show();
    if (status < server) {
        table_->setEmptyText(tr("Nothing fits this question."));
        total_ = 0;
        next_.clear();
        model_->update({});
    }
}

void WatchPane::showPager()
{
    if (told_ == nullptr) {
        return;
    }
    const auto rows = model_->rowCount();
    told_->show(rows == 0 ? QString()
                          : tr("Rows %1 to %2 of %3. A click on a head and the filter (/) order and search these.")
                                .arg(format::integer(before_ + 1), format::integer(before_ + rows),
                                     format::integer(std::max<std::int64_t>(total_, before_ + rows))));
    newer_->setEnabled(!cursors_.isEmpty());
    older_->setEnabled(!next_.isEmpty());
}

} // namespace qd::ui
