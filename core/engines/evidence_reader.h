// The stored ledger as evidence for the rules of governance: of each strategy and each of its instruments under the
// parameters in force since their record began, and the trades of what was in force before. Keeps what it read and asks
// only for what is newer. One object a connection and thread; read only. Times are exchange time: "now" is the newest
// of the ledger, so that recorded data has its reviews too. Source: PRODUCT.md, Words; The nightly review.
#pragma once

#include "engines/known_trades.h"
#include "engines/regime_history.h"
#include "governance/decision.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace qd::engines {

/// Of one instrument, without overlap, by time: when trades may be missing.
using GapSpans = std::vector<std::pair<base::UtcMs, base::UtcMs>>;

class EvidenceReader {
public:
    /// Within the caller's ReadTransaction, where what it reads has to agree with something else.
    [[nodiscard]] base::Result<void> refresh(storage::Database& database);

    [[nodiscard]] base::UtcMs now() const;
    /// Shadow trades too. What lies before the record in force bears its hash, with '~' where that is the same, and has
    /// no days.
    [[nodiscard]] std::vector<governance::Evidence> evidence(const governance::Roster& roster,
                                                             const base::PolicyValues& policy) const;
    /// Of these parameters on all instruments, with its days, whenever they ran.
    [[nodiscard]] governance::Evidence evidenceOfHash(std::string_view strategy, std::string_view hash,
                                                      const base::PolicyValues& policy) const;
    /// Mean share of gap over the instruments that take entries, in (now − days, now].
    [[nodiscard]] double gapShare(std::size_t days) const;
    [[nodiscard]] double gapShare(base::InstrumentId instrument, base::UtcMs from, base::UtcMs to) const;
    /// The whole journal, oldest first.
    [[nodiscard]] const std::vector<governance::Decision>& journal() const { return journal_; }
    [[nodiscard]] const storage::Instruments& instruments() const { return known_.instruments; }
    /// Where the strategy may trade, or has traded.
    [[nodiscard]] std::vector<base::InstrumentId> rowsOf(std::string_view strategy) const;
    /// Of its trades that were closed in (after, to], under whatever parameters: how many, and their net in USDT.
    [[nodiscard]] std::pair<std::size_t, double> closedBetween(const governance::Subject& subject, base::UtcMs after,
                                                               base::UtcMs to) const;
    /// Mean notional of its trades under the hash, USDT; empty without any.
    [[nodiscard]] std::optional<double> meanNotional(std::string_view strategy, std::string_view hash) const;

private:
    /// A version while it was champion.
    struct Reign {
        std::string version;
        base::UtcMs from;
        base::UtcMs to;    // "now" is later than all
        base::UtcMs knows; // the last moment that its training looked at
    };
    [[nodiscard]] base::Result<void> readRest(storage::Database& database);
    /// Whether a version of the family was champion, and had not expired, at any moment of that UTC day.
    [[nodiscard]] bool served(std::string_view family, std::int64_t day, base::Millis expiry) const;
    [[nodiscard]] governance::DayUse useOf(std::string_view strategy, std::span<const base::InstrumentId> instruments,
                                           std::int64_t day, const base::PolicyValues& policy, bool hasTraded) const;
    [[nodiscard]] base::Result<void> readModels(storage::Database& database,
                                                std::span<const governance::Decision> decided);
    [[nodiscard]] GapSpans pausesOf(const governance::RosterRow& row) const;
    [[nodiscard]] governance::Evidence make(governance::Subject subject, std::string hash,
                                            const std::vector<const trading::BookTrade*>& trades, base::UtcMs since,
                                            const GapSpans& pauses, const base::PolicyValues& policy) const;

    KnownTrades known_;
    std::map<base::InstrumentId, RegimeHistory> regimes_;
    std::vector<trading::BookTrade> open_; // positions
    std::map<base::InstrumentId, GapSpans> gaps_;
    std::set<base::InstrumentId> left_;
    std::map<std::string, std::set<std::int64_t>> sensitivityDays_;
    std::map<std::string, std::set<std::int64_t>> experimentDays_; // one ran: the clock of archiving stood
    std::vector<governance::Decision> journal_;
    std::vector<Reign> reigns_;
    std::int64_t promotedArms_ = 0; // experiments whose arms' trades were read
    base::UtcMs firstEquity_{INT64_MAX};
    base::UtcMs newestEquity_{INT64_MIN};
};

} // namespace qd::engines
