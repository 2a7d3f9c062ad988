// The values of the policy in force: overrides of base/policy.h's defaults; only these are stored, so that a better
// default of a newer program reaches everybody who left it alone. Writes within the writer's transaction.
#pragma once

#include "base/policy.h"
#include "storage/database.h"

#include <functional>
#include <map>
#include <string>

namespace qd::storage {

class PolicyStore {
public:
    explicit PolicyStore(Database& database) : database_(database) {}
    /// The override, else the default. NotFound for an unknown name.
    [[nodiscard]] base::Result<double> get(std::string_view name);
    /// NotFound, or OutOfRange naming the legal range. Setting the default takes the override away.
    [[nodiscard]] base::Result<void> set(std::string_view name, double value);
    /// Every entry's value in force, by name.
    [[nodiscard]] base::Result<base::PolicyValues> values();
    /// NotFound, or OutOfRange naming the form. Setting the default takes the override away.
    [[nodiscard]] base::Result<void> setText(std::string_view name, std::string_view text);
    /// Every entry that is words, in force, by name.
    [[nodiscard]] base::Result<std::map<std::string, std::string>> texts();

private:
    Database& database_;
};

} // namespace qd::storage
