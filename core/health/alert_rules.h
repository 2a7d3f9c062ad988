// When an alert opens, who has to be told of it when, and when it ends: for-durations, hysteresis, one alert a cause.
// Pure. One thread at a time. Durations count awake time, so that a clock that jumps opens and ends nothing; what the
// operator asked for ("until then") is UTC. Source: PRODUCT.md, Health.
#pragma once

#include "base/utc_time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::health {

enum class AlertState : std::uint8_t { Ok, Pending, Firing, Acknowledged, Snoozed, NoData };
[[nodiscard]] std::string_view name(AlertState state); // "ok", "no data" …

/// The gravest first.
enum class Telling : std::uint8_t { AtOnce, OnceADay, Never };
[[nodiscard]] std::string_view name(Telling telling); // "at once", "once a day", "on screen only"

struct AlertRule {
    std::string id;    // "feed.dead"
    std::string cause; // the rules of one cause make one alert: "feed"
    std::string title; // "The feed is dead"
    Telling telling = Telling::Never;
    double opens = 1;          // at this value or over it
    double clears = 1;         // well again under this; at most `opens`
    base::Millis opensAfter{}; // at or over for so long, without a break
    base::Millis clearsAfter{};
    bool isOfTheDay = false; // of what is told once a day: one that opens after that time is told at once
    bool isOverall = false;  // it sums up others: counts only while none that is told at once is pending or firing
};

/// What is known of a rule now; empty: nothing, which is a state of its own.
struct Sighting {
    std::string rule;
    std::optional<double> value;
    std::string detail; // "96 °C, limit 95"
};

struct Moment {
    base::UtcMs utc;
    base::Millis awake; // since whenever; never goes back
};

/// One row of what is kept.
struct Alert {
    std::int64_t id = 0;
    std::string cause;
    std::string rule; // the gravest that fired
    std::string title;
    std::string detail;   // when it opened
    std::string suspects; // what made the load at that moment: "rustc 1.9 cores, …"; empty where it means nothing
    Telling telling = Telling::Never;
    base::UtcMs opened;
    std::optional<base::UtcMs> told;
    std::string toldBy; // the channels that took it: "desktop, webhook"
    std::optional<base::UtcMs> acknowledged;
    std::optional<base::UtcMs> snoozed; // when, and until when
    std::optional<base::UtcMs> snoozedUntil;
    std::optional<base::UtcMs> cleared;
    bool isEndTold = false;
    bool hasNoData = false;  // not kept: its rule sees nothing now
    bool isOfTheDay = false; // not kept: of its rule
    friend bool operator==(const Alert&, const Alert&) = default;
};

/// Ok once it has ended. A snooze ends too when the clock is set back far before it.
[[nodiscard]] AlertState stateOf(const Alert& alert, base::UtcMs now);

/// When nobody wants to be told, in minutes of the local day; equal: never.
[[nodiscard]] bool isQuiet(int minute, int from, int to);

/// Whether one of `patterns` ("qemu-system-*,make") names this process. The kernel cuts names to 15 letters.
[[nodiscard]] bool isExpectedProcess(std::string_view process, std::string_view patterns);

struct News {
    enum class Kind : std::uint8_t { Opened, Ended };
    Kind kind = Kind::Opened;
    Alert alert;
};

class AlertBook {
public:
    /// `kept`: the alerts that were open, or whose end nobody was told. `nextId`: greater than all that were used.
    explicit AlertBook(std::vector<Alert> kept = {}, std::int64_t nextId = 1);

    /// Gravest rules first. `suspects` names what makes the load, for those that open now.
    void look(Moment now, std::span<const AlertRule> rules, std::span<const Sighting> seen,
              const std::string& suspects);
    /// What is to be told now; each once, nothing while it is quiet. `newestDaily`: when the time of what is told once
    /// a day came last.
    [[nodiscard]] std::vector<News> takeNews(base::UtcMs now, bool isQuiet, base::UtcMs newestDaily);
    /// NotFound, or Conflict where it has ended.
    [[nodiscard]] base::Result<void> acknowledge(std::int64_t id, base::UtcMs now);
    [[nodiscard]] base::Result<void> snooze(std::int64_t id, base::Millis length, base::UtcMs now);
    void toldBy(std::int64_t id, std::string_view channel);

    [[nodiscard]] const std::vector<Alert>& alerts() const { return alerts_; } // open, then ended and not forgotten
    /// Changed since the last call, to be kept; those that have ended and need nothing more are forgotten.
    [[nodiscard]] std::vector<Alert> takeChanged();
    /// Of one rule, whatever its cause's alert says.
    [[nodiscard]] AlertState ruleState(std::string_view rule) const;

private:
    struct Track {
        bool isFiring = false;
        bool hasValue = false;
        std::optional<base::Millis> overSince;
        std::optional<base::Millis> underSince;
        std::optional<base::Millis> missingSince;
        std::string detail;
    };
    void follow(Track& track, const AlertRule& rule, const Sighting* seen, base::Millis awake);
    void settle(Moment now, std::span<const AlertRule> rules, const std::string& suspects);
    [[nodiscard]] Alert* openOf(std::string_view cause);
    [[nodiscard]] base::Result<Alert*> byId(std::int64_t id);
    void noteChange(std::int64_t id);

    std::vector<Alert> alerts_;
    std::map<std::string, Track, std::less<>> tracks_;
    std::vector<std::int64_t> changed_;
    std::int64_t nextId_;
};

} // namespace qd::health
