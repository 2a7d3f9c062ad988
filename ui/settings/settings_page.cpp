#include "ui/settings/settings_page.h"

#include "ui/settings/appearance.h"
#include "ui/settings/manifest_key_card.h"
#include "ui/settings/policy_card.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

#include <QApplication>
#include <QButtonGroup>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileInfo>
#include <QGridLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QUrl>

namespace qd::ui {

namespace {

constexpr int besideFrom = 1'240; // from this width on all of it stands side by side

} // namespace

SettingsPage::SettingsPage(const PageContext& context, Appearance& appearance, QWidget* parent) : Page(context, parent)
{
    policy_ = new PolicyCard(context_, this);
    others_ = buildOthers(appearance);
    auto* both = new QHBoxLayout;
    both->setSpacing(cardGap);
    both->addWidget(others_, 31);
    both->addWidget(policy_, 69);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->setSpacing(cardGap);
    layout->addWidget(buildTabs());
    layout->addLayout(both, 1);
    connect(&context.theme, &Theme::changed, this, &SettingsPage::showChoices);
    connect(&appearance, &Appearance::zoneChanged, this, &SettingsPage::showChoices);
    showChoices();
}

// They scroll where the window is low: no page may make it higher.
QWidget* SettingsPage::buildOthers(Appearance& appearance)
{
    auto* content = new QWidget;
    othersLayout_ = new QBoxLayout(QBoxLayout::TopToBottom, content);
    othersLayout_->setContentsMargins(0, 0, 0, 0);
    othersLayout_->setSpacing(cardGap);
    for (const auto& cards : {std::pair{feedCard(), appearanceCard(appearance)},
                              std::pair{dataCard(), static_cast<Card*>(new ManifestKeyCard(context_))}}) {
        auto* column = new QVBoxLayout;
        column->setSpacing(cardGap);
        column->addWidget(cards.first);
        column->addWidget(cards.second);
        column->addStretch(1);
        othersLayout_->addLayout(column);
    }
    auto* area = new QScrollArea(this);
    area->setMinimumWidth(content->minimumSizeHint().width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent));
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    content->setAutoFillBackground(false); // the page shows through
    area->viewport()->setAutoFillBackground(false);
    return area;
}

// In a narrow window the sentences of the policy want its whole width.
QWidget* SettingsPage::buildTabs()
{
    tabs_ = new QWidget(this);
    auto* row = new QHBoxLayout(tabs_);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    auto* group = new QButtonGroup(this);
    for (const auto& text : {tr("Policy"), tr("Feed, appearance, data")}) {
        auto* button = new PillButton(context_.theme, text, tabs_);
        button->setCheckable(true);
        group->addButton(button, static_cast<int>(group->buttons().size()));
        row->addWidget(button);
    }
    row->addStretch(1);
    group->button(0)->setChecked(true);
    connect(group, &QButtonGroup::idClicked, this, [this](int tab) {
        isPolicyShown_ = tab == 0;
        lay();
    });
    return tabs_;
}

void SettingsPage::lay()
{
    const bool isNarrow = width() < besideFrom;
    tabs_->setVisible(isNarrow);
    policy_->setVisible(!isNarrow || isPolicyShown_);
    others_->setVisible(!isNarrow || !isPolicyShown_);
    // A window that is narrow is low, too: then two columns.
    othersLayout_->setDirection(isNarrow ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    othersLayout_->setStretch(0, isNarrow ? 1 : 0);
    othersLayout_->setStretch(1, 1);
}

void SettingsPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    lay();
}

QWidget* SettingsPage::choiceRow(const QString& title, const QString& help, const std::vector<Choice>& choices)
{
    auto* row = new QWidget;
    auto* lines = new QVBoxLayout(row);
    lines->setContentsMargins(0, 2, 0, 6);
    lines->setSpacing(3);
    lines->addWidget(new TextLabel(context_.theme, FontRole::Strong, Meaning::Text, title));
    auto* words = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted, help);
    words->setWordWrap(true);
    lines->addWidget(words);
    auto* layout = new QHBoxLayout;
    layout->setSpacing(6);
    lines->addLayout(layout);
    for (const auto& choice : choices) {
        auto* button = new PillButton(context_.theme, choice.text);
        button->setAccessibleName(title + QStringLiteral(": ") + choice.text);
        connect(button, &QAbstractButton::clicked, this, [this, choose = choice.choose] {
            choose();
            showChoices();
        });
        buttons_.emplace_back(button, choice.isOn);
        layout->addWidget(button);
    }
    layout->addStretch(1);
    return row;
}

