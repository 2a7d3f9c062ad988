#include "ui/settings/settings_page.h"

#include "ui/settings/appearance.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

#include <QGridLayout>

namespace qd::ui {

SettingsPage::SettingsPage(const PageContext& context, Appearance& appearance, QWidget* parent) : Page(context, parent)
{
    auto* policy = new Card(context.theme, tr("Policy"));
    auto* words =
        new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted,
                      tr("Thresholds of health, trading and review will be edited here, each change journalled. "
                         "Meanwhile the defaults of this version are in force."));
    words->setWordWrap(true);
    policy->body()->addWidget(words);
    policy->body()->addStretch(1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->setSpacing(cardGap);
    layout->addWidget(feedCard());
    layout->addWidget(appearanceCard(appearance));
    layout->addWidget(runningCard());
    layout->addWidget(policy, 1);
    connect(&context.theme, &Theme::changed, this, &SettingsPage::showChoices);
    connect(&appearance, &Appearance::zoneChanged, this, &SettingsPage::showChoices);
    showChoices();
}

QWidget* SettingsPage::choiceRow(const QString& title, const QString& help, const std::vector<Choice>& choices)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 4, 0, 4);
    layout->setSpacing(6);
    auto* words = new QVBoxLayout;
    words->setSpacing(1);
    words->addWidget(new TextLabel(context_.theme, FontRole::Strong, Meaning::Text, title));
    words->addWidget(new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted, help));
    layout->addLayout(words);
    layout->addStretch(1);
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
    auto* card = new Card(context_.theme, tr("Market"));
    const auto feed = context_.console.info().feed;
    const auto choice = [&](const QString& text, const char* name) {
        return Choice{text, [feed, name] { return feed == name; },
                      [this, feed, name] {
                          if (feed != name) {
                              Q_EMIT feedWished(QString::fromLatin1(name));
                          }
                      }};
    };
    card->body()->addWidget(choiceRow(
        tr("Feed"), tr("A change stops the engines and opens the other database. Open positions stay in theirs."),
        {choice(tr("Demo"), "demo"), choice(tr("BloFin"), "blofin"), choice(tr("Imported"), "imported"),
         Choice{tr("Import a file…"), [] { return false; }, [this] { Q_EMIT importWished(); }}}));
    return card;
}

Card* SettingsPage::runningCard()
{
    auto* card = new Card(context_.theme, tr("What runs"));
    const auto info = context_.console.info();
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(8);
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
    add(tr("Version"), format::text(info.version));
    add(tr("Feed"), format::text(info.feed));
    address_ = add(tr("Address"), format::undefined());
    add(tr("Database"), format::text(info.database));
    uptime_ = add(tr("Running for"), format::undefined());
    card->body()->addLayout(grid);
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
    }
}

} // namespace qd::ui
