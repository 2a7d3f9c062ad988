#include "ui/overview/night_pane.h"

#include "governance/night_document.h"
#include "ui/patient_question.h"
#include "ui/questions.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QListWidget>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTextBrowser>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr base::Millis patience{1'000};
constexpr int listWidth = 300;
constexpr int dateRole = Qt::UserRole;
constexpr const char* jobName = "night";

governance::NightColors colorsOf(const Theme& theme)
{
    const auto name = [&](Meaning meaning) { return theme.color(meaning).name().toStdString(); };
    return {.background = name(Meaning::Card),
            .text = name(Meaning::Text),
            .muted = name(Meaning::TextMuted),
            .line = name(Meaning::Hairline),
            .good = name(Meaning::Gain),
            .warning = name(Meaning::Warning),
            .bad = name(Meaning::Loss)};
}

} // namespace

NightPane::NightPane(const PageContext& context, QWidget* parent) : QWidget(parent), context_(context)
{
    setAccessibleName(tr("Night report"));
    askFile = [this](const QString& proposed) {
        return QFileDialog::getSaveFileName(window(), tr("Save the report as"), QDir::home().filePath(proposed),
                                            tr("HTML (*.html);;Markdown (*.md);;Text (*.txt)"));
    };
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(cardGap);
    layout->addWidget(buildList());
    layout->addWidget(buildReport(), 1);
    question_ = new PatientQuestion(
        context_, this, patience, [] { return console::AskNights{}; },
        [this](const console::Answer& answer) { takeNights(answer); });
    restyle();
}

QWidget* NightPane::buildList()
{
    listCard_ = new Card(context_.theme, tr("Nights"));
    listCard_->setFixedWidth(listWidth);
    auto* back = new QPushButton(tr("Back to now"));
    back->setObjectName(QStringLiteral("back"));
    back->setToolTip(tr("Esc"));
    listCard_->addToHeader(back);
    connect(back, &QPushButton::clicked, this, &NightPane::left);
    nights_ = new QListWidget;
    nights_->setAccessibleName(tr("Nights with a report"));
    nights_->setWordWrap(true);
    nights_->setFrameShape(QFrame::NoFrame);
    nights_->setSpacing(3);
    nights_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    nights_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    next_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    next_->setWordWrap(true);
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->addWidget(nights_, 1);
    lines->addWidget(next_);
    listCard_->setContent(content);
    connect(nights_, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        if (item != nullptr) {
            choose(item->data(dateRole).toString());
        }
    });
    return listCard_;
}

QWidget* NightPane::buildReport()
{
    reportCard_ = new Card(context_.theme, tr("Night report"));
    auto* make = new QPushButton(tr("Make one now"));
    make->setObjectName(QStringLiteral("make"));
    make->setToolTip(tr("A report from the newest one until now; it is shown, not kept"));
    copy_ = new QPushButton(tr("Copy"));
    copy_->setObjectName(QStringLiteral("copy"));
    copy_->setToolTip(tr("The report as text"));
    save_ = new QPushButton(tr("Save…"));
    save_->setObjectName(QStringLiteral("save"));
    save_->setToolTip(tr("As HTML, Markdown or text"));
    for (auto* button : {make, copy_, save_}) {
        reportCard_->addToHeader(button);
    }
    report_ = new QTextBrowser;
    report_->setAccessibleName(tr("Night report"));
    report_->setFrameShape(QFrame::NoFrame);
    report_->setOpenLinks(false);
    auto* none = new EmptyState(context_.theme, tr("No report yet"),
                                tr("Each morning one page is made here about the night: gaps, jobs, proposals, "
                                   "trainings, alerts, growth, and how it compares with the nights before."));
    auto* first = none->addButton(tr("Make one now"));
    makers_ = {make, first};
    for (auto* button : makers_) {
        connect(button, &QPushButton::clicked, this, &NightPane::makeNow);
    }
    connect(copy_, &QPushButton::clicked, this, &NightPane::copy);
    connect(save_, &QPushButton::clicked, this, &NightPane::save);
    stack_ = new QStackedWidget;
    stack_->addWidget(none);
    stack_->addWidget(report_);
    reportCard_->setContent(stack_);
    return reportCard_;
}

void NightPane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    question_->ask();
    nights_->setFocus();
}

void NightPane::follow(const console::JobsSnapshot& jobs)
{
    const auto job = std::ranges::find(jobs.jobs, jobName, &console::JobLine::name);
    if (job == jobs.jobs.end()) {
        return;
    }
    next_->show(job->isPaused ? tr("Paused on Schedule: none is made by itself.")
                : job->next
                    ? tr("The next one comes %1.").arg(format::moment(*job->next, context_.now(), context_.zone))
                    : QString());
    const auto last = job->last ? std::optional(job->last->id) : std::nullopt;
    if (std::exchange(lastRun_, last) != last) {
        question_->renew();
    }
}

