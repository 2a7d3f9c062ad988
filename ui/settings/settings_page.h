// Settings: the feed, the look of this window, where the data lie, and the policy. GUI thread; owned by the window.
#pragma once

#include "ui/page.h"

#include <QBoxLayout>
#include <QButtonGroup>

namespace qd::ui {

class Appearance;
class Card;
class PillButton;
class PolicyCard;
class TextLabel;

class SettingsPage final : public Page {
    Q_OBJECT
public:
    SettingsPage(const PageContext& context, Appearance& appearance, QWidget* parent = nullptr);

    /// An entry of the policy by its name.
    bool reveal(const QString& thing) override;
    [[nodiscard]] PolicyCard& policy() { return *policy_; }

Q_SIGNALS:
    void feedWished(const QString& feed);
    void importWished();

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Choice {
        QString text;
        std::function<bool()> isOn;
        std::function<void()> choose;
    };
    [[nodiscard]] QWidget* choiceRow(const QString& title, const QString& help, const std::vector<Choice>& choices);
    [[nodiscard]] Card* appearanceCard(Appearance& appearance);
    [[nodiscard]] Card* feedCard();
    [[nodiscard]] Card* dataCard();
    [[nodiscard]] QWidget* buildTabs();
    [[nodiscard]] QWidget* buildOthers(Appearance& appearance);
    void showChoices();
    void lay();

    std::vector<std::pair<PillButton*, std::function<bool()>>> buttons_;
    PolicyCard* policy_ = nullptr;
    QWidget* others_ = nullptr; // feed, appearance, data, manifest key
    QBoxLayout* othersLayout_ = nullptr;
    QWidget* tabs_ = nullptr; // between the two, in a narrow window
    bool isPolicyShown_ = true;
    TextLabel* database_ = nullptr;
    TextLabel* size_ = nullptr;
    TextLabel* ticks_ = nullptr;
    TextLabel* uptime_ = nullptr;
    TextLabel* address_ = nullptr;
    TextLabel* api_ = nullptr;
};

} // namespace qd::ui
