// A question that a widget asks again whenever what it is about has changed, but not more often than its patience
// allows, one at a time, and only while the widget is seen. GUI thread; its owner is the widget.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QTimer>

#include <functional>

namespace qd::ui {

class PatientQuestion final : public QObject {
    Q_OBJECT
public:
    using MakeQuery = std::function<console::Query()>;
    using OnAnswer = std::function<void(const console::Answer&)>;
    /// `answered` is told errors too; then it is asked again once the patience is over.
    PatientQuestion(const PageContext& context, QWidget* owner, base::Millis patience, MakeQuery query,
                    OnAnswer answered);

    /// The answer is of yesterday: asked as soon as it may be.
    void renew();
    /// The same at once, whatever the patience; an answer that is under way still counts.
    void hurry();
    /// Something else is asked from now on: an answer that is under way is dropped.
    void restart();
    /// Asks if it is stale and may be; to be called when the owner is shown.
    void ask();

Q_SIGNALS:
    /// It was just asked: what goes with it may be asked, too.
    void asked();

private:
    void take(const console::Answer& answer);

    const PageContext context_;
    QWidget* owner_;
    const base::Millis patience_;
    MakeQuery query_;
    OnAnswer answered_;
    QTimer due_;
    bool isStale_ = true;
    bool isAsked_ = false;
    int generation_ = 0;
    base::UtcMs askedAt_;
};

} // namespace qd::ui
