#include "engines/alert_desk.h"

#include "base/log.h"
#include "engines/alert_sightings.h"
#include "engines/review_schedule.h"
#include "engines/secret_file.h"
#include "health/alert_catalogue.h"
#include "storage/database.h"
#include "storage/policy_store.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace qd::engines {

using base::Millis;
using base::Result;
using base::UtcMs;
using health::Alert;
using health::News;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t pastKept = 200;
constexpr Millis heartbeatEvery{5 * 60'000};
constexpr std::array<const char*, 3> channelNames{"desktop", "heartbeat", "webhook"};

std::string textOf(const std::map<std::string, std::string>& texts, const std::string& name)
{
    const auto found = texts.find(name);
    return found == texts.end() ? std::string() : found->second;
}

std::string urlOf(const std::string& channel, const std::map<std::string, std::string>& texts)
{
    return channel == "desktop" ? std::string() : textOf(texts, "alerts." + channel + "_url");
}

std::string sentenceOf(const News& news)
{
    const auto& alert = news.alert;
    std::string out = alert.detail;
    if (news.kind == News::Kind::Ended && alert.cleared) {
        out = "From " + base::isoText(alert.opened) + " to " + base::isoText(*alert.cleared) + ". It was: " + out;
    }
    if (!alert.suspects.empty() && news.kind == News::Kind::Opened) {
        out += (out.empty() ? "" : out.ends_with('.') ? " " : ". ") + std::string("Busiest then: ") + alert.suspects;
    }
    return out;
}

} // namespace

int localMinute(UtcMs time, const std::string& zone)
{
    const QTimeZone named{QByteArray::fromStdString(zone)};
    const auto local =
        QDateTime::fromMSecsSinceEpoch(time.value, named.isValid() ? named : QTimeZone::systemTimeZone());
    return local.time().hour() * 60 + local.time().minute();
}

bool isChannelOn(const std::string& channel, const base::PolicyValues& numbers,
                 const std::map<std::string, std::string>& texts)
{
    return channel == "desktop" ? base::policyValue(numbers, "alerts.desktop") != 0 : !urlOf(channel, texts).empty();
}

base::Error channelIsOff(const std::string& channel)
{
    return {base::ErrorCode::Conflict, channel,
            channel == "desktop" ? "it is switched off; set the policy alerts.desktop to 1"
                                 : "it has no address yet; set the policy alerts." + channel +
                                       "_url, such as with "
                                       "'quarterdeck policy set alerts." +
                                       channel + "_url https://… --reason …'"};
}

bool AlertDesk::load()
{
    if (isLoaded_ || !links_.isReady()) {
        return isLoaded_;
    }
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        return false; // at the next look
    }
    storage::AlertStore store(*database);
    auto open = store.unfinished();
    auto newest = store.newest(pastKept);
    const auto nextId = store.nextId();
    auto channels = store.channels();
    auto history = store.history(now_);
    storage::PolicyStore policy(*database);
    auto numbers = policy.values();
    auto texts = policy.texts();
    if (!open || !newest || !nextId || !channels || !history || !numbers || !texts) {
        base::log(base::LogLevel::Error, "alerts",
                  base::sentence(!open       ? open.error()
                                 : !newest   ? newest.error()
                                 : !nextId   ? nextId.error()
                                 : !channels ? channels.error()
                                 : !history  ? history.error()
                                 : !numbers  ? numbers.error()
                                             : texts.error()));
        return false;
    }
    for (auto& alert : *newest) {
        if (alert.cleared) {
            past_.push_back(std::move(alert));
        }
    }
    for (auto& row : *channels) {
        channels_.emplace(row.name, std::move(row));
    }
    book_ = health::AlertBook(std::move(*open), *nextId);
    history_ = std::move(*history);
    storedNumbers_ = std::move(*numbers);
    storedTexts_ = std::move(*texts);
    isLoaded_ = true;
    return true;
}

storage::AlertChannel& AlertDesk::channel(const std::string& name)
{
    auto& row = channels_[name];
    row.name = name;
    return row;
}

