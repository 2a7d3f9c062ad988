// XGBoost in its handles, and the flattened trees that must say the same bit for bit; foreign and damaged bytes.
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/ubjson.h"

#include <QTest>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace qd::learning;
using qd::base::ErrorCode;

namespace {

constexpr std::size_t columns = 8;

struct Sample {
    std::vector<float> rows;
    std::vector<float> labels;
    [[nodiscard]] RowTable table() const { return {rows, columns}; }
    [[nodiscard]] FitData data() const { return {table(), labels}; }
};

/// A few features that matter, an empty cell in seven, and noise.
Sample sampleOf(std::size_t n, std::uint64_t seed, Objective objective = Objective::Logistic)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    Sample out;
    for (std::size_t i = 0; i < n; ++i) {
        float score = normal(random);
        for (std::size_t c = 0; c < columns; ++c) {
            const float x = normal(random);
            score += c < 3 ? x * (c == 1 ? -1.0F : 0.7F) : 0;
            out.rows.push_back(random() % 7 == 0 ? std::numeric_limits<float>::quiet_NaN() : x);
        }
        out.labels.push_back(objective == Objective::Logistic ? (score > 0 ? 1.0F : 0.0F) : score);
    }
    return out;
}

template <typename T>
T need(qd::base::Result<T> result)
{
    if (!result) {
        qFatal("%s", result.error().detail.c_str());
    }
    return std::move(*result);
}

bool areBitEqual(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::ranges::equal(
        a, b, {}, [](float v) { return std::bit_cast<std::uint32_t>(v); },
        [](float v) { return std::bit_cast<std::uint32_t>(v); });
}

} // namespace

class BoostingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSameSeedAndThreadsGiveTheSameBytes();
    void anotherSeedGivesAnotherSubsample();
    void flatTreesAreBitEqualInBatchAndRowByRow_data();
    void flatTreesAreBitEqualInBatchAndRowByRow();
    void aStoredModelPredictsAsTheTrainedOne();
    void contributionsAddUpToTheMarginAndAgreeWithXgboost();
    void theTopContributionIsOfAFeatureThatMatters();
    void earlyStoppingKeepsTheTreesUpToTheBest();
    void cancelEndsWithinOneTree();
    void nothingToLearnIsSaidInWords();
    void constantAndEmptyColumnsAreNoFailure();
    void infiniteValuesAreRefused();
    void foreignBytesAreRefused();
    void everyDamagedByteIsRefusedOrReadWithoutHarm();
    void aTreeThatLeadsBackIsDamaged();
    void aModelOfAnotherKindIsUnsupported();
    void deepNestingAndAbsurdLengthsEnd();
};

void BoostingTest::theSameSeedAndThreadsGiveTheSameBytes()
{
    const auto sample = sampleOf(2000, 1);
    for (const std::uint32_t threads : {1U, 2U}) {
        const BoostParameters p{
            .rounds = 20, .depth = 4, .subsample = 0.8, .columnSample = 0.7, .seed = 5, .threads = threads};
        QVERIFY(need(fit(p, sample.data())).bytes == need(fit(p, sample.data())).bytes);
    }
}

void BoostingTest::anotherSeedGivesAnotherSubsample()
{
    const auto sample = sampleOf(500, 1);
    const BoostParameters one{.rounds = 5, .depth = 3, .subsample = 0.5, .seed = 5};
    BoostParameters other = one;
    other.seed = 6;
    QVERIFY(need(fit(one, sample.data())).bytes != need(fit(other, sample.data())).bytes);
}

void BoostingTest::flatTreesAreBitEqualInBatchAndRowByRow_data()
{
    QTest::addColumn<int>("objective");
    QTest::addColumn<double>("baseScore");
    QTest::addColumn<int>("trees");
    QTest::newRow("logistic") << 0 << 0.5 << 150;
    QTest::newRow("logistic, base 0.2") << 0 << 0.2 << 9; // not a multiple of the trees walked abreast
    QTest::newRow("logistic, one tree") << 0 << 0.5 << 1;
    QTest::newRow("regression") << 1 << 0.5 << 60;
    QTest::newRow("regression, base -3") << 1 << -3.0 << 17;
}

