// Decides on versions of models: promotes, rolls back, retires, signs off, takes in a file of another machine, and
// retires what is too old or too many. How a decision gets into force is its owner's: through paper and store while the
// console runs, at once for the command line. One thread with a read-only connection of its own; ms. Errors are told in
// words; nothing is ever half done, and what serves goes on serving. Source: PRODUCT.md, The models.
#pragma once

#include "base/utc_time.h"
#include "console/commands.h"
#include "engines/engine_messages.h"
#include "engines/in_force.h"

#include <functional>
#include <string>
#include <vector>

namespace qd::engines {

class ModelDesk {
public:
    /// Waits until it is committed: the id of its row in the journal.
    using CarryOutHand = std::function<base::Result<std::int64_t>(CarryOut decision)>;
    ModelDesk(storage::Database& database, CarryOutHand carryOut, const base::Clock& clock)
        : database_(database),
          carryOut_(std::move(carryOut)),
          clock_(clock)
    {
    }

    /// The id of its decision. NotFound or Conflict as governance::modelStaged() says; OutOfRange where it goes against
    /// the evidence (a champion that no experiment made one, one that is taken out of service) and has no reason.
    [[nodiscard]] base::Result<std::int64_t> setStage(const console::SetModelStage& wish);
    /// The id of its decision. As governance::modelSignedOff() says; a reason is wanted.
    [[nodiscard]] base::Result<std::int64_t> signOff(const console::SignOffModel& wish);
    /// Its name. Malformed or Unsupported for bytes that are damaged or no version, or one of another library or
    /// feature set; AlreadyExists for one that is here; NotFound for an instrument that is not.
    [[nodiscard]] base::Result<std::string> importVersion(const console::ImportModel& wish);
    /// By policy; those that did, in words.
    [[nodiscard]] base::Result<std::vector<std::string>> retire();

private:
    [[nodiscard]] base::Result<base::UtcMs> now();
    [[nodiscard]] base::Result<std::int64_t> carryOut(governance::Decision decision,
                                                      std::vector<storage::AddedModel> models = {});

    storage::Database& database_;
    CarryOutHand carryOut_;
    const base::Clock& clock_;
};

/// "AUC 0.561 (0.541 to 0.581), 12345 rows, audit clean": a version's evidence as the journal keeps it.
[[nodiscard]] std::string evidenceText(const governance::ModelRecord& record);

} // namespace qd::engines
