// The line over every page: name, feed, one pill an engine, palette, health, clock. GUI thread; the window owns it.
#pragma once

#include "ui/page.h"

#include <QWidget>

namespace qd::ui {

class Pill;
class TextLabel;

class TopStrip final : public QWidget {
    Q_OBJECT
public:
    explicit TopStrip(const PageContext& context, QWidget* parent = nullptr);
    void refresh(const Snapshots& snapshots, Changes changes);
    /// Once a second.
    void tick();
    [[nodiscard]] Pill* feedPill() { return feed_; }
    [[nodiscard]] Pill* retrainPill() { return retrain_; }
    [[nodiscard]] Pill* healthPill() { return health_; }

Q_SIGNALS:
    void paletteAsked();
    void helpAsked();
    void pageAsked(const QString& page);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showFeed();
    void showRetrain(const console::LearningSnapshot& now);

    const PageContext context_;
    TextLabel* name_;
    Pill* feed_;
    Pill* ingest_;
    Pill* paper_;
    Pill* store_;
    Pill* retrain_;
    Pill* search_;
    Pill* help_;
    Pill* health_;
    TextLabel* clock_;
    console::FeedState feedState_ = console::FeedState::Offline;
};

/// How an engine's state looks: running gain, struggling warning, failed loss, else muted.
[[nodiscard]] Meaning toneOf(console::EngineState state);
[[nodiscard]] Meaning toneOf(console::HealthLabel label);

} // namespace qd::ui