void AlertDesk::look(health::Moment now, AlertInputs inputs)
{
    now_ = now.utc;
    if (!load()) {
        return;
    }
    if (!inputs.isPolicyKnown) { // what opens meanwhile is told where and when the operator wants it
        inputs.numbers = storedNumbers_;
        inputs.texts = storedTexts_;
    }
    const auto minutes = [&](std::string_view name) {
        return static_cast<int>(std::lround(base::policyValue(inputs.numbers, name)));
    };
    const auto zone = textOf(inputs.texts, "display.zone");
    isQuiet_ = health::isQuiet(localMinute(now.utc, zone), minutes("alerts.quiet_from"), minutes("alerts.quiet_to"));
    takeDeliveries();
    for (const auto* name : channelNames) { // another address has proven nothing yet
        const auto url = urlOf(name, inputs.texts);
        if (const auto [at, isNew] = urls_.try_emplace(name, url); !isNew && at->second != url) {
            // Where there was none, nothing was proven of another.
            const bool isAnother = !std::exchange(at->second, url).empty();
            if (!isAnother) {
                continue;
            }
            channels_[name] = {.name = name, .tried = {}, .succeeded = true, .detail = {}, .proven = {}};
            changedChannels_.insert(name);
            onTheWay_.erase(name);
        }
    }
    addOwnSighting(inputs);
    const auto rules = rulesOf(inputs);
    book_.look(now, rules, inputs.seen, inputs.suspects);
    tell(book_.takeNews(now.utc, isQuiet_, newestReview({minutes("alerts.daily_time"), zone}, now.utc)), inputs);
    keep(0);
    obey(now, inputs);
    testOfTheDay(now, inputs);
    beat(now, inputs);
    while (!outgoing_.empty() && links_.store.tryPush(outgoing_.front())) {
        outgoing_.pop_front();
    }
    publish(inputs);
}

// Until the jobs are known, what is open of them has a rule that sees nothing: it must not end by a start.
std::vector<health::AlertRule> AlertDesk::rulesOf(const AlertInputs& inputs) const
{
    auto out = inputs.jobs;
    if (out.empty()) {
        for (const auto& alert : book_.alerts()) {
            if (!alert.cleared && alert.rule.starts_with(jobRulePrefix)) {
                out.push_back({.id = alert.rule, .cause = alert.cause, .title = alert.title, .telling = alert.telling});
            }
        }
    }
    auto fixed = health::alertRules(inputs.numbers);
    std::ranges::move(fixed, std::back_inserter(out));
    return out;
}

// A channel that is on and did not deliver at its newest try; one that is not there is said on Health alone.
void AlertDesk::addOwnSighting(AlertInputs& inputs) const
{
    health::Sighting out{.rule = "channel.failing", .value = {}, .detail = {}};
    for (const auto& [name, row] : channels_) {
        if (!isChannelOn(name, inputs.numbers, inputs.texts) || name == "desktop") {
            continue;
        }
        out.value = std::max(out.value.value_or(0), row.succeeded ? 0.0 : 1.0);
        if (!row.succeeded) {
            out.detail += (out.detail.empty() ? "" : "; ") + name + ": " + row.detail;
        }
    }
    inputs.seen.push_back(std::move(out));
}

Result<AlertMessage> AlertDesk::messageTo(const std::string& channel, const AlertInputs& inputs)
{
    AlertMessage out{.channel = channel, .time = now_, .url = urlOf(channel, inputs.texts)};
    if (channel == "webhook") {
        auto secret = alertSecretIn(links_.dataDir);
        if (!secret) {
            return std::unexpected(secret.error());
        }
        out.secret = std::move(*secret);
    }
    return out;
}

