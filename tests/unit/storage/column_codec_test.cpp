// Any columns come back exactly; damaged bytes are told apart and never read beyond. Scales convert exactly or not at
// all.
#include "storage/column_codec.h"
#include "storage/scale_change.h"

#include <QTest>

#include <limits>
#include <random>

#include <zstd.h>

using namespace qd;
using namespace qd::storage;

namespace {

using Column = std::vector<std::int64_t>;
using Columns = std::vector<Column>;
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

bool survives(const Columns& columns)
{
    ColumnCodec codec;
    const auto bytes = codec.encode(columns);
    Columns back(columns.size());
    const auto rows = bytes ? codec.decode(*bytes, back) : base::Result<std::size_t>(std::unexpected(bytes.error()));
    return rows && *rows == (columns.empty() ? 0 : columns[0].size()) && back == columns;
}

std::size_t sizeOf(const Columns& columns)
{
    ColumnCodec codec;
    return codec.encode(columns)->size();
}

Column walk(std::mt19937_64& random, std::size_t rows, unsigned bits)
{
    Column out(rows);
    std::uint64_t value = random();
    for (auto& v : out) {
        value += random() >> (64U - bits);
        value -= (1ULL << bits) / 2;
        v = static_cast<std::int64_t>(value);
    }
    return out;
}

} // namespace

class ColumnCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyOneAndTwoRowsComeBack()
    {
        QVERIFY(survives({}));
        QVERIFY(survives({{}, {}}));
        for (const auto value : {std::int64_t{0}, std::int64_t{-1}, lowest, highest}) {
            QVERIFY(survives({{value}}));
            QVERIFY(survives({{value, 0}, {0, value}}));
            QVERIFY(survives({{value, value, value}}));
        }
    }

    void extremesComeBackInAnyOrder()
    {
        std::mt19937_64 random(7);
        const Column values{lowest, highest, 0, -1, 1, lowest + 1, highest - 1, 127, 128, -127, -128, 32'767, 32'768};
        for (int round = 0; round < 200; ++round) {
            Column column(1 + random() % 3'000);
            std::ranges::generate(column, [&] { return values[random() % values.size()]; });
            QVERIFY(survives({column}));
        }
    }

    void everyBitWidthComesBackAtItsEdges()
    {
        for (unsigned bits = 1; bits < 64; ++bits) {
            const auto edge = static_cast<std::int64_t>(1ULL << (bits - 1));
            // Twice: as values of one sign and of both, so that each way to keep the sign is met.
            QVERIFY(survives({{edge - 1, edge, edge + 1, 0, edge, 3, edge - 1}}));
            QVERIFY(survives({{-edge, edge, 1 - edge, edge - 1, 0, 5, -edge}}));
        }
    }

    void randomWalksOfEveryStepComeBack()
    {
        std::mt19937_64 random(11);
        for (unsigned bits = 1; bits < 63; ++bits) {
            const auto rows = random() % 2'000;
            QVERIFY(survives({walk(random, rows, bits), walk(random, rows, 1 + bits / 2), walk(random, rows, 63)}));
        }
    }

    void sequencesCostNextToNothing()
    {
        Column ids(16'384);
        Column constant(16'384, 4711);
        Column squares(16'384);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            ids[i] = 9'000'000'000 + static_cast<std::int64_t>(i);
            squares[i] = static_cast<std::int64_t>(i * i);
        }
        QVERIFY(sizeOf({ids, constant, ids, squares}) < 100);
        std::swap(ids[5'000], ids[5'001]); // a late one in between
        QVERIFY(survives({ids}));
        QVERIFY2(sizeOf({ids}) < 120, "one exception costs some bytes, not the sequence");
    }

    void columnsOfUnequalLengthAreRefused()
    {
        ColumnCodec codec;
        const Columns columns{{1, 2}, {1}};
        QCOMPARE(codec.encode(columns).error().code, base::ErrorCode::Internal);
    }

    void anotherNumberOfColumnsIsDamage()
    {
        ColumnCodec codec;
        const auto bytes = codec.encode(Columns{{1, 2}, {3, 4}});
        Columns three(3);
        QCOMPARE(codec.decode(*bytes, three).error().code, base::ErrorCode::Damaged);
    }

    void everyFlippedBitAndEveryCutIsFound()
    {
        std::mt19937_64 random(13);
        const Columns columns{walk(random, 300, 12), walk(random, 300, 40)};
        ColumnCodec codec;
        const auto bytes = *codec.encode(columns);
        Columns back(2);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            auto bad = bytes;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            const auto rows = codec.decode(bad, back);
            QVERIFY2(!rows || back == columns,
                     qPrintable(QStringLiteral("bit %1").arg(bit))); // zstd has a bit or two that say nothing
            if (rows) {
                continue;
            }
            QCOMPARE(rows.error().code, base::ErrorCode::Damaged);
        }
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            QCOMPARE(codec.decode(std::string_view(bytes).substr(0, size), back).error().code,
                     base::ErrorCode::Damaged);
        }
        QVERIFY(codec.decode(bytes, back).has_value());
        QCOMPARE(back, columns);
    }

    void aSymbolThatDoesNotExistIsDamageHoweverManyBitsAreLeft()
    {
        std::mt19937_64 random(19);
        ColumnCodec codec;
        const Columns columns{walk(random, 100, 63)};
        const auto frame = *codec.encode(columns);
        std::string content(ZSTD_getFrameContentSize(frame.data(), frame.size()), '\0');
        QCOMPARE(ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size()), content.size());
        for (const auto& [code, isLegal] : {std::pair(241, false), std::pair(255, false), std::pair(240, true)}) {
            auto bad = content;
            bad[40] = static_cast<char>(code); // the head is shorter, and 98 symbols or more follow it
            std::string again(ZSTD_compressBound(bad.size()), '\0');
            again.resize(ZSTD_compress(again.data(), again.size(), bad.data(), bad.size(), 1));
            Columns back(1);
            const auto rows = codec.decode(again, back);
            QVERIFY(rows ? isLegal : rows.error().code == base::ErrorCode::Damaged);
        }
    }

    // What a checksum would stop, had the damage been done by a program and not by a disk.
    void mutatedContentUnderAGoodChecksumIsRefusedOrDecodesWhole()
    {
        std::mt19937_64 random(17);
        ColumnCodec codec;
        int refused = 0;
        for (int round = 0; round < 3'000; ++round) {
            const auto rows = random() % 200;
            const Columns columns{walk(random, rows, 1 + static_cast<unsigned>(random() % 62)), walk(random, rows, 3),
                                  Column(rows, 5)};
            const auto frame = *codec.encode(columns);
            std::string content(ZSTD_getFrameContentSize(frame.data(), frame.size()), '\0');
            QCOMPARE(ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size()), content.size());
            for (auto changes = 1 + random() % 4; changes > 0; --changes) {
                // Mostly in the heads, where lengths are.
                content[random() % (random() % 2 == 0 ? std::min<std::size_t>(content.size(), 24) : content.size())] =
                    static_cast<char>(random());
            }
            content.resize(random() % 8 == 0 ? random() % (content.size() + 1) : content.size());
            std::string bad(ZSTD_compressBound(content.size()), '\0');
            bad.resize(ZSTD_compress(bad.data(), bad.size(), content.data(), content.size(), 1));
            Columns back(3);
            const auto got = codec.decode(bad, back);
            refused += got ? 0 : 1;
            QVERIFY(got ? std::ranges::all_of(back, [&](const auto& c) { return c.size() == *got; })
                        : got.error().code == base::ErrorCode::Damaged);
        }
        QVERIFY(refused > 500);
    }

    void scalesConvertExactlyOrNotAtAll()
    {
        const auto ratio = [](const char* from, const char* to) {
            return StepRatio(*base::parseDecimal(from), *base::parseDecimal(to));
        };
        QCOMPARE(ratio("0.1", "0.01")(123), std::optional<std::int64_t>(1'230));
        QCOMPARE(ratio("0.01", "0.1")(1'230), std::optional<std::int64_t>(123));
        QCOMPARE(ratio("0.01", "0.1")(1'231), std::nullopt);
        QCOMPARE(ratio("0.5", "0.1")(-3), std::optional<std::int64_t>(-15));
        QCOMPARE(ratio("0.1", "0.5")(-15), std::optional<std::int64_t>(-3));
        QCOMPARE(ratio("0.1", "0.5")(-14), std::nullopt);
        QCOMPARE(ratio("1e-9", "1e-9")(lowest), std::optional<std::int64_t>(lowest));
        QCOMPARE(ratio("1", "0.1")(highest / 10), std::optional<std::int64_t>(highest / 10 * 10));
        QCOMPARE(ratio("1", "0.1")(highest / 10 + 1), std::nullopt); // over the range
        QCOMPARE(ratio("1", "1e-30")(0), std::optional<std::int64_t>(0));
        QCOMPARE(ratio("1", "1e-30")(1), std::nullopt);
    }
};

QTEST_GUILESS_MAIN(ColumnCodecTest)
#include "column_codec_test.moc"