Card* SettingsPage::appearanceCard(Appearance& appearance)
{
    auto* card = new Card(context_.theme, tr("Appearance"));
    const Theme& theme = context_.theme;
    card->body()->addWidget(choiceRow(tr("Theme"), tr("Ctrl+Shift+T switches it from every page."),
                                      {{tr("Dark"), [&theme] { return theme.mode() == Mode::Dark; },
                                        [&appearance] { appearance.setMode(Mode::Dark); }},
                                       {tr("Light"), [&theme] { return theme.mode() == Mode::Light; },
                                        [&appearance] { appearance.setMode(Mode::Light); }}}));
    card->body()->addWidget(choiceRow(tr("Gain and loss"), tr("Signs and arrows say the same without colour."),
                                      {{tr("Green and red"), [&theme] { return !theme.isBlueOrange(); },
                                        [&appearance] { appearance.setBlueOrange(false); }},
                                       {tr("Blue and orange"), [&theme] { return theme.isBlueOrange(); },
                                        [&appearance] { appearance.setBlueOrange(true); }}}));
    card->body()->addWidget(
        choiceRow(tr("Time zone of clocks"), tr("Statistics count UTC days in either case."),
                  {{tr("This machine's"), [&appearance] { return appearance.zone() == format::Zone::Local; },
                    [&appearance] { appearance.setZone(format::Zone::Local); }},
                   {tr("UTC"), [&appearance] { return appearance.zone() == format::Zone::Utc; },
                    [&appearance] { appearance.setZone(format::Zone::Utc); }}}));
    return card;
}

Card* SettingsPage::feedCard()
{
    auto* card = new Card(context_.theme, tr("Feed"));
    const auto feed = context_.console.info().feed;
    const auto choice = [&](const QString& text, const char* name) {
        return Choice{text, [feed, name] { return feed == name; },
                      [this, feed, name] {
                          if (feed != name) {
                              Q_EMIT feedWished(QString::fromLatin1(name));
                          }
                      }};
    };
    card->body()->addWidget(
        choiceRow(tr("Where the market comes from"),
                  tr("A change stops the engines and opens the other database. Open positions stay in theirs."),
                  {choice(tr("Demo"), "demo"), choice(tr("BloFin"), "blofin"), choice(tr("Imported"), "imported"),
                   Choice{tr("Import a file…"), [] { return false; }, [this] { Q_EMIT importWished(); }}}));
    return card;
}

Card* SettingsPage::dataCard()
{
    auto* card = new Card(context_.theme, tr("Data"));
    const auto info = context_.console.info();
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(7);
    grid->setColumnStretch(1, 1);
    const auto add = [&](const QString& title, const QString& value) {
        const int row = grid->rowCount();
        grid->addWidget(new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted, title), row, 0);
        auto* label = new TextLabel(context_.theme, FontRole::FigureSmall, Meaning::Text, value);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        label->setToolTip(value);
        grid->addWidget(label, row, 1);
        return label;
    };
    database_ = add(tr("Database"), format::text(info.database));
    size_ = add(tr("Size"), format::undefined());
    ticks_ = add(tr("Ticks"), format::undefined());
    address_ = add(tr("Address"), format::undefined());
    api_ = add(tr("HTTP API"), tr("off"));
    add(tr("Version"), format::text(info.version));
    uptime_ = add(tr("Uptime"), format::undefined());
    card->body()->addLayout(grid);
    auto* exports = new TextLabel(
        context_.theme, FontRole::Caption, Meaning::TextMuted,
        tr("Every table exports what it shows by its ⋯ menu; quarterdeck export writes ticks, candles, trades and the "
           "journal as CSV."));
    exports->setWordWrap(true);
    card->body()->addWidget(exports);
    auto* folder = new QPushButton(tr("Open the folder"), card);
    auto* copy = new QPushButton(tr("Copy the path"), card);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(folder);
    buttons->addWidget(copy);
    buttons->addStretch(1);
    card->body()->addLayout(buttons);
    const QString path = format::text(info.database);
    connect(folder, &QPushButton::clicked, this,
            [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath())); });
    connect(copy, &QPushButton::clicked, this, [path] { QApplication::clipboard()->setText(path); });
    return card;
}

void SettingsPage::showChoices()
{
    for (const auto& [button, isOn] : buttons_) {
        button->setChecked(isOn());
    }
}

void SettingsPage::refresh(const Snapshots& snapshots, Changes)
{
    const auto info = context_.console.info();
    uptime_->show(format::duration(context_.now() - info.startedAt));
    if (snapshots.ingest && !snapshots.ingest->address.empty()) {
        address_->show(format::text(snapshots.ingest->address));
        address_->setToolTip(address_->text());
    }
    if (snapshots.health) {
        for (const auto& service : snapshots.health->services) {
            if (service.name == "HTTP API" && !service.detail.empty()) {
                api_->show(format::text(service.detail));
                api_->setToolTip(api_->text());
            }
        }
    }
    if (snapshots.store) {
        size_->show(format::bytes(snapshots.store->bytes));
        ticks_->show(format::count(snapshots.store->ticks));
    }
    policy_->show(snapshots);
}

bool SettingsPage::reveal(const QString& thing)
{
    if (policy_->isHidden()) {
        tabs_->findChild<QAbstractButton*>()->click();
    }
    return policy_->reveal(thing);
}

} // namespace qd::ui