void BoostingTest::flatTreesAreBitEqualInBatchAndRowByRow()
{
    QFETCH(int, objective);
    QFETCH(double, baseScore);
    QFETCH(int, trees);
    const auto kind = static_cast<Objective>(objective);
    const auto train = sampleOf(1500, 2, kind);
    const auto asked = sampleOf(5000, 3, kind);
    const auto bytes =
        need(fit({.objective = kind, .rounds = static_cast<std::uint32_t>(trees), .depth = 6, .baseScore = baseScore},
                 train.data()))
            .bytes;
    const auto flat = need(FlatTrees::of(bytes));
    QCOMPARE(flat.trees(), static_cast<std::size_t>(trees));
    QCOMPARE(flat.features(), columns);
    QCOMPARE(flat.objective(), kind);
    QCOMPARE(flat.writtenBy(), boostLibraryVersion());
    const auto booster = need(Booster::fromBytes(bytes));
    const auto whole = need(BoostMatrix::of(asked.table(), {}));
    std::vector<float> batch(asked.labels.size());
    flat.predict(asked.table(), batch);
    QVERIFY(areBitEqual(batch, need(booster.predict(whole))));
    std::vector<float> margins;
    std::vector<float> singles;
    for (std::size_t i = 0; i < asked.labels.size(); ++i) {
        margins.push_back(flat.margin(asked.table().row(i)));
        if (i < 200) { // XGBoost one row at a time
            const auto row = need(BoostMatrix::of({asked.table().row(i), columns}, {}));
            singles.push_back(need(booster.predict(row)).front());
        }
    }
    QVERIFY(areBitEqual(margins, need(booster.predict(whole, Booster::Output::Margin))));
    QVERIFY(areBitEqual(singles, {batch.begin(), batch.begin() + 200}));
}

void BoostingTest::aStoredModelPredictsAsTheTrainedOne()
{
    const auto sample = sampleOf(800, 4);
    const auto matrix = need(BoostMatrix::of(sample.table(), sample.labels));
    auto booster = need(Booster::start({.depth = 4}, matrix));
    for (int i = 0; i < 12; ++i) {
        QVERIFY(booster.grow(matrix));
    }
    const auto stored = need(Booster::fromBytes(need(booster.bytes())));
    QCOMPARE(stored.trees(), 12U);
    QVERIFY(areBitEqual(need(stored.predict(matrix)), need(booster.predict(matrix))));
    QCOMPARE(need(stored.bytes()).size(), need(booster.bytes()).size());
}

void BoostingTest::contributionsAddUpToTheMarginAndAgreeWithXgboost()
{
    const auto sample = sampleOf(1000, 5);
    const auto bytes = need(fit({.rounds = 40, .depth = 5}, sample.data())).bytes;
    const auto flat = need(FlatTrees::of(bytes));
    const auto rows = need(BoostMatrix::of(sample.table(), {}));
    const auto theirs = need(need(Booster::fromBytes(bytes)).predict(rows, Booster::Output::PathContributions));
    for (std::size_t i = 0; i < 1000; ++i) {
        const auto own = flat.contributions(sample.table().row(i));
        QCOMPARE(own.size(), columns + 1);
        const float total = std::accumulate(own.begin(), own.end(), 0.0F);
        QVERIFY(std::abs(total - flat.margin(sample.table().row(i))) < 1e-4F);
        for (std::size_t c = 0; c <= columns; ++c) {
            QVERIFY(std::abs(own[c] - theirs[i * (columns + 1) + c]) < 2e-4F);
        }
    }
}

void BoostingTest::theTopContributionIsOfAFeatureThatMatters()
{
    const auto sample = sampleOf(3000, 6);
    const auto flat = need(FlatTrees::of(need(fit({.rounds = 40, .depth = 4}, sample.data())).bytes));
    std::vector<float> row(columns, 0.1F);
    row[1] = -3;
    const auto top = flat.topContributions(row, 3);
    QCOMPARE(top.size(), 3U);
    QCOMPARE(top[0].feature, 1U);
    QVERIFY(top[0].value > 0);
    QVERIFY(std::abs(top[0].value) >= std::abs(top[1].value) && std::abs(top[1].value) >= std::abs(top[2].value));
    QVERIFY(flat.totalGain()[1] > flat.totalGain()[5]);
}

void BoostingTest::earlyStoppingKeepsTheTreesUpToTheBest()
{
    const auto train = sampleOf(200, 7);
    const auto valid = sampleOf(300, 8);
    const BoostParameters p{.rounds = 400, .depth = 6, .eta = 0.3, .patience = 10};
    const auto out = need(fit(p, train.data(), valid.data()));
    QVERIFY(out.trees < 200);
    const auto best = std::ranges::min_element(out.validationLoss) - out.validationLoss.begin();
    QCOMPARE(out.trees, static_cast<std::uint32_t>(best) + 1);
    QCOMPARE(out.validationLoss.size(), static_cast<std::size_t>(out.trees) + 10);
    QCOMPARE(need(FlatTrees::of(out.bytes)).trees(), static_cast<std::size_t>(out.trees));
}

void BoostingTest::cancelEndsWithinOneTree()
{
    const auto sample = sampleOf(500, 9);
    std::uint32_t seen = 0;
    const auto out = fit({.rounds = 100, .depth = 3}, sample.data(), {}, [&](std::uint32_t tree, std::uint32_t of) {
        seen = tree;
        return of == 100 && tree < 7;
    });
    QCOMPARE(out.error().code, ErrorCode::Cancelled);
    QCOMPARE(seen, 7U);
}

