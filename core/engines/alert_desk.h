// Keeps the alerts: looks each second, tells by the courier, keeps rows in the store, obeys the operator. Service
// thread. What is stored is read once, when recovery has ended; until then nothing opens. Never waits for the store:
// rows that it cannot take yet wait here.
#pragma once

#include "base/policy.h"
#include "engines/alert_courier.h"
#include "engines/alert_door.h"
#include "engines/engine_messages.h"
#include "health/alert_rules.h"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace qd::engines {

struct AlertInputs {
    base::PolicyValues numbers;
    std::map<std::string, std::string> texts;
    std::vector<health::Sighting> seen;
    std::string suspects;
    std::vector<health::AlertRule> jobs{}; // beside those of the catalogue; empty while the jobs are not known
    bool isPolicyKnown = true;             // else what is stored stands for numbers and texts
};

class AlertDesk {
public:
    struct Links {
        std::filesystem::path database;
        std::filesystem::path dataDir; // of the webhook's secret
        AlertDoor& door;
        StoreQueue& store;
        EventLog& events;
        AlertCourier& courier;
        std::function<bool()> isReady; // recovery has ended well
    };
    explicit AlertDesk(Links links) : links_(std::move(links)) {}

    void look(health::Moment now, AlertInputs inputs);
    /// Null before what is stored was read.
    [[nodiscard]] std::shared_ptr<const console::AlertsView> view() const { return view_; }
    /// The newest look at health, for those who ask beside the console. One that the store cannot take is dropped.
    void keepHealth(storage::HealthNow health);
    /// The probes' values of before the start, once, when they were read; else empty.
    [[nodiscard]] std::vector<storage::ProbeValue> takeHistory() { return std::exchange(history_, {}); }
    /// What still waits is answered.
    void close();

private:
    [[nodiscard]] bool load();
    void obey(health::Moment now, const AlertInputs& inputs);
    void obeyOne(console::CommandId id, const console::Command& command, base::UtcMs now, const AlertInputs& inputs);
    void takeDeliveries();
    void note(const Delivery& delivery);
    void addOwnSighting(AlertInputs& inputs) const;
    [[nodiscard]] std::vector<health::AlertRule> rulesOf(const AlertInputs& inputs) const;
    void tell(const std::vector<health::News>& news, const AlertInputs& inputs);
    void testOfTheDay(health::Moment now, const AlertInputs& inputs);
    void beat(health::Moment now, const AlertInputs& inputs);
    void keep(console::CommandId command);
    void publish(const AlertInputs& inputs);
    [[nodiscard]] base::Result<AlertMessage> messageTo(const std::string& channel, const AlertInputs& inputs);
    [[nodiscard]] storage::AlertChannel& channel(const std::string& name);

    Links links_;
    health::AlertBook book_;
    std::deque<health::Alert> past_; // newest first
    std::vector<storage::ProbeValue> history_;
    std::map<std::string, storage::AlertChannel> channels_;
    std::set<std::string> changedChannels_;
    std::set<std::string> onTheWay_;          // self-tests, by channel
    std::map<std::string, std::string> urls_; // that the channels' rows are of
    std::deque<StoreItem> outgoing_;          // for the store
    std::optional<base::Millis> beaten_;      // awake time of the newest heartbeat
    std::shared_ptr<const console::AlertsView> view_;
    base::UtcMs now_;
    base::PolicyValues storedNumbers_; // the policy as it was read
    std::map<std::string, std::string> storedTexts_;
    bool isLoaded_ = false;
    bool isQuiet_ = false;
};

/// Minutes of the local day in an IANA zone; empty or unknown: the machine's.
[[nodiscard]] int localMinute(base::UtcMs time, const std::string& zone);
/// Whether the policy has this channel on.
[[nodiscard]] bool isChannelOn(const std::string& channel, const base::PolicyValues& numbers,
                               const std::map<std::string, std::string>& texts);

/// Why a channel that is off can tell nothing, and what to set.
[[nodiscard]] base::Error channelIsOff(const std::string& channel);

} // namespace qd::engines
