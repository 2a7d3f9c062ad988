#include "engines/alert_courier.h"

#include "base/log.h"
#include "engines/desktop_notifier.h"
#include "engines/web_notifiers.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t mostDeliveries = 1'000; // for one who does not come

bool isWorthAnotherTry(const AlertMessage& message, const base::Error& error)
{
    const bool isNews = message.kind == MessageKind::Opened || message.kind == MessageKind::Ended;
    return isNews && (error.code == base::ErrorCode::Network || error.code == base::ErrorCode::Timeout);
}

} // namespace

AlertCourier::Notifiers allNotifiers()
{
    AlertCourier::Notifiers out;
    out.push_back(std::make_unique<DesktopNotifier>());
    out.push_back(std::make_unique<WebNotifier>(WebNotifier::What::Webhook));
    out.push_back(std::make_unique<WebNotifier>(WebNotifier::What::Heartbeat));
    return out;
}

AlertCourier::AlertCourier(std::function<Notifiers()> make, Pace pace)
    : make_(std::move(make)),
      pace_(std::move(pace)),
      thread_(std::make_unique<base::WorkerThread>(
          "courier", [this](const std::stop_token& stop) { run(stop); },
          [](const std::string& what) { base::log(base::LogLevel::Error, "courier", what); }))
{
}

AlertCourier::~AlertCourier()
{
    stop();
}

void AlertCourier::stop()
{
    if (thread_) {
        thread_->requestStop();
        thread_->join();
        thread_.reset();
    }
}

void AlertCourier::post(AlertMessage message)
{
    std::optional<AlertMessage> dropped;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() >= pace_.most) { // the oldest is the least news
            dropped = std::move(waiting_.front().message);
            waiting_.pop_front();
        }
        waiting_.push_back({std::move(message), 0, std::chrono::steady_clock::now()});
    }
    if (dropped) {
        finish(std::move(*dropped), base::Error{base::ErrorCode::Busy, "courier", "too many messages wait"});
    }
}

std::vector<Delivery> AlertCourier::takeDeliveries()
{
    const std::scoped_lock lock(mutex_);
    return std::exchange(deliveries_, {});
}

void AlertCourier::run(const std::stop_token& stop)
{
    const auto notifiers = make_();
    while (!stop.stop_requested()) {
        if (auto due = takeDue()) {
            carry(std::move(*due), notifiers, stop);
        } else {
            std::this_thread::sleep_for(20ms);
        }
    }
}

std::optional<AlertCourier::Waiting> AlertCourier::takeDue()
{
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    // The end of an alert never overtakes its beginning on the same channel.
    auto due = waiting_.begin();
    for (; due != waiting_.end(); ++due) {
        const auto isBefore = [&](const Waiting& other) {
            return other.message.alert != 0 && other.message.alert == due->message.alert &&
                   other.message.channel == due->message.channel;
        };
        if (due->next <= now && std::none_of(waiting_.begin(), due, isBefore)) {
            break;
        }
    }
    if (due == waiting_.end()) {
        return std::nullopt;
    }
    auto out = std::move(*due);
    waiting_.erase(due);
    return out;
}

void AlertCourier::carry(Waiting waiting, const Notifiers& notifiers, const std::stop_token& stop)
{
    const auto notifier = std::ranges::find(notifiers, waiting.message.channel, &Notifier::channel);
    auto done = notifier != notifiers.end()
                    ? (*notifier)->deliver(waiting.message, stop)
                    : base::Result<void>(base::fail(base::ErrorCode::Unsupported, waiting.message.channel,
                                                    "there is no such channel"));
    if (done || !isWorthAnotherTry(waiting.message, done.error()) || waiting.tried >= pace_.tries.size()) {
        finish(std::move(waiting.message), done ? std::nullopt : std::optional(done.error()));
        return;
    }
    waiting.next = std::chrono::steady_clock::now() + pace_.tries[waiting.tried++];
    const std::scoped_lock lock(mutex_);
    waiting_.push_front(std::move(waiting));
}

void AlertCourier::finish(AlertMessage message, std::optional<base::Error> error)
{
    const std::scoped_lock lock(mutex_);
    if (deliveries_.size() >= mostDeliveries) {
        deliveries_.erase(deliveries_.begin());
    }
    deliveries_.push_back({std::move(message), std::move(error)});
}

} // namespace qd::engines
