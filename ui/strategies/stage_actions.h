// What can be done to a strategy's stage: promote, archive, revive, start an experiment, export the manifest. The
// primary button is what the evidence supports; against it one asks why. GUI thread; owned by the detail pane.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

#include <functional>
#include <map>

class QPushButton;

namespace qd::ui {

class TextLabel;

class StageActions final : public QWidget {
    Q_OBJECT
public:
    explicit StageActions(const PageContext& context, QWidget* parent = nullptr);

    void show(const console::StrategyRow& row);
    using QWidget::show;
    /// Null while not known.
    void setGates(const console::StrategyGates* gates);
    void promote();
    void archive();
    [[nodiscard]] QPushButton* promoteButton() { return promote_; }
    [[nodiscard]] QPushButton* archiveButton() { return archive_; }
    [[nodiscard]] QPushButton* manifestButton() { return manifest_; }
    [[nodiscard]] QString told() const;
    /// Where the manifest goes; empty: nowhere. A dialog, unless a test puts its own here.
    std::function<QString()> askFolder;

Q_SIGNALS:
    void experimentWished(const QString& strategy);

private:
    void showState();
    void exportManifest();
    void writeManifest(const QString& folder, const console::SignedManifest& manifest);
    void tell(const QString& text, bool isBad);

    const PageContext context_;
    console::StrategyRow row_;
    std::optional<console::StrategyGates> gates_;
    QPushButton* promote_;
    QPushButton* archive_;
    QPushButton* experiment_;
    QPushButton* manifest_;
    TextLabel* told_;
};

} // namespace qd::ui