void NightPane::takeNights(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Nights>(&answer.value);
    if (answer.error || value == nullptr) {
        listCard_->setNote(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    listCard_->setNote({});
    const auto newest = rows_.empty() ? std::string() : rows_.front().date;
    const bool isFollowed = !shown_ || (shown_->isKept && shown_->date == newest);
    rows_ = value->rows;
    fillList();
    if (isFollowed && !rows_.empty()) { // the newest, until another is chosen
        wanted_ = format::text(rows_.front().date);
        const QSignalBlocker quiet(nights_);
        nights_->setCurrentRow(0);
        ask(rows_.front().date);
    }
}

void NightPane::fillList()
{
    const QSignalBlocker quiet(nights_);
    nights_->clear();
    const auto add = [this](const QString& title, const QString& words, const QString& date) {
        auto* item = new QListWidgetItem(title + QLatin1Char('\n') + words, nights_);
        item->setData(dateRole, date);
        if (date == wanted_) {
            nights_->setCurrentItem(item);
        }
    };
    if (shown_ && !shown_->isKept) {
        add(tr("Now, not kept"), format::text(shown_->document.headline.text), {});
    }
    for (const auto& row : rows_) {
        add(format::text(row.date), format::text(row.headline), format::text(row.date));
    }
}

void NightPane::choose(const QString& date)
{
    if (date.isEmpty() || date == wanted_) { // what is not kept is what is shown
        return;
    }
    wanted_ = date;
    ask(date.toStdString());
}

void NightPane::makeNow()
{
    wanted_.clear();
    ask({});
}

void NightPane::ask(const std::string& date)
{
    for (auto* button : makers_) {
        button->setEnabled(!date.empty());
    }
    context_.questions.ask(
        console::AskNight{date}, this,
        [this, generation = ++generation_](const console::Answer& answer) { takeReport(answer, generation); });
}

void NightPane::takeReport(const console::Answer& answer, int generation)
{
    if (generation != generation_) {
        return;
    }
    for (auto* button : makers_) {
        button->setEnabled(true);
    }
    const auto* value = std::get_if<console::NightReport>(&answer.value);
    if (answer.error || value == nullptr) {
        reportCard_->setNote(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    reportCard_->setNote({});
    const bool hadOwn = shown_ && !shown_->isKept;
    shown_ = *value;
    if (hadOwn || !value->isKept) {
        fillList();
    }
    render();
    report_->verticalScrollBar()->setValue(0);
}

void NightPane::render()
{
    stack_->setCurrentIndex(shown_ ? 1 : 0);
    for (auto* button :
         {static_cast<QWidget*>(copy_), static_cast<QWidget*>(save_), static_cast<QWidget*>(makers_.front())}) {
        button->setVisible(shown_.has_value());
    }
    if (!shown_) {
        return;
    }
    reportCard_->setTitle(shown_->isKept ? tr("Night report of %1").arg(format::text(shown_->date))
                                         : tr("Report for this moment, not kept"));
    report_->setHtml(format::text(governance::asHtml(shown_->document, colorsOf(context_.theme))));
}

void NightPane::restyle()
{
    const auto at = report_->verticalScrollBar()->value();
    for (auto* view : {static_cast<QAbstractScrollArea*>(nights_), static_cast<QAbstractScrollArea*>(report_)}) {
        auto palette = context_.theme.palette();
        palette.setColor(QPalette::Base, context_.theme.color(Meaning::Card));
        view->setPalette(palette);
        view->setFont(context_.theme.font(FontRole::Body));
    }
    render();
    report_->verticalScrollBar()->setValue(at);
}

QString NightPane::shownText() const
{
    return shown_ ? format::text(governance::asText(shown_->document)) : QString();
}

QString NightPane::emptyText() const
{
    return stack_->currentIndex() == 0 ? next_->text() : QString();
}

void NightPane::copy()
{
    QApplication::clipboard()->setText(shownText());
}

void NightPane::save()
{
    if (!shown_) {
        return;
    }
    const auto day = shown_->isKept ? format::text(shown_->date) : QStringLiteral("now");
    auto name = askFile(QStringLiteral("night-%1.html").arg(day));
    if (name.isEmpty()) {
        return;
    }
    if (QFileInfo(name).suffix().isEmpty()) {
        name += QStringLiteral(".html");
    }
    const auto form = QFileInfo(name).suffix().toLower();
    const auto text = form == QStringLiteral("md")    ? governance::asMarkdown(shown_->document)
                      : form == QStringLiteral("txt") ? governance::asText(shown_->document)
                                                      : governance::asHtml(shown_->document);
    QSaveFile file(name);
    const auto bytes = QByteArray::fromStdString(text);
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    reportCard_->setNote(isWritten ? tr("Saved as %1").arg(QFileInfo(name).fileName())
                                   : tr("It was not saved: %1").arg(file.errorString()));
}

} // namespace qd::ui
