// Appearance, which is this window's own; and what runs. Thresholds are not edited here yet, and the page says so.
// GUI thread.
#pragma once

#include "ui/page.h"

#include <QButtonGroup>

namespace qd::ui {

class Appearance;
class Card;
class PillButton;
class TextLabel;

class SettingsPage final : public Page {
    Q_OBJECT
public:
    SettingsPage(const PageContext& context, Appearance& appearance, QWidget* parent = nullptr);

Q_SIGNALS:
    void feedWished(const QString& feed);
    void importWished();

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;

private:
    struct Choice {
        QString text;
        std::function<bool()> isOn;
        std::function<void()> choose;
    };
    [[nodiscard]] QWidget* choiceRow(const QString& title, const QString& help, const std::vector<Choice>& choices);
    [[nodiscard]] Card* appearanceCard(Appearance& appearance);
    [[nodiscard]] Card* feedCard();
    [[nodiscard]] Card* runningCard();
    void showChoices();

    std::vector<std::pair<PillButton*, std::function<bool()>>> buttons_;
    TextLabel* uptime_ = nullptr;
    TextLabel* address_ = nullptr;
};

} // namespace qd::ui