void BoostingTest::nothingToLearnIsSaidInWords()
{
    auto sample = sampleOf(100, 10);
    const auto few = fit({}, {{std::span(sample.rows).first(9 * columns), columns}, std::span(sample.labels).first(9)});
    QVERIFY(few.error().detail.find("too few") != std::string::npos);
    std::ranges::fill(sample.labels, 1.0F);
    QVERIFY(fit({}, sample.data()).error().detail.find("one class only") != std::string::npos);
    sample.labels[3] = std::numeric_limits<float>::quiet_NaN();
    QVERIFY(fit({}, sample.data()).error().detail.find("no number") != std::string::npos);
    sample.labels.pop_back();
    sample.labels[3] = 0;
    QCOMPARE(fit({}, sample.data()).error().code, ErrorCode::OutOfRange);
}

void BoostingTest::constantAndEmptyColumnsAreNoFailure()
{
    auto sample = sampleOf(400, 11);
    for (std::size_t i = 0; i < 400; ++i) {
        sample.rows[i * columns + 2] = 7;
        sample.rows[i * columns + 5] = std::numeric_limits<float>::quiet_NaN();
    }
    const auto flat = need(FlatTrees::of(need(fit({.rounds = 10, .depth = 3}, sample.data())).bytes));
    QCOMPARE(flat.totalGain()[2], 0.0);
    QCOMPARE(flat.totalGain()[5], 0.0);
}

void BoostingTest::infiniteValuesAreRefused()
{
    auto sample = sampleOf(50, 12);
    sample.rows[20] = std::numeric_limits<float>::infinity();
    QCOMPARE(fit({}, sample.data()).error().code, ErrorCode::OutOfRange);
}

void BoostingTest::foreignBytesAreRefused()
{
    for (const std::string bytes : {"", "{", "{}", "PK\x03\x04", "not a model at all", "{\"learner\": 3}", "{\"a\":"}) {
        QVERIFY(!Booster::fromBytes(bytes));
        QVERIFY(!FlatTrees::of(bytes));
    }
}

void BoostingTest::everyDamagedByteIsRefusedOrReadWithoutHarm()
{
    const auto sample = sampleOf(200, 13);
    const auto bytes = need(fit({.rounds = 3, .depth = 3}, sample.data())).bytes;
    for (std::size_t length = 0; length < bytes.size(); length += 7) {
        QVERIFY(!FlatTrees::of(std::string_view(bytes).substr(0, length)));
    }
    std::mt19937_64 random(14);
    std::size_t refused = 0;
    for (int round = 0; round < 1200; ++round) {
        auto damaged = bytes;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        const auto flat = FlatTrees::of(damaged);
        refused += flat ? 0U : 1U;
        if (flat && flat->features() == columns) {
            static_cast<void>(flat->margin(sample.table().row(0))); // no read beyond the nodes, under the sanitizers
            QVERIFY(flat->topContributions(sample.table().row(1), 3).size() <= 3);
        }
    }
    QVERIFY(refused > 150);
}

namespace {

std::string replaced(std::string bytes, const std::string& what, const std::string& with)
{
    const auto at = bytes.find(what);
    return at == std::string::npos ? std::string() : bytes.replace(at, what.size(), with);
}

} // namespace

void BoostingTest::aTreeThatLeadsBackIsDamaged()
{
    const auto sample = sampleOf(300, 15);
    auto bytes = need(fit({.rounds = 1, .depth = 2}, sample.data())).bytes;
    const auto at = bytes.find("left_children");
    QVERIFY(at != std::string::npos);
    // [$l#L<8 bytes of length><values, 4 bytes each>: the first node's left child becomes the node itself
    const auto values = at + std::string("left_children").size() + 4 + 1 + 8;
    QCOMPARE(bytes.substr(values, 4), std::string("\0\0\0\1", 4));
    bytes[values + 3] = 0;
    QCOMPARE(FlatTrees::of(bytes).error().code, ErrorCode::Damaged);
    QVERIFY(!Booster::fromBytes(bytes));
}

void BoostingTest::aModelOfAnotherKindIsUnsupported()
{
    const auto sample = sampleOf(300, 16);
    const auto bytes = need(fit({.rounds = 2, .depth = 2}, sample.data())).bytes;
    QCOMPARE(FlatTrees::of(replaced(bytes, "binary:logistic", "binary:logitraw")).error().code, ErrorCode::Unsupported);
    QCOMPARE(FlatTrees::of(replaced(bytes, "gbtree", "gblike")).error().code, ErrorCode::Unsupported);
}

void BoostingTest::deepNestingAndAbsurdLengthsEnd()
{
    QVERIFY(!readUbjson(std::string(100'000, '[')));
    QVERIFY(!readUbjson(std::string("[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff", 13)));
    QVERIFY(!readUbjson(std::string("SL\xff\xff\xff\xff\xff\xff\xff\xff", 10)));
    QCOMPARE(readUbjson("[$U#U\3\1\2\3")->numbers, (std::vector<double>{1, 2, 3}));
    QVERIFY(!readUbjson("[$U#U\3\1\2\3\4")); // left over
}

QTEST_GUILESS_MAIN(BoostingTest)
#include "boosting_test.moc"
