// The registry as it was last told: asked when its revision grows, after each decision on it, and every minute, as
// versions age. All pages find it in their snapshots. GUI thread. Owned by the window.
#pragma once

#include "ui/questions.h"

#include <QTimer>

#include <memory>

namespace qd::ui {

class ModelBook final : public QObject {
    Q_OBJECT
public:
    explicit ModelBook(Questions& questions, QObject* parent = nullptr);
    /// The engine's newest word; null: it has not started.
    void follow(const std::shared_ptr<const console::LearningSnapshot>& learning);
    void renew();

Q_SIGNALS:
    void changed(const std::shared_ptr<const qd::console::Models>& models);
    void failed(const qd::base::Error& error);

private:
    void take(const console::Answer& answer);

    Questions& questions_;
    std::optional<std::uint64_t> revision_; // that was asked of; empty: nothing was
    bool isAsked_ = false;
    bool isStale_ = false; // changed while the answer was on its way
    QTimer minute_;
};

} // namespace qd::ui
