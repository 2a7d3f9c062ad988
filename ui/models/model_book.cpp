#include "ui/models/model_book.h"

namespace qd::ui {

using namespace std::chrono_literals;

ModelBook::ModelBook(Questions& questions, QObject* parent) : QObject(parent), questions_(questions)
{
    minute_.setInterval(1min);
    connect(&minute_, &QTimer::timeout, this, &ModelBook::renew);
}

void ModelBook::follow(const std::shared_ptr<const console::LearningSnapshot>& learning)
{
    if (learning && revision_ != learning->revision) {
        revision_ = learning->revision;
        renew();
        minute_.start();
    }
}

void ModelBook::renew()
{
    if (!revision_) {
        return; // nobody would answer yet
    }
    isStale_ = isAsked_;
    if (!isAsked_) {
        isAsked_ = true;
        questions_.ask(console::AskModels{}, this, [this](const console::Answer& answer) { take(answer); });
    }
}

void ModelBook::take(const console::Answer& answer)
{
    isAsked_ = false;
    const auto* models = std::get_if<console::Models>(&answer.value);
    if (!answer.error && models != nullptr) {
        Q_EMIT changed(std::make_shared<const console::Models>(*models));
    } else {
        Q_EMIT failed(answer.error.value_or(base::Error{}));
    }
    if (std::exchange(isStale_, false)) {
        renew();
    }
}

} // namespace qd::ui
