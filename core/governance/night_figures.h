// What one night was, in figures: what the night report is made of and what later nights are compared with. Pure. Any
// thread. Times UTC; the night reaches from the report before to this one. Source: PRODUCT.md, Night report.
#pragma once

#include "base/utc_time.h"
#include "governance/job.h"
#include "market/gap.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qd::governance {

using base::UtcMs;

/// A row of the gap ledger with its instrument's name.
struct NightLoss {
    std::string instrument;
    market::Gap gap;
};
/// An interruption: gaps of one or more instruments that overlap in time, of one cause.
struct NightGap {
    UtcMs from; // what lies in the night
    UtcMs to;
    std::vector<std::string> instruments; // each once, by name
    std::vector<std::string> causes;      // likewise
    std::uint32_t filled = 0;             // gaps that lack nothing any more
    std::uint32_t open = 0;               // not measured yet, or nobody can tell any more
    std::uint32_t lost = 0;               // something is missing
    std::int64_t found = 0;               // trades that the exchange gave back
    friend bool operator==(const NightGap&, const NightGap&) = default;
};
/// By time. Gaps outside [from, to) are left out, others cut to it.
[[nodiscard]] std::vector<NightGap> nightGaps(std::span<const NightLoss> losses, UtcMs from, UtcMs to);

/// A job's runs that ended in the night.
struct NightJob {
    std::string name;
    std::string title;
    std::uint32_t runs = 0; // all of these, however they ended
    std::uint32_t failed = 0;
    std::uint32_t timedOut = 0;
    std::uint32_t orphaned = 0;
    std::uint32_t cancelled = 0;
    bool isUnderWay = false; // at the end of the night
    double seconds = 0;      // awake, of all runs
    double longest = 0;
    std::string trouble; // what the newest bad one said
    [[nodiscard]] std::uint32_t bad() const { return failed + timedOut + orphaned; }
    friend bool operator==(const NightJob&, const NightJob&) = default;
};
/// By title. `titles` by name; `self` is the job that makes the report: that it runs is no news.
[[nodiscard]] std::vector<NightJob> nightJobs(std::span<const JobRunRow> runs,
                                              const std::map<std::string, std::string>& titles, std::string_view self,
                                              UtcMs from, UtcMs to);

struct NightProposal {
    UtcMs at;            // of its review
    std::string rule;    // "disable"
    std::string subject; // "breakout on BTC-USDT"
    std::string reason;
    std::string state; // "open", "applied", "dismissed", "gone"
    std::string note;  // why it is gone
    friend bool operator==(const NightProposal&, const NightProposal&) = default;
};
/// A review of the night that proposed nothing because too much of its window was gap.
struct NightReviews {
    std::uint32_t held = 0;
    std::uint32_t abstained = 0;
    friend bool operator==(const NightReviews&, const NightReviews&) = default;
};

struct NightRetrain {
    UtcMs started;
    std::optional<UtcMs> ended; // empty: it runs
    std::string model;
    std::string trigger;
    std::string outcome;
    std::string version; // empty: none came of it
    std::string why;
    friend bool operator==(const NightRetrain&, const NightRetrain&) = default;
};

struct NightAlert {
    UtcMs opened;
    std::optional<UtcMs> cleared; // empty: it was open at the end
    bool isNew = true;            // opened in this night
    std::string title;
    std::string detail;
    std::string toldBy; // "desktop, webhook"; empty: nobody was told
    friend bool operator==(const NightAlert&, const NightAlert&) = default;
};

struct NightBackups {
    std::uint32_t made = 0; // and proven
    std::uint32_t failed = 0;
    double bytes = 0; // of the newest
    std::string why;  // the newest one failed
    friend bool operator==(const NightBackups&, const NightBackups&) = default;
};

struct NightMemory {
    std::optional<double> bytes;  // that the console holds; empty: none runs
    std::optional<UtcMs> since;   // that console's start
    std::optional<double> growth; // since the report before; empty: it is another console, or nothing to compare with
    std::optional<double> machineFrom; // share of the machine's memory in use, %
    std::optional<double> machineTo;
    std::optional<double> machineMost;
    friend bool operator==(const NightMemory&, const NightMemory&) = default;
};
struct NightDatabase {
    double bytes = 0;             // file and write-ahead log
    std::optional<double> growth; // since the report before
    std::optional<double> freeBytes;
    std::optional<double> perDay;   // that it grew by in the last nights
    std::optional<double> daysLeft; // until its disk is full; empty: unknown, or it does not grow
    friend bool operator==(const NightDatabase&, const NightDatabase&) = default;
};

struct NightFigures {
    UtcMs from;
    UtcMs to;
    bool isFirst = false; // no report before: `from` is a day before `to`
    std::vector<NightGap> gaps;
    std::vector<NightJob> jobs;
    NightReviews reviews;
    std::vector<NightProposal> proposals;
    std::vector<NightRetrain> retrains;
    std::vector<NightAlert> alerts;
    NightBackups backups;
    NightMemory memory;
    NightDatabase database;
    friend bool operator==(const NightFigures&, const NightFigures&) = default;
};

/// The night in a line: "2 interruptions (3 min), 1 job went wrong, 3 proposals"; "A quiet night: …" where nothing was.
[[nodiscard]] std::string headline(const NightFigures& night);

// How the report says figures.
[[nodiscard]] std::string spanText(double seconds); // "0.4 s", "2 min 5 s", "1 h 3 min"
[[nodiscard]] std::string bytesText(double bytes);  // "1.24 GB"
[[nodiscard]] std::string growthText(double bytes); // "+3.2 MB"
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view one, std::string_view many); // "2 gaps", "no gap"

} // namespace qd::governance
