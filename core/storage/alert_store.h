// alerts, alert_channels, health_now: what opened, who was told, and whether the channels deliver. A row is written
// anew as a whole whenever it changed. Writes within the caller's transaction on the writer's connection; reads work on
// any.
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

/// The newest look at health, as JSON.
struct HealthNow {
    base::UtcMs time;
    std::string json;
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
    [[nodiscard]] base::Result<void> write(const HealthNow& health);
    [[nodiscard]] base::Result<std::optional<HealthNow>> health();

private:
    Database& database_;
};

} // namespace qd::storage
