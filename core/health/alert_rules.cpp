#include "health/alert_rules.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qd::health {

using base::Millis;
using base::UtcMs;

namespace {

/// A firing rule that sees nothing for so long, awake, ends: its source is gone for good.
constexpr Millis longestBlind = base::oneDay;
/// By so much a clock may be corrected without ending a snooze.
constexpr Millis clockSlack{5 * 60'000};
/// What opens by so much after the day's time is still news of that day.
constexpr Millis lateOfTheDay = base::oneDay / 2;

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// `*` stands for any letters.
bool matches(std::string_view text, std::string_view pattern)
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return text == pattern;
    }
    if (!text.starts_with(pattern.substr(0, star))) {
        return false;
    }
    const auto rest = pattern.substr(star + 1);
    for (auto at = star; at <= text.size(); ++at) {
        if (matches(text.substr(at), rest)) {
            return true;
        }
    }
    return false;
}

bool isSnoozed(const Alert& alert, UtcMs now)
{
    return alert.snoozed && alert.snoozedUntil && now < *alert.snoozedUntil && now >= *alert.snoozed - clockSlack;
}

} // namespace

std::string_view name(AlertState state)
{
    constexpr std::array<std::string_view, 6> names{"ok", "pending", "firing", "acknowledged", "snoozed", "no data"};
    return names[static_cast<std::size_t>(state)];
}

std::string_view name(Telling telling)
{
    constexpr std::array<std::string_view, 3> names{"at once", "once a day", "on screen only"};
    return names[static_cast<std::size_t>(telling)];
}

AlertState stateOf(const Alert& alert, UtcMs now)
{
    if (alert.cleared) {
        return AlertState::Ok;
    }
    if (isSnoozed(alert, now)) {
        return AlertState::Snoozed;
    }
    if (alert.acknowledged) {
        return AlertState::Acknowledged;
    }
    return alert.hasNoData ? AlertState::NoData : AlertState::Firing;
}

