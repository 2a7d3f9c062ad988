// alerts, alert_channels, health_now, health_history: what opened, who was told, and whether the channels deliver. A
// row is written anew as a whole whenever it changed. Writes within the caller's transaction on the writer's
// connection; reads work on any.
#pragma once

#include "health/alert_rules.h"
#include "storage/database.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qd::storage {

/// How a channel ("desktop", "webhook", "heartbeat") does.
struct AlertChannel {
    std::string name;
    base::UtcMs tried;
    bool succeeded = false;
    std::string detail;                // why not, or who took it
    std::optional<base::UtcMs> proven; // the newest test that arrived
    friend bool operator==(const AlertChannel&, const AlertChannel&) = default;
};

/// A probe's value at a time.
struct ProbeValue {
    base::UtcMs time;
    std::string probe;
    double value = 0;
    friend bool operator==(const ProbeValue&, const ProbeValue&) = default;
};

/// The newest look at health, as JSON, and the values that its history gets.
struct HealthNow {
    base::UtcMs time;
    std::string json;
    std::vector<ProbeValue> values{};
};

class AlertStore {
public:
    explicit AlertStore(Database& database) : database_(database) {}

    [[nodiscard]] base::Result<void> write(std::span<const health::Alert> alerts);
    [[nodiscard]] base::Result<void> write(std::span<const AlertChannel> channels);
    /// Open, or ended while nobody was told yet: what a start goes on with, oldest first.
    [[nodiscard]] base::Result<std::vector<health::Alert>> unfinished();
    /// Newest first.
    [[nodiscard]] base::Result<std::vector<health::Alert>> newest(std::size_t most);
    [[nodiscard]] base::Result<std::int64_t> nextId();
    [[nodiscard]] base::Result<std::vector<AlertChannel>> channels(); // by name
    /// Values that are older than a day, or later than `health` because the clock was set back, go.
    [[nodiscard]] base::Result<void> write(const HealthNow& health);
    [[nodiscard]] base::Result<std::optional<HealthNow>> health();                // without its values
    [[nodiscard]] base::Result<std::vector<ProbeValue>> history(base::UtcMs now); // of the day before `now`, by time

private:
    Database& database_;
};

} // namespace qd::storage
