// The deployment manifest of a strategy that is ready: parameters, costs, evidence and hashes as JSON, to be signed
// (base/signature.h). The same input gives the same bytes: keys in alphabetical order, numbers in shortest exact form.
// Pure. Any thread. Source: PRODUCT.md, Gates to `ready`.
#pragma once

#include "governance/gates.h"
#include "governance/roster.h"

#include <map>
#include <string>
#include <vector>

namespace qd::governance {

struct Manifest {
    RosterRow row; // ready
    UtcMs made;
    std::string feed;  // "DEMO", "BLOFIN · PAPER": nothing here is real money
    std::string build; // version of the program
    std::map<std::string, double, std::less<>> parameters;
    std::map<std::string, double, std::less<>> costs; // fees and slippage charged and learned, by name
    std::vector<std::string> instruments;
    std::vector<std::string> timeframes;
    Checklist checklist;
    std::string redReason;  // of a promotion against red gates; empty without
    std::string ledgerHash; // of the replay that made the evidence
    std::string policyHash;
    std::map<std::string, std::string, std::less<>> models; // family to version and hash; empty without
};

/// Conflict unless the row is ready; Malformed for a number that JSON cannot hold.
[[nodiscard]] base::Result<std::string> manifestText(const Manifest& manifest);

/// SHA-256 of the values in force, by name: which policy a decision was made under.
[[nodiscard]] std::string policyHash(const base::PolicyValues& values);

} // namespace qd::governance
