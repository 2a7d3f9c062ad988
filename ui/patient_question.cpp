#include "ui/patient_question.h"

#include "ui/questions.h"

namespace qd::ui {

PatientQuestion::PatientQuestion(const PageContext& context, QWidget* owner, base::Millis patience, MakeQuery query,
                                 OnAnswer answered)
    : QObject(owner),
      context_(context),
      owner_(owner),
      patience_(patience),
      query_(std::move(query)),
      answered_(std::move(answered))
{
    due_.setSingleShot(true);
    connect(&due_, &QTimer::timeout, this, &PatientQuestion::ask);
}

void PatientQuestion::renew()
{
    isStale_ = true;
    ask();
}

void PatientQuestion::hurry()
{
    askedAt_ = {};
    renew();
}

void PatientQuestion::restart()
{
    ++generation_;
    isAsked_ = false;
    hurry();
}

void PatientQuestion::ask()
{
    if (!isStale_ || isAsked_ || !owner_->isVisible()) {
        return;
    }
    const auto waited = context_.now() - askedAt_;
    if (waited < patience_) {
        if (!due_.isActive()) {
            due_.start(patience_ - waited);
        }
        return;
    }
    due_.stop();
    isStale_ = false;
    isAsked_ = true;
    askedAt_ = context_.now();
    context_.questions.ask(query_(), this, [this, generation = generation_](const console::Answer& answer) {
        if (generation == generation_) {
            take(answer);
        }
    });
    Q_EMIT asked();
}

void PatientQuestion::take(const console::Answer& answer)
{
    isAsked_ = false;
    isStale_ = isStale_ || answer.error.has_value();
    answered_(answer);
    ask(); // more may have changed meanwhile
}

} // namespace qd::ui
