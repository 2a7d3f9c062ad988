// The five errors of the pipeline that this console replaces, each by its name (PRODUCT.md, What went wrong).
#include "engines/evidence_reader.h"
#include "governance/convergence.h"
#include "governance/evaluation.h"
#include "governance/review.h"
#include "health/health_score.h"
#include "learning/splits.h"
#include "testkit/made_ledger.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace qd;
using namespace qd::engines;
using base::UtcMs;
using testkit::good;
using testkit::MadeLedger;

namespace {

constexpr UtcMs end{1'764'028'800'000}; // midnight, 2025-11-25

struct House {
    QTemporaryDir folder;
    MadeLedger ledger;
    EvidenceReader reader;

    explicit House(int days) : ledger(folder.filePath(QStringLiteral("demo.db")).toStdString(), end, days, 240) {}
    governance::ReviewInput input(const std::string& strategy)
    {
        good(reader.refresh(*ledger.store));
        governance::ReviewInput out{.now = reader.now()};
        out.roster = {{.strategy = strategy, .parameterHash = testkit::defaultsOf(strategy).hash()}};
        out.evidence = reader.evidence(out.roster, {});
        return out;
    }
};

const auto policies = governance::policiesFrom({});

} // namespace

class OldPipelineErrorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A dashboard ranked the same strategy several times.
    void duplicateRanking()
    {
        House house(40);
        house.ledger.add("breakout", 4, [](int n) { return n % 3 == 0 ? -1 : 1; });
        const auto input = house.input("breakout");
        std::vector<governance::Evaluation> evaluations;
        for (int copy = 0; copy < 3; ++copy) { // every night adds one of each
            for (const auto& evidence : input.evidence) {
                evaluations.push_back(
                    governance::evaluate(evidence, 30, policies.figures, input.now + base::oneDay * copy));
            }
        }
        const auto ranked = governance::ranked(evaluations);
        std::set<governance::Subject> subjects;
        for (const auto& row : ranked) {
            QVERIFY(subjects.insert(row.subject).second);
            QCOMPARE(row.at, input.now + base::oneDay * 2); // the newest only
        }
        QCOMPARE(ranked.size(), std::size_t{3}); // the strategy and its two instruments
    }

    // A Sharpe of 10 from 12 trades topped the list.
    void sharpeUnderThirtyTrades()
    {
        for (const int trades : {12, 29, 30}) {
            House house(40);
            for (int n = 0; n < trades; ++n) {
                house.ledger.addOne("breakout", end - base::oneDay * (35 - n) + MadeLedger::hour, n % 10 == 0 ? 1 : 3);
            }
            const auto input = house.input("breakout");
            const auto figures = governance::evaluate(input.evidence.front(), SIZE_MAX, policies.figures, input.now);
            QCOMPARE(figures.trades.n, static_cast<std::uint64_t>(trades));
            QCOMPARE(figures.sharpe.annual.has_value(), trades >= 30);
            if (trades < 30) {
                QCOMPARE(governance::sharpeText(figures, policies.figures), std::to_string(trades) + "/30");
            }
            const auto review = governance::reviewOf(input, policies);
            QVERIFY(std::ranges::none_of(review.proposals, [](const governance::Proposal& proposal) {
                return proposal.rule == governance::Rule::Candidate;
            }));
        }
    }

    // A model showed 100% test accuracy: its rows were shuffled before they were split.
    void splitByTime()
    {
        std::vector<learning::LabelSpan> spans;
        for (std::int64_t row = 0; row < 400; ++row) {
            spans.push_back({row * 10, row * 10 + 25}); // labels look two rows ahead
        }
        const auto split = learning::walkForwardRows(
            spans, 10, {.train = 100, .test = 50, .step = 50, .labelHorizon = 3, .embargo = 2});
        QVERIFY2(!split.folds.empty(), split.whyNone.c_str());
        for (const auto& fold : split.folds) {
            QVERIFY(!fold.train.empty() && !fold.test.empty());
            for (const auto row : fold.train) {
                QVERIFY(spans[row].t1 < fold.testStart); // nothing that it learned looks into the test
            }
            QVERIFY(std::ranges::is_sorted(fold.train) && std::ranges::is_sorted(fold.test));
            QVERIFY(fold.train.back() < fold.test.front());
        }
    }

    // A health score of 15 was labelled healthy.
    void labelAtFifteen()
    {
        QCOMPARE(health::labelOf(15), health::Label::Critical);
        QCOMPARE(health::labelOf(24.99), health::Label::Critical);
        QCOMPARE(health::labelOf(25), health::Label::Poor);
    }

    // Strategies that never converged stayed for ever.
    void convergenceAndArchive()
    {
        for (const int days : {29, 30}) { // archive.after_days
            House house(days);
            house.ledger.add("breakout", 5, [](int n) { return n % 2 == 0 ? 1.0 : -1.02; });
            const auto review = governance::reviewOf(house.input("breakout"), policies);
            QCOMPARE(std::ranges::count(review.proposals, governance::Rule::NotConverged, &governance::Proposal::rule),
                     days >= 30 ? 1 : 0);
        }
        House house(60); // one that earned in calm and wild markets stays
        house.ledger.add("breakout", 5, [](int n) { return n % 2 == 0 ? 1.2 : -1; });
        const auto input = house.input("breakout");
        QCOMPARE(governance::convergenceOf(input.evidence.front().trades, policies.convergence).state,
                 governance::Settling::Converged);
        const auto review = governance::reviewOf(input, policies);
        QVERIFY(std::ranges::none_of(review.proposals, [](const governance::Proposal& proposal) {
            return proposal.rule == governance::Rule::NotConverged;
        }));
    }
};

QTEST_GUILESS_MAIN(OldPipelineErrorsTest)
#include "old_pipeline_errors_test.moc"
