// What the registry and the retrain thread would say, made up but plausible: five families, versions in every stage, a
// training that runs. Commands change it when they are carried out, as the engines would. For tests of pages and their
// pictures.
#pragma once

#include "testkit/fake_governance.h"

#include <cmath>
#include <limits>

namespace qd::testkit {

using governance::ModelKey;
using governance::ModelStage;
using learning::Family;

inline statistics::Estimate estimate(double value, double half, std::uint64_t n)
{
    statistics::Estimate out;
    out.value = value;
    out.error = half / 1.96;
    out.interval = statistics::Interval{value - half, value + half};
    out.n = n;
    return out;
}

inline learning::KeptScore keptScore(Family family, int fold, double quality, base::UtcMs now)
{
    const bool isRegression = learning::isRegression(family);
    learning::KeptScore out;
    const auto day = base::oneDay.count();
    out.from = (now - base::oneDay * (60 - fold * 10)).value;
    out.to = out.from + 10 * day;
    out.trainRows = 4'100 + static_cast<std::uint64_t>(fold) * 1'480;
    out.testRows = 1'480;
    out.trees = 84 + static_cast<std::uint32_t>(fold) * 9;
    const double wave = 0.011 * std::sin(fold * 2.3);
    out.quality = quality + wave;
    out.qualityLow = out.quality - 0.029;
    out.qualityHigh = out.quality + 0.029;
    out.loss = isRegression ? 0.171 - 0.1 * wave : 0.6921 - 0.4 * (out.quality - 0.5);
    out.majorityLoss = isRegression ? 0.214 : 0.6924 + 0.0006 * std::sin(fold);
    out.championLoss = fold < 4 ? std::numeric_limits<double>::quiet_NaN() : out.loss + 0.0009 * std::cos(fold);
    out.ownQuality = isRegression ? quality - 0.08 + wave / 2 : std::numeric_limits<double>::quiet_NaN();
    out.accuracy = isRegression ? std::numeric_limits<double>::quiet_NaN() : 0.5 + (out.quality - 0.5) * 0.7;
    out.majority = isRegression ? std::numeric_limits<double>::quiet_NaN() : 0.507;
    out.calibrationError = isRegression ? std::numeric_limits<double>::quiet_NaN() : 0.014;
    return out;
}

inline std::vector<learning::AuditFinding> plausibleAudit(bool isFlagged, bool isHopeless)
{
    using learning::Detector;
    using learning::LeakLevel;
    std::vector<learning::AuditFinding> out{
        {Detector::SingleFeature, LeakLevel::Ok, true, true,
         "the most that one feature separates is 0.543 (efficiency_15m_16); fails from 0.70 on"},
        {Detector::FutureShift, LeakLevel::Ok, true, true, "no feature loses what it tells when it is a bar older"},
        {Detector::Truncation, LeakLevel::Ok, false, true,
         "50 rows made again without later data: 0 of 62 features differ"},
        {Detector::Permutation, LeakLevel::Ok, true, true,
         "99 refits on permuted labels: mean AUC 0.501, p 0.010; the labels matter"},
        {Detector::Overlap, LeakLevel::Ok, false, true, "0 train rows share a moment with a test row; 0 duplicates"},
        {Detector::TooGood, LeakLevel::Ok, true, true, "AUC 0.536, accuracy 0.525: within the limits"}};
    if (isFlagged) {
        out[0].level = LeakLevel::Fail;
        out[0].evidence = "flow_imbalance_1m_60 alone separates 0.71; fails from 0.70 on";
        out[5].level = LeakLevel::Fail;
        out[5].evidence = "AUC 0.781 reaches the limit of 0.75";
        out[1].level = LeakLevel::Warn;
        out[1].evidence = "flow_imbalance_1m_60 loses 41% of what it tells when it is a bar older; fails from 50% on";
    }
    if (isHopeless) {
        out[2].level = LeakLevel::Fail;
        out[2].evidence = "50 rows made again without later data: mean_distance_1h_48 differs in 37 of them";
    }
    return out;
}

struct Version {
    ModelKey key;
    std::uint32_t number;
    ModelStage stage;
    double quality;
    double half;
    int ageDays;
    bool isExpired = false;
    const char* why = "";
};

inline console::ModelLine modelLine(const Version& of, base::UtcMs now)
{
    console::ModelLine out;
    auto& record = out.record;
    record.name = {of.key, of.number};
    record.stage = of.stage;
    record.trained = now - base::oneDay * of.ageDays - base::Millis{7'200'000};
    record.stageSince = record.trained + base::Millis{3'000'000};
    record.knows = record.trained - base::Millis{14'400'000};
    record.quality = estimate(of.quality, of.half, 8'880);
    const bool isHopeless = of.stage == ModelStage::Quarantined && of.number % 2 == 0;
    if (of.stage == ModelStage::Quarantined) {
        record.verdict = isHopeless ? learning::AuditVerdict::Quarantined : learning::AuditVerdict::WantsSignature;
        record.flags = {learning::Detector::SingleFeature, learning::Detector::TooGood};
        if (isHopeless) {
            record.flags.insert(learning::Detector::Truncation);
        }
    } else {
        record.verdict = learning::AuditVerdict::Clean;
    }
    record.spansRegimes = of.key.family != Family::Fill;
    record.bytesHash = "5be1" + std::to_string(of.number) + "c07aa913d2f4e6b8871f20c4d95a3be6f01";
    record.featureSet = of.key.family == Family::Fill ? "ticks-1" : "5m-1";
    record.rows = 12'984;
    out.isExpired = of.isExpired;
    out.why = of.why;
    return out;
}

inline std::vector<Version> plausibleVersions()
{
    const ModelKey gbt{Family::Gbt5m, ""};
    const ModelKey volatility{Family::Volatility, ""};
    const ModelKey stop{Family::StopHit, ""};
    const ModelKey fill{Family::Fill, ""};
    const auto direction = [](const char* name) { return ModelKey{Family::Direction, name}; };
    return {{gbt, 15, ModelStage::Challenger, 0.541, 0.019, 1, false, "clean, and better than the majority"},
            {gbt, 14, ModelStage::Champion, 0.533, 0.018, 15, false, "first clean one"},
            {gbt, 13, ModelStage::Shadow, 0.527, 0.018, 29, false, "replaced by gbt_5m 14"},
            {gbt, 12, ModelStage::Retired, 0.519, 0.02, 118, true, "older than 90 days"},
            {direction("BTC-USDT"), 9, ModelStage::Quarantined, 0.781, 0.016, 2},
            {direction("BTC-USDT"), 8, ModelStage::Champion, 0.509, 0.017, 16},
            {direction("ETH-USDT"), 8, ModelStage::Champion, 0.512, 0.016, 33, true},
            {volatility, 6, ModelStage::Champion, 0.611, 0.022, 9},
            {stop, 4, ModelStage::Quarantined, 0.802, 0.012, 3},
            {stop, 3, ModelStage::Champion, 0.662, 0.014, 17}};
}

inline console::Models plausibleModels(const std::vector<Version>& versions, base::UtcMs now)
{
    const auto family = [](ModelKey key, const char* purpose, bool isDue, const char* why) {
        console::ModelFamily out;
        out.key = std::move(key);
        out.purpose = purpose;
        out.due.isDue = isDue;
        out.due.why = why;
        return out;
    };
    console::Models out;
    out.families = {
        family({Family::Gbt5m, ""}, "Whether an entry of ml_gbt_5m earns after costs.", false,
               "next in 13 days, or 75 trades"),
        family({Family::Direction, "BTC-USDT"}, "Whether BTC-USDT is higher in an hour.", false, "next in 12 days"),
        family({Family::Direction, "ETH-USDT"}, "Whether ETH-USDT is higher in an hour.", true,
               "33 days and 118 trades since version 8"),
        family({Family::Direction, "SOL-USDT"}, "Whether SOL-USDT is higher in an hour.", false,
               "waits for 2 000 rows, has 1 412"),
        family({Family::Volatility, ""}, "How wild the next hours are; hints for regime and size.", false,
               "next in 5 days"),
        family({Family::StopHit, ""}, "Whether a stop at a distance is hit; for the stop lab.", false,
               "next in 11 days"),
        family({Family::Fill, ""}, "Whether a limit order at a distance is filled; for limit orders.", false,
               "waits for ticks: 3 of 14 days are archived")};
    out.families[4].hasConverged = true;
    out.families[0].due.trades = 41;
    out.families[0].due.days = 1.9;
    out.families[0].due.next = now + base::oneDay * 13;
    out.families[1].due.next = now + base::oneDay * 12;
    out.families[4].due.next = now + base::oneDay * 5;
    out.families[5].due.next = now + base::oneDay * 11;
    for (const auto& version : versions) {
        out.rows.push_back(modelLine(version, now));
    }
    return out;
}

inline console::ModelDetail plausibleDetail(const console::ModelLine& line, base::UtcMs now)
{
    const auto& record = line.record;
    const auto family = record.name.key.family;
    const bool isQuarantined = record.stage == ModelStage::Quarantined || !record.flags.empty();
    console::ModelDetail out;
    out.line = line;
    auto& lineage = out.lineage;
    lineage.rule.family = family;
    lineage.source = family == Family::Fill ? learning::FeatureSource::Ticks : learning::FeatureSource::Candles5m;
    lineage.featureSet = record.featureSet;
    lineage.featureHash = "c41f7be09d52a8e3617b04f9d2c85ea07b13f6d94e0a2c58";
    lineage.instruments = record.name.key.instrument.empty()
                              ? std::vector<std::string>{"BTC-USDT",  "ETH-USDT", "SOL-USDT",  "XRP-USDT",
                                                         "DOGE-USDT", "ADA-USDT", "AVAX-USDT", "LINK-USDT"}
                              : std::vector<std::string>{record.name.key.instrument};
    lineage.from = (record.trained - base::oneDay * 180).value;
    lineage.to = record.knows.value;
    lineage.rows = record.rows;
    lineage.losses = {576, 1'204, 311, 96, 12, 0};
    lineage.dataHash = "09aa31be" + std::to_string(record.name.number) + "77e0c4d8f1532b96ae0c7d41f8e2b3059d6";
    lineage.parameters.depth = record.name.number % 2 == 0 ? 4 : 5;
    lineage.parameters.eta = 0.05;
    lineage.parameters.subsample = 0.8;
    lineage.parameters.columnSample = 0.7;
    lineage.parameters.seed = 20'250'917;
    lineage.trees = 118 + record.name.number;
    lineage.library = "1.7.4";
    lineage.threshold = 0.54;
    const double quality = record.quality.value.value_or(std::numeric_limits<double>::quiet_NaN());
    for (int fold = 0; fold < 6; ++fold) {
        lineage.folds.push_back(keptScore(family, fold, quality, now));
    }
    lineage.pooled = keptScore(family, 3, quality, now);
    lineage.pooled.quality = quality;
    lineage.pooled.qualityLow = record.quality.interval ? record.quality.interval->lower : quality;
    lineage.pooled.qualityHigh = record.quality.interval ? record.quality.interval->upper : quality;
    lineage.pooled.testRows = 8'880;
    if (!learning::isRegression(family)) {
        for (int i = 0; i < 10; ++i) {
            const double said = 0.05 + 0.1 * i;
            const std::uint64_t n = i < 3 || i > 6 ? 0 : 1'100 + static_cast<std::uint64_t>(i) * 260;
            lineage.calibration.push_back(
                {n, n > 0 ? said : std::numeric_limits<double>::quiet_NaN(),
                 n > 0 ? said + 0.02 * std::sin(i * 1.9) : std::numeric_limits<double>::quiet_NaN()});
        }
    }
    lineage.audit = plausibleAudit(isQuarantined, record.flags.contains(learning::Detector::Truncation));
    lineage.verdict = record.verdict;
    lineage.hasSignal = quality > 0.52;
    lineage.spansRegimes = record.spansRegimes;
    lineage.reason = "14 days and 118 trades since the version before";
    const auto infos = learning::FeatureSet::of(lineage.source).infos();
    double left = 0.62;
    for (std::size_t i = 0; i < infos.size() && i < 40; ++i) {
        const auto& info = infos[(i * 11) % infos.size()];
        out.importance.push_back({info.name, std::string(info.meaning), left * 0.17});
        left *= 0.83;
    }
    if (record.stage != ModelStage::Retired) {
        using learning::DriftLevel;
        const std::array levels{DriftLevel::Drift, DriftLevel::Watch, DriftLevel::Watch, DriftLevel::Stable};
        for (std::size_t i = 0; i < 16; ++i) {
            const double psi = 0.31 / (1 + 0.8 * static_cast<double>(i));
            out.drift.push_back(
                {infos[(i * 5) % infos.size()].name, psi, psi * 0.42, levels[std::min<std::size_t>(i, 3)]});
        }
        out.drift.push_back({infos[3].name, std::nullopt, std::nullopt, DriftLevel::Unknown});
        out.driftAt = now - base::Millis{1'900'000};
    }
    out.regimeShares = record.spansRegimes ? std::vector<double>{0.17, 0.22, 0.24, 0.21, 0.16}
                                           : std::vector<double>{0.03, 0.19, 0.33, 0.29, 0.16};
    for (int day = 0; day < 12; ++day) {
        const double loss = 0.6911 + 0.0021 * std::sin(day * 1.3) - 0.0002 * record.name.number / 15;
        out.shadow.push_back({base::bucketStart(now, base::oneDay) - base::oneDay * (12 - day), 288, loss,
                              loss + 0.0008 * std::cos(day * 0.9)});
    }
    out.trades = record.stage == ModelStage::Champion && family == Family::Gbt5m ? 118 : 0;
    return out;
}

inline console::RetrainProgress plausibleTraining(base::UtcMs now)
{
    console::RetrainProgress out;
    out.model = "gbt_5m";
    out.trigger = "by you: a wild week is over";
    out.phase = "fold";
    out.fold = 4;
    out.folds = 6;
    out.tree = 212;
    out.trees = 300;
    out.loss = 0.6812;
    out.fraction = 0.61;
    out.left = base::Millis{70'000};
    out.since = now - base::Millis{110'000};
    return out;
}

inline console::TradeModel plausibleTradeModel(base::UtcMs now)
{
    console::TradeModel out;
    out.version = "gbt_5m 14";
    out.from = now - base::oneDay * 195;
    out.to = now - base::oneDay * 15;
    out.prediction = 0.581;
    out.threshold = 0.54;
    out.top = {
        {"return_scaled_5m_12", 1.31F, 0.142F}, {"volume_ratio_5m_48", 2.07F, 0.088F}, {"day_sin", -0.71F, -0.051F}};
    out.drift = {{"volatility_1h_24", 0.18, 0.09, learning::DriftLevel::Watch}};
    return out;
}

/// Beside a FakeGovernor, which carries out everything else.
class FakeLearning {
public:
    FakeLearning(FakeConsole& console, base::UtcMs now, std::vector<Version> versions = plausibleVersions())
        : console_(console),
          now_(now),
          models(plausibleModels(versions, now))
    {
        learning.state = console::EngineState::Idle;
        learning.revision = 1;
        learning.challengers = 1;
        learning.quarantined = 1;
        const auto others = console.onAsk;
        console.onAsk = [this, others](console::QueryId id, const console::Query& query) {
            if (!answer(id, query) && others) {
                others(id, query);
            }
        };
        publish();
    }
    FakeLearning(const FakeLearning&) = delete;
    FakeLearning& operator=(const FakeLearning&) = delete;

    void publish() { console_.learningBox.put(learning); }
    /// Answers the newest command about models, and does it.
    void carryOut()
    {
        for (; done_ < console_.sent.size(); ++done_) {
            const auto& [id, command] = console_.sent[done_];
            const auto rows = journal != nullptr ? journal->size() : 0;
            if (const auto result = apply(command)) {
                console::CommandDone done{id, *result};
                if (journal != nullptr && journal->size() > rows) {
                    done.decisions = {journal->front().decision.id};
                }
                console_.events.emplace_back(std::move(done));
            }
        }
        publish();
    }
    [[nodiscard]] console::ModelLine* line(const std::string& version)
    {
        const auto found = std::ranges::find_if(models.rows, [&](const console::ModelLine& row) {
            return governance::versionName(row.record.name.key, row.record.name.number) == version;
        });
        return found == models.rows.end() ? nullptr : &*found;
    }
    [[nodiscard]] ModelStage stageOf(const std::string& version) { return line(version)->record.stage; }

private:
    FakeConsole& console_;
    base::UtcMs now_;
    std::size_t done_ = 0;

public:
    console::LearningSnapshot learning;
    console::Models models;
    std::optional<base::Error> refusal;      // of the next command about models
    std::optional<base::Error> queryFailure; // of every question about models
    console::ModelHints hints;
    std::vector<std::string> imported;                   // bytes
    std::vector<governance::Change> decision;            // what the newest one changed
    std::vector<console::JournalRow>* journal = nullptr; // where it is written, if anywhere

private:
    void stage(const std::string& version, ModelStage to)
    {
        auto* row = line(version);
        decision.push_back({governance::ChangeKind::ModelStage, version,
                            std::string(governance::name(row->record.stage)), std::string(governance::name(to))});
        row->record.stage = to;
        row->record.stageSince = now_;
    }
    void note(const std::string& why)
    {
        if (journal != nullptr) {
            console::JournalRow row;
            row.decision.id = journal->empty() ? 1 : journal->front().decision.id + 1;
            row.decision.time = now_;
            row.decision.changes = decision;
            row.decision.what = decision.back().subject + " is " + decision.back().after;
            row.decision.why = why;
            journal->insert(journal->begin(), std::move(row));
        }
    }
    /// Empty: no command about models. Else whether it was refused.
    std::optional<std::optional<base::Error>> apply(const console::Command& command)
    {
        const auto* staged = std::get_if<console::SetModelStage>(&command);
        const auto* signedOff = std::get_if<console::SignOffModel>(&command);
        const auto* trained = std::get_if<console::RetrainModel>(&command);
        const auto* file = std::get_if<console::ImportModel>(&command);
        const auto* cancelled = std::get_if<console::CancelRetrain>(&command);
        const auto* undone = std::get_if<console::UndoDecision>(&command);
        if (staged == nullptr && signedOff == nullptr && trained == nullptr && file == nullptr &&
            cancelled == nullptr && undone == nullptr) {
            return std::nullopt;
        }
        if (refusal) {
            return std::optional(std::exchange(refusal, std::nullopt));
        }
        if (staged != nullptr) {
            decision.clear();
            for (auto& row : models.rows) {
                if (staged->to == ModelStage::Champion && row.record.stage == ModelStage::Champion &&
                    row.record.name.key == line(staged->version)->record.name.key) {
                    stage(governance::versionName(row.record.name.key, row.record.name.number), ModelStage::Shadow);
                }
            }
            stage(staged->version, staged->to);
            note(staged->reason);
        } else if (signedOff != nullptr) {
            auto& record = line(signedOff->version)->record;
            record.signedOff.insert(signedOff->detector);
            if (record.signedOff == record.flags) {
                record.stage = ModelStage::Challenger;
            }
        } else if (trained != nullptr) {
            if (learning.running) {
                learning.waiting.push_back(trained->model);
            } else {
                learning.running = plausibleTraining(now_);
                learning.running->model = trained->model;
                learning.running->trigger = "by you: " + trained->reason;
                learning.state = console::EngineState::Running;
            }
            return std::optional(std::optional<base::Error>());
        } else if (cancelled != nullptr) {
            if (learning.running && learning.running->model == cancelled->model) {
                end({cancelled->model, "", now_, true, "cancelled", "by you"});
            } else {
                std::erase(learning.waiting, cancelled->model);
            }
            return std::optional(std::optional<base::Error>());
        } else if (file != nullptr) {
            imported.push_back(file->bytes);
        } else {
            for (const auto& change : governance::inverse(decision)) {
                if (auto* row = line(change.subject)) {
                    row->record.stage = governance::modelStageOf(change.after).value();
                }
            }
        }
        ++learning.revision;
        return std::optional(std::optional<base::Error>());
    }

public:
    void end(console::RetrainOutcome outcome)
    {
        learning.running.reset();
        learning.state = console::EngineState::Idle;
        learning.outcomes.insert(learning.outcomes.begin(), std::move(outcome));
    }

private:
    bool answer(console::QueryId id, const console::Query& query)
    {
        console::Answer out;
        out.id = id;
        const auto* detail = std::get_if<console::AskModel>(&query);
        const auto* bytes = std::get_if<console::AskModelBytes>(&query);
        const bool isList = std::holds_alternative<console::AskModels>(query);
        const bool isTrade = std::holds_alternative<console::AskTradeModel>(query);
        const bool isHint = std::holds_alternative<console::AskModelHints>(query);
        if (detail == nullptr && bytes == nullptr && !isList && !isTrade && !isHint) {
            return false;
        }
        if (queryFailure) {
            out.error = queryFailure;
        } else if (detail != nullptr) {
            if (const auto* row = line(detail->version)) {
                out.value = plausibleDetail(*row, now_);
            } else {
                out.error = base::Error{base::ErrorCode::NotFound, detail->version, "no such version"};
            }
        } else if (bytes != nullptr) {
            out.value = console::ModelBytes{"packed " + bytes->version};
        } else if (isHint) {
            out.value = hints;
        } else if (isList) {
            out.value = models;
        } else {
            out.value = plausibleTradeModel(now_);
        }
        console_.answers.emplace_back(std::move(out));
        return true;
    }
};

} // namespace qd::testkit