void AlertDesk::tell(const std::vector<News>& news, const AlertInputs& inputs)
{
    for (const auto& one : news) {
        const bool isEnd = one.kind == News::Kind::Ended;
        links_.events.push(console::Notice{now_, isEnd ? console::Severity::Info : console::Severity::Warning,
                                           (isEnd ? "over: " : "alert: ") + one.alert.title +
                                               (one.alert.detail.empty() ? "" : ": " + one.alert.detail)});
        for (const std::string name : {"desktop", "webhook"}) {
            if (!isChannelOn(name, inputs.numbers, inputs.texts)) {
                continue;
            }
            auto message = messageTo(name, inputs);
            if (!message) {
                note({AlertMessage{.kind = MessageKind::Opened, .channel = name, .time = now_, .url = urls_[name]},
                      message.error()});
                continue;
            }
            message->kind = isEnd ? MessageKind::Ended : MessageKind::Opened;
            message->alert = one.alert.id;
            message->cause = one.alert.cause;
            message->title = isEnd ? "Over: " + one.alert.title : one.alert.title;
            message->text = sentenceOf(one);
            message->isGrave = one.alert.telling == health::Telling::AtOnce;
            links_.courier.post(std::move(*message));
        }
    }
}

void AlertDesk::takeDeliveries()
{
    const auto deliveries = links_.courier.takeDeliveries();
    for (const auto& delivery : deliveries) {
        note(delivery);
    }
}

void AlertDesk::note(const Delivery& delivery)
{
    const auto& message = delivery.message;
    if (message.url != urls_[message.channel] && message.channel != "desktop") {
        if (message.command != 0) {
            links_.events.push(
                console::CommandDone{message.command, base::Error{base::ErrorCode::Cancelled, message.channel,
                                                                  "its address was changed meanwhile"}});
        }
        return; // of an address that is no more
    }
    auto& row = channel(message.channel);
    const auto before = row;
    row.tried = now_;
    row.succeeded = !delivery.error;
    row.detail = delivery.error ? delivery.error->detail : std::string();
    const bool isProof =
        message.kind == MessageKind::Test || (message.kind == MessageKind::SelfTest && message.channel != "desktop");
    if (row.succeeded && isProof) {
        row.proven = now_;
    }
    if (message.kind == MessageKind::SelfTest) {
        onTheWay_.erase(message.channel);
    }
    if (message.kind == MessageKind::Opened && row.succeeded) {
        book_.toldBy(message.alert, message.channel);
    }
    if (message.kind != MessageKind::Heartbeat || before.succeeded != row.succeeded || before.detail != row.detail) {
        changedChannels_.insert(message.channel);
    }
    if (message.command != 0) {
        links_.events.push(console::CommandDone{message.command, delivery.error});
    }
}

void AlertDesk::testOfTheDay(health::Moment now, const AlertInputs& inputs)
{
    if (base::policyValue(inputs.numbers, "alerts.self_test") == 0 || isQuiet_) {
        return;
    }
    for (const std::string name : {"desktop", "webhook"}) {
        const auto row = channels_.find(name);
        const bool isFresh = row != channels_.end() && now.utc - row->second.tried < base::oneDay &&
                             row->second.tried - now.utc < base::oneDay;
        if (isFresh || onTheWay_.contains(name) || !isChannelOn(name, inputs.numbers, inputs.texts)) {
            continue;
        }
        auto message = messageTo(name, inputs);
        if (!message) {
            note({AlertMessage{.kind = MessageKind::SelfTest, .channel = name, .url = urls_[name]}, message.error()});
            continue;
        }
        message->kind = MessageKind::SelfTest;
        message->title = "Test of the day";
        message->text = "Nothing is wrong: Quarterdeck tries this channel once a day.";
        onTheWay_.insert(name);
        links_.courier.post(std::move(*message));
    }
}

void AlertDesk::beat(health::Moment now, const AlertInputs& inputs)
{
    if (!isChannelOn("heartbeat", inputs.numbers, inputs.texts)) {
        beaten_.reset();
        return;
    }
    if (beaten_ && now.awake - *beaten_ < heartbeatEvery) {
        return;
    }
    beaten_ = now.awake;
    if (auto message = messageTo("heartbeat", inputs)) {
        message->kind = MessageKind::Heartbeat;
        links_.courier.post(std::move(*message));
    }
}