bool isQuiet(int minute, int from, int to)
{
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

bool isExpectedProcess(std::string_view process, std::string_view patterns)
{
    constexpr std::size_t kernelCutsAt = 15;
    while (!patterns.empty()) {
        const auto pattern = trimmed(patterns.substr(0, patterns.find(',')));
        patterns.remove_prefix(std::min(patterns.find(','), patterns.size() - 1) + 1);
        if (pattern.empty()) {
            continue;
        }
        if (matches(process, pattern) || (process.size() == kernelCutsAt && pattern.starts_with(process))) {
            return true;
        }
    }
    return false;
}

AlertBook::AlertBook(std::vector<Alert> kept, std::int64_t nextId) : alerts_(std::move(kept)), nextId_(nextId)
{
    for (auto& alert : alerts_) {
        if (!alert.cleared) { // until its rule is seen again nothing is known of it
            alert.hasNoData = true;
            tracks_[alert.rule].isFiring = true;
        }
    }
}

void AlertBook::follow(Track& track, const AlertRule& rule, const Sighting* seen, Millis awake)
{
    const auto value = seen != nullptr && seen->value && !std::isnan(*seen->value) ? seen->value : std::nullopt;
    track.hasValue = value.has_value();
    if (!value) {
        track.overSince.reset();
        track.underSince.reset();
        track.missingSince = track.missingSince.value_or(awake);
        track.isFiring = track.isFiring && awake - *track.missingSince < longestBlind;
        return;
    }
    track.missingSince.reset();
    track.detail = seen->detail;
    if (*value >= rule.opens) {
        track.underSince.reset();
        track.overSince = track.overSince.value_or(awake);
        track.isFiring = track.isFiring || awake - *track.overSince >= rule.opensAfter;
        return;
    }
    track.overSince.reset();
    if (!track.isFiring || *value >= rule.clears) {
        track.underSince.reset();
        return;
    }
    track.underSince = track.underSince.value_or(awake);
    track.isFiring = awake - *track.underSince < rule.clearsAfter;
}

void AlertBook::look(Moment now, std::span<const AlertRule> rules, std::span<const Sighting> seen,
                     const std::string& suspects)
{
    const auto sightingOf = [&](const AlertRule& rule) {
        const auto found = std::ranges::find(seen, rule.id, &Sighting::rule);
        return found == seen.end() ? nullptr : &*found;
    };
    bool isAny = false; // a part that nobody is told of at once must not silence the sum
    for (const auto& rule : rules) {
        if (!rule.isOverall) {
            auto& track = tracks_[rule.id];
            follow(track, rule, sightingOf(rule), now.awake);
            isAny = isAny || (rule.telling == Telling::AtOnce && (track.isFiring || track.overSince));
        }
    }
    for (const auto& rule : rules) {
        if (!rule.isOverall) {
            continue;
        }
        const auto* sighting = sightingOf(rule);
        Sighting explained{.rule = rule.id, .value = 0, .detail = {}}; // by what is told already
        follow(tracks_[rule.id], rule, isAny && sighting != nullptr && sighting->value ? &explained : sighting,
               now.awake);
    }
    std::erase_if(tracks_, [&](const auto& track) {
        return std::ranges::find(rules, track.first, &AlertRule::id) == rules.end();
    });
    settle(now, rules, suspects);
}

// From rules to causes.
void AlertBook::settle(Moment now, std::span<const AlertRule> rules, const std::string& suspects)
{
    for (const auto& rule : rules) {
        const auto& track = tracks_[rule.id];
        if (!track.isFiring) {
            continue;
        }
        auto* alert = openOf(rule.cause);
        if (alert == nullptr) {
            alerts_.push_back({.id = nextId_++,
                               .cause = rule.cause,
                               .rule = rule.id,
                               .title = rule.title,
                               .detail = track.detail,
                               .suspects = rule.telling == Telling::OnceADay ? std::string() : suspects, // no load
                               .telling = rule.telling,
                               .opened = now.utc});
            noteChange(alerts_.back().id);
        } else if (rule.telling < alert->telling) { // it got graver: that is news
            alert->rule = rule.id;
            alert->title = rule.title;
            alert->detail = track.detail;
            alert->telling = rule.telling;
            alert->told.reset();
            alert->acknowledged.reset();
            alert->snoozed.reset();
            alert->snoozedUntil.reset();
            noteChange(alert->id);
        }
    }
    for (auto& alert : alerts_) {
        if (alert.cleared) {
            continue;
        }
        bool isFiring = false;
        alert.hasNoData = true;
        for (const auto& rule : rules) {
            if (const auto& track = tracks_[rule.id]; rule.cause == alert.cause && track.isFiring) {
                isFiring = true;
                alert.hasNoData = alert.hasNoData && !track.hasValue;
                alert.isOfTheDay = rule.isOfTheDay;
            }
        }
        if (!isFiring) {
            alert.cleared = std::max(now.utc, alert.opened);
            alert.hasNoData = false;
            noteChange(alert.id);
        }
    }
}

std::vector<News> AlertBook::takeNews(UtcMs now, bool isQuiet, UtcMs newestDaily)
{
    std::vector<News> out;
    if (isQuiet) { // what is due is told when it ends
        return out;
    }
    for (auto& alert : alerts_) {
        const bool isOpen = !alert.cleared;
        const bool isLate = alert.isOfTheDay && alert.opened - newestDaily <= lateOfTheDay;
        const bool isDue = alert.telling == Telling::AtOnce ||
                           (alert.telling == Telling::OnceADay && (newestDaily >= alert.opened || isLate));
        if (isOpen && isDue && !alert.told && !alert.acknowledged && !isSnoozed(alert, now)) {
            alert.told = now;
            noteChange(alert.id);
            out.push_back({News::Kind::Opened, alert});
        } else if (!isOpen && alert.telling == Telling::AtOnce && !alert.isEndTold) {
            alert.isEndTold = true;
            noteChange(alert.id);
            const bool isOlder = !alert.told && std::ranges::any_of(alerts_, [&](const Alert& other) {
                return other.cause == alert.cause && other.id > alert.id && !other.isEndTold;
            }); // of a cause that came and went while it was quiet, the newest speaks for all
            if (!isOlder && (alert.told || !alert.acknowledged)) { // else the operator knew before anybody was told
                out.push_back({News::Kind::Ended, alert});
            }
        }
    }
    return out;
}

Alert* AlertBook::openOf(std::string_view cause)
{
    const auto found = std::ranges::find_if(alerts_, [&](const Alert& a) { return !a.cleared && a.cause == cause; });
    return found == alerts_.end() ? nullptr : &*found;
}

base::Result<Alert*> AlertBook::byId(std::int64_t id)
{
    const auto found = std::ranges::find(alerts_, id, &Alert::id);
    if (found == alerts_.end()) {
        return base::fail(base::ErrorCode::NotFound, "alert " + std::to_string(id), "no such alert is open");
    }
    if (found->cleared) {
        return base::fail(base::ErrorCode::Conflict, "alert " + std::to_string(id), "it has ended by itself");
    }
    return &*found;
}

base::Result<void> AlertBook::acknowledge(std::int64_t id, UtcMs now)
{
    const auto alert = byId(id);
    if (!alert) {
        return std::unexpected(alert.error());
    }
    (*alert)->acknowledged = now;
    (*alert)->snoozed.reset();
    (*alert)->snoozedUntil.reset();
    noteChange(id);
    return {};
}

base::Result<void> AlertBook::snooze(std::int64_t id, Millis length, UtcMs now)
{
    if (length <= Millis{0} || length > 30 * base::oneDay) {
        return base::fail(base::ErrorCode::OutOfRange, "alert " + std::to_string(id),
                          "an alert sleeps for more than nothing and at most 30 days");
    }
    const auto alert = byId(id);
    if (!alert) {
        return std::unexpected(alert.error());
    }
    (*alert)->acknowledged.reset();
    (*alert)->snoozed = now;
    (*alert)->snoozedUntil = now + length;
    (*alert)->told.reset(); // told again if it lasts
    noteChange(id);
    return {};
}

void AlertBook::toldBy(std::int64_t id, std::string_view channel)
{
    const auto alert = std::ranges::find(alerts_, id, &Alert::id);
    if (alert == alerts_.end() || alert->toldBy.contains(channel)) {
        return;
    }
    alert->toldBy.append(alert->toldBy.empty() ? "" : ", ").append(channel);
    noteChange(id);
}

void AlertBook::noteChange(std::int64_t id)
{
    if (std::ranges::find(changed_, id) == changed_.end()) {
        changed_.push_back(id);
    }
}

std::vector<Alert> AlertBook::takeChanged()
{
    std::vector<Alert> out;
    for (const auto id : changed_) {
        if (const auto found = std::ranges::find(alerts_, id, &Alert::id); found != alerts_.end()) {
            out.push_back(*found);
        }
    }
    changed_.clear();
    std::erase_if(alerts_, [](const Alert& a) { return a.cleared && (a.isEndTold || a.telling != Telling::AtOnce); });
    return out;
}

AlertState AlertBook::ruleState(std::string_view rule) const
{
    const auto track = tracks_.find(rule);
    if (track == tracks_.end() || !track->second.hasValue) {
        return AlertState::NoData;
    }
    return track->second.isFiring ? AlertState::Firing : track->second.overSince ? AlertState::Pending : AlertState::Ok;
}

} // namespace qd::health