// What changed goes to the store as one item.
void AlertDesk::keep(console::CommandId command)
{
    StoreAlerts item{.command = command, .alerts = book_.takeChanged(), .channels = {}};
    for (const auto& alert : item.alerts) {
        std::erase_if(past_, [&](const Alert& old) { return old.id == alert.id; });
        if (alert.cleared) {
            past_.push_front(alert);
        }
    }
    past_.resize(std::min(past_.size(), pastKept));
    for (const auto& name : changedChannels_) {
        item.channels.push_back(channel(name));
    }
    changedChannels_.clear();
    if (command != 0 || !item.alerts.empty() || !item.channels.empty()) {
        outgoing_.emplace_back(std::move(item));
    }
}

void AlertDesk::obey(health::Moment now, const AlertInputs& inputs)
{
    for (const auto& [id, command] : links_.door.popAll(0ms)) {
        obeyOne(id, command, now.utc, inputs);
    }
}

void AlertDesk::obeyOne(console::CommandId id, const console::Command& command, UtcMs now, const AlertInputs& inputs)
{
    Result<void> done;
    if (const auto* seen = std::get_if<console::AcknowledgeAlert>(&command)) {
        done = book_.acknowledge(seen->alert, now);
    } else if (const auto* sleep = std::get_if<console::SnoozeAlert>(&command)) {
        const auto hours = std::isfinite(sleep->hours) ? std::clamp(sleep->hours, 0.0, 1e6) : 0.0;
        done = book_.snooze(sleep->alert, Millis{std::llround(hours * 3'600'000)}, now);
    } else if (const auto* test = std::get_if<console::TestAlerts>(&command)) {
        auto message = messageTo(test->channel, inputs);
        if (std::ranges::find(channelNames, test->channel) == channelNames.end()) {
            message = base::fail(base::ErrorCode::NotFound, test->channel, "there is no such channel");
        } else if (message && !isChannelOn(test->channel, inputs.numbers, inputs.texts)) {
            message = std::unexpected(channelIsOff(test->channel));
        }
        if (message) {
            message->kind = MessageKind::Test;
            message->command = id;
            message->title = "Test of Quarterdeck's alerts";
            message->text = "Nothing is wrong: somebody asked for this test.";
            links_.courier.post(std::move(*message));
            return; // answered when it arrived, or did not
        }
        done = std::unexpected(message.error());
    }
    if (!done) {
        links_.events.push(console::CommandDone{id, done.error()});
        return;
    }
    keep(id);
}

void AlertDesk::publish(const AlertInputs& inputs)
{
    console::AlertsView out;
    for (const auto& alert : book_.alerts()) {
        if (!alert.cleared) {
            out.open.push_back(alert);
            const auto state = health::stateOf(alert, now_);
            if (state == health::AlertState::Firing || state == health::AlertState::NoData) {
                out.waiting.push_back(alert.id);
            }
        }
    }
    out.past.assign(past_.begin(), past_.end());
    for (const std::string name : channelNames) {
        console::AlertChannelRow row{.name = name, .isOn = isChannelOn(name, inputs.numbers, inputs.texts)};
        if (const auto found = channels_.find(name); found != channels_.end() && found->second.tried.value > 0) {
            row.tried = found->second.tried;
            row.succeeded = found->second.succeeded;
            row.detail = found->second.detail;
            row.proven = found->second.proven;
        }
        out.channels.push_back(std::move(row));
    }
    out.isQuiet = isQuiet_;
    if (!view_ || *view_ != out) {
        view_ = std::make_shared<const console::AlertsView>(std::move(out));
    }
}

void AlertDesk::keepHealth(storage::HealthNow health)
{
    StoreItem item{StoreAlerts{.command = 0, .alerts = {}, .channels = {}, .health = std::move(health)}};
    if (isLoaded_ && outgoing_.empty()) {
        (void)links_.store.tryPush(item);
    }
}

void AlertDesk::close()
{
    links_.door.close();
    const base::Error ended{base::ErrorCode::Cancelled, "alerts", "the console is closing"};
    for (const auto& command : links_.door.popAll(0ms)) {
        links_.events.push(console::CommandDone{command.id, ended});
    }
    links_.courier.stop();
    takeDeliveries();
    keep(0);
    while (!outgoing_.empty() && links_.store.tryPush(outgoing_.front())) {
        outgoing_.pop_front();
    }
}

} // namespace qd::engines
