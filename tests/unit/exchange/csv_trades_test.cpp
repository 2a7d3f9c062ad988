// Recorded trades and candles: good files in every dress, bad rows named by line, both passes, progress and cancel.
#include "exchange/csv_trades.h"

#include "base/sha256.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>
#include <map>
#include <sstream>

#include <zlib.h>

using namespace qd;
using namespace qd::exchange;
using base::ErrorCode;
using base::Scale;

namespace {

const std::string header = "ts_ms,price,size,side\n";

std::string gzipped(const std::string& text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

base::Result<std::vector<market::Tick>> readAll(const std::string& path, Scale tick, Scale lot)
{
    std::vector<market::Tick> all;
    const auto rows = CsvTradesReader(path).read(tick, lot, [&](std::span<const market::Tick> ticks) {
        all.insert(all.end(), ticks.begin(), ticks.end());
        return base::Result<void>{};
    });
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return static_cast<std::size_t>(rows->rows) == all.size() ? base::Result<std::vector<market::Tick>>(std::move(all))
                                                              : base::fail(ErrorCode::Internal, path, "count differs");
}

} // namespace

class CsvTradesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tradesAreReadInEveryDress_data();
    void tradesAreReadInEveryDress();
    void idsAreTimeAndRankAndEqualRowsAreKept();
    void inspectLearnsScalesExtentAndHash();
    void aBadRowIsNamedByLineAndReason_data();
    void aBadRowIsNamedByLineAndReason();
    void aFileWithoutRowsIsRefused_data();
    void aFileWithoutRowsIsRefused();
    void aTruncatedGzipIsDamaged();
    void aFlippedBitInAGzipIsDamaged();
    void aMissingFileIsNotFound();
    void aRowFinerThanTheScaleIsRefused();
    void aReadingLearnsWhatAnInspectionDoesAndAPeekOnlyOfTheFirstRows();
    void aStreamMayBeLeftInTheMiddle();
    void theSinksErrorEndsTheReading();
    void progressRisesToTheEndAndCancelStops();
    void candlesAreReadAndJudged_data();
    void candlesAreReadAndJudged();
    void recordedTradesEqualAnIndependentReading();

private:
    std::string put(const std::string& bytes)
    {
        const auto path = folder_.filePath(QString::number(++count_)).toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    QTemporaryDir folder_;
    int count_ = 0;
};

void CsvTradesTest::tradesAreReadInEveryDress_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const std::string rows = "1000,83.29,0.107,buy\n1001,83.3,2,sell\n";
    std::string crlf = header + rows;
    for (std::size_t at = 0; (at = crlf.find('\n', at)) != std::string::npos; at += 2) {
        crlf.insert(at, 1, '\r');
    }
    const auto row = [](const char* name, const std::string& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("plain", header + rows);
    row("without header", rows);
    row("without last newline", header + rows.substr(0, rows.size() - 1));
    row("CRLF", crlf);
    row("gzip", gzipped(header + rows));
    row("gzip of two members", gzipped(header) + gzipped(rows));
    row("trailing zeros", header + "1000,83.290000,0.10700,buy\n1001,83.30,2.0,sell\n");
    row("exponents", header + "1000,8329e-2,1.07E-1,buy\n1001,8.33e1,2,sell\n");
}

void CsvTradesTest::tradesAreReadInEveryDress()
{
    QFETCH(QByteArray, bytes);
    const auto path = put(bytes.toStdString());
    const auto ticks = readAll(path, Scale::ofDecimals(2), Scale::ofDecimals(3));
    QVERIFY2(ticks, ticks ? "" : ticks.error().detail.c_str());
    const std::vector<market::Tick> wanted{{.id = 1000LL << 20, .time = {1000}, .price = {8329}, .signedSize = 107},
                                           {.id = 1001LL << 20, .time = {1001}, .price = {8330}, .signedSize = -2000}};
    QCOMPARE(*ticks, wanted);
    const auto summary = CsvTradesReader(path).inspect();
    QVERIFY(summary);
    QCOMPARE(summary->rows, 2);
    QCOMPARE(summary->priceDecimals, 2);
    QCOMPARE(summary->sizeDecimals, 3);
}

void CsvTradesTest::idsAreTimeAndRankAndEqualRowsAreKept()
{
    const auto path = put(header + "5,1,1,buy\n5,1,1,buy\n5,1,1,buy\n6,1,1,buy\n");
    const auto ticks = readAll(path, Scale{}, Scale{});
    QVERIFY(ticks);
    QCOMPARE(ticks->size(), 4U);
    const std::int64_t five = 5LL << 20;
    QCOMPARE((*ticks)[0].id, five);
    QCOMPARE((*ticks)[1].id, five + 1);
    QCOMPARE((*ticks)[2].id, five + 2);
    QCOMPARE((*ticks)[3].id, 6LL << 20);
}

void CsvTradesTest::inspectLearnsScalesExtentAndHash()
{
    const auto text = header + "7,0.000012300,10,buy\n9,1.5,0.25,sell\n";
    for (const auto& bytes : {text, gzipped(text)}) {
        const auto summary = CsvTradesReader(put(bytes)).inspect();
        QVERIFY(summary);
        const CsvSummary wanted{.rows = 2,
                                .first = {7},
                                .last = {9},
                                .priceDecimals = 7,
                                .sizeDecimals = 2,
                                .bytes = static_cast<std::int64_t>(text.size()),
                                .sha256 = base::sha256Hex(text)};
        QCOMPARE(*summary, wanted);
    }
}

void CsvTradesTest::aBadRowIsNamedByLineAndReason_data()
{
    QTest::addColumn<QString>("row");
    QTest::addColumn<QString>("reason");
    QTest::newRow("three columns") << "8,1,1" << "wrong column count";
    QTest::newRow("five columns") << "8,1,1,buy,x" << "wrong column count";
    QTest::newRow("empty line") << "" << "empty line";
    QTest::newRow("unknown side") << "8,1,1,BUY" << "unknown side";
    QTest::newRow("side with blank") << "8,1,1,buy " << "unknown side";
    QTest::newRow("negative price") << "8,-1,1,buy" << "negative price";
    QTest::newRow("price of zero") << "8,0.00,1,buy" << "price of zero";
    QTest::newRow("negative size") << "8,1,-0.5,sell" << "negative size";
    QTest::newRow("size of zero") << "8,1,0,buy" << "size of zero";
    QTest::newRow("price no number") << "8,1x,1,buy" << "malformed number";
    QTest::newRow("price empty") << "8,,1,buy" << "malformed number";
    QTest::newRow("price with two points") << "8,1.2.3,1,buy" << "malformed number";
    QTest::newRow("price too long") << "8,1234567890123456789,1,buy" << "number out of range";
    QTest::newRow("time no number") << "x8,1,1,buy" << "malformed time";
    QTest::newRow("time with fraction") << "8.5,1,1,buy" << "malformed time";
    QTest::newRow("time of zero") << "0,1,1,buy" << "time out of range";
    QTest::newRow("time beyond 2248") << "8796093022208,1,1,buy" << "time out of range";
    QTest::newRow("time back") << "6,1,1,buy" << "time goes back";
}

void CsvTradesTest::aBadRowIsNamedByLineAndReason()
{
    QFETCH(QString, row);
    QFETCH(QString, reason);
    const auto path = put(header + "7,1,1,buy\n" + row.toStdString() + "\n9,1,1,buy\n");
    const auto summary = CsvTradesReader(path).inspect();
    QVERIFY(!summary);
    QCOMPARE(summary.error().code, ErrorCode::Malformed);
    const auto detail = QString::fromStdString(summary.error().detail);
    QVERIFY2(detail.startsWith(QStringLiteral("line 3: ") + reason), qPrintable(detail));
    QVERIFY(!readAll(path, Scale{}, Scale{}));
}

void CsvTradesTest::aFileWithoutRowsIsRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("header only") << QByteArray::fromStdString(header);
    QTest::newRow("gzip of nothing") << QByteArray::fromStdString(gzipped(""));
    QTest::newRow("another header") << QByteArray("time,price,size,side\n5,1,1,buy\n");
    QTest::newRow("one endless line") << QByteArray(300'000, '7');
}

void CsvTradesTest::aFileWithoutRowsIsRefused()
{
    QFETCH(QByteArray, bytes);
    const auto summary = CsvTradesReader(put(bytes.toStdString())).inspect();
    QVERIFY(!summary);
    QCOMPARE(summary.error().code, ErrorCode::Malformed);
}

void CsvTradesTest::aTruncatedGzipIsDamaged()
{
    std::string text = header;
    for (int i = 1; i < 5'000; ++i) {
        text += std::to_string(i * 17) + ",1." + std::to_string(i % 97) + ",1,buy\n";
    }
    const auto whole = gzipped(text);
    QVERIFY(CsvTradesReader(put(whole)).inspect());
    for (const std::size_t cut : {1U, 4U, 9U, 1'000U}) {
        const auto summary = CsvTradesReader(put(whole.substr(0, whole.size() - cut))).inspect();
        QVERIFY(!summary);
        QCOMPARE(summary.error().code, ErrorCode::Damaged);
    }
}

void CsvTradesTest::aFlippedBitInAGzipIsDamaged()
{
    auto bytes = gzipped(header + "7,1,1,buy\n");
    bytes[bytes.size() - 6] ^= 1; // in the checksum
    const auto summary = CsvTradesReader(put(bytes)).inspect();
    QVERIFY(!summary);
    QCOMPARE(summary.error().code, ErrorCode::Damaged);
}

void CsvTradesTest::aMissingFileIsNotFound()
{
    const auto summary = CsvTradesReader("/nowhere/at/all.csv").inspect();
    QVERIFY(!summary);
    QCOMPARE(summary.error().code, ErrorCode::NotFound);
}

void CsvTradesTest::aRowFinerThanTheScaleIsRefused()
{
    const auto ticks = readAll(put(header + "7,1.5,1,buy\n8,1.25,1,buy\n"), Scale::ofDecimals(1), Scale{});
    QVERIFY(!ticks);
    QVERIFY(ticks.error().detail.find("line 3: finer than the instrument's step") != std::string::npos);
    // A step that is no power of ten goes the slow way and is as exact.
    const auto half = Scale::ofStep(*base::parseDecimal("0.5")).value();
    QCOMPARE((*readAll(put(header + "7,1.50,1,buy\n"), half, Scale{}))[0].price.value, 3);
    QVERIFY(!readAll(put(header + "7,1.25,1,buy\n"), half, Scale{}));
}

void CsvTradesTest::aReadingLearnsWhatAnInspectionDoesAndAPeekOnlyOfTheFirstRows()
{
    std::string text = header;
    for (int i = 0; i < 40'000; ++i) { // some 700 kB: several runs
        text += std::to_string(1'000'000 + i / 2) + ",81.50000,0.25,buy\n";
    }
    text += "2000000,81.575,0.125,sell\n";
    for (const auto& path : {put(text), put(gzipped(text))}) {
        const CsvTradesReader reader(path);
        const auto whole = reader.inspect();
        const auto keep = [](std::span<const market::Tick>) { return base::Result<void>{}; };
        const auto read = reader.read(Scale::ofDecimals(3), Scale::ofDecimals(3), keep);
        QVERIFY(whole && read);
        QVERIFY(*read == *whole);
        QCOMPARE(read->sha256, base::sha256Hex(text));
        const auto first = reader.peek();
        QVERIFY(first && first->rows > 1'000 && first->rows < 40'000);
        QCOMPARE(first->first.value, 1'000'000);
        QCOMPARE(first->priceDecimals, 1);
        QCOMPARE(first->sizeDecimals, 2);
        const auto coarse = reader.read(Scale::ofDecimals(1), Scale::ofDecimals(2), keep);
        QVERIFY(!coarse && coarse.error().code == ErrorCode::NotOnScale);
        QVERIFY(coarse.error().detail.find("line 40002") != std::string::npos);
    }
}

void CsvTradesTest::aStreamMayBeLeftInTheMiddle()
{
    std::string text = header;
    for (int i = 0; i < 200'000; ++i) {
        text += std::to_string(1'000'000 + i) + ",81.5,1,buy\n";
    }
    const auto path = put(text);
    for (int runs = 0; runs < 4; ++runs) {
        auto stream = CsvTradesStream::open(path, Scale::ofDecimals(1), Scale{});
        QVERIFY(stream);
        for (int i = 0; i < runs; ++i) {
            QVERIFY(stream->next() && !stream->next()->empty());
        }
    }
}

void CsvTradesTest::theSinksErrorEndsTheReading()
{
    const auto path = put(header + "7,1,1,buy\n");
    const auto rows = CsvTradesReader(path).read(Scale{}, Scale{}, [](std::span<const market::Tick>) {
        return base::Result<void>(base::fail(ErrorCode::DiskFull, "", ""));
    });
    QVERIFY(!rows);
    QCOMPARE(rows.error().code, ErrorCode::DiskFull);
}

void CsvTradesTest::progressRisesToTheEndAndCancelStops()
{
    std::string text = header;
    for (int i = 1; i < 100'000; ++i) {
        text += std::to_string(i) + ",1,1,buy\n";
    }
    const auto path = put(text);
    std::vector<double> told;
    QVERIFY(CsvTradesReader(path).inspect({.stop = {}, .progress = [&](double f) { told.push_back(f); }}));
    QVERIFY(told.size() > 2 && told.size() <= 101);
    QVERIFY(std::is_sorted(told.begin(), told.end()));
    QCOMPARE(told.back(), 1.0);

    std::stop_source stop;
    const auto cancelled =
        CsvTradesReader(path).inspect({.stop = stop.get_token(), .progress = [&](double) { stop.request_stop(); }});
    QVERIFY(!cancelled);
    QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
}

void CsvTradesTest::candlesAreReadAndJudged_data()
{
    QTest::addColumn<QString>("row");
    QTest::addColumn<QString>("reason");
    QTest::newRow("good") << "120000,1.5,2,1,1.25,0" << "";
    QTest::newRow("open outside") << "120000,5,2,1,1.25,7" << "";
    QTest::newRow("high under low") << "120000,1,1,2,1,7" << "high under low";
    QTest::newRow("off the grid") << "120001,1,2,1,1,7" << "time is not on the timeframe's grid";
    QTest::newRow("twice") << "60000,1,2,1,1,7" << "time stands twice";
    QTest::newRow("back") << "0,1,2,1,1,7" << "time out of range";
    QTest::newRow("negative volume") << "120000,1,2,1,1,-7" << "negative volume";
    QTest::newRow("price of zero") << "120000,1,2,0,1,7" << "price of zero";
    QTest::newRow("five columns") << "120000,1,2,1,1" << "wrong column count";
}

void CsvTradesTest::candlesAreReadAndJudged()
{
    QFETCH(QString, row);
    QFETCH(QString, reason);
    const auto path = put("ts_ms,open,high,low,close,volume\n60000,1,2,1,1.5,0.125\n" + row.toStdString() + "\n");
    const CsvCandlesReader reader(path, market::Timeframe::M1);
    std::vector<market::Candle> candles;
    const auto rows = reader.read(Scale::ofDecimals(2), Scale::ofDecimals(3), [&](std::span<const market::Candle> c) {
        candles.insert(candles.end(), c.begin(), c.end());
        return base::Result<void>{};
    });
    const auto summary = reader.inspect();
    QCOMPARE(rows.has_value(), reason.isEmpty());
    QCOMPARE(summary.has_value(), reason.isEmpty());
    if (!reason.isEmpty()) {
        QVERIFY2(summary.error().detail.starts_with("line 3: " + reason.toStdString()), summary.error().detail.c_str());
        return;
    }
    const market::Candle first{
        .start = {60'000}, .open = {100}, .high = {200}, .low = {100}, .close = {150}, .volume = {125}};
    QCOMPARE(candles[0], first);
    QCOMPARE(candles.size(), 2U);
    QCOMPARE(summary->sizeDecimals, 3);
}

void CsvTradesTest::recordedTradesEqualAnIndependentReading()
{
    const auto path = qEnvironmentVariable("QD_SHARED") +
                      QStringLiteral("/data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
    if (!QFile::exists(path)) {
        QSKIP("the recorded trades are not here (QD_SHARED)");
    }
    const auto ticks = readAll(path.toStdString(), Scale::ofDecimals(2), Scale::ofDecimals(3));
    QVERIFY(ticks);
    QCOMPARE(ticks->size(), 152'763U);
    gzFile file = gzopen(path.toLocal8Bit().constData(), "rb");
    std::array<char, 256> line{};
    QVERIFY(gzgets(file, line.data(), line.size()) != nullptr);
    std::map<std::int64_t, std::int64_t> ranks;
    for (const auto& tick : *ticks) {
        QVERIFY(gzgets(file, line.data(), line.size()) != nullptr);
        long long ts = 0;
        double price = 0;
        double size = 0;
        std::array<char, 8> side{};
        QCOMPARE(std::sscanf(line.data(), "%lld,%lf,%lf,%7s", &ts, &price, &size, side.data()), 4);
        QCOMPARE(tick.time.value, ts);
        QCOMPARE(tick.id, (ts << 20) + ranks[ts]++);
        QCOMPARE(tick.price.value, std::llround(price * 100));
        QCOMPARE(tick.signedSize, (side[0] == 'b' ? 1 : -1) * std::llround(size * 1000));
    }
    QVERIFY(gzgets(file, line.data(), line.size()) == nullptr);
    gzclose(file);
}

QTEST_APPLESS_MAIN(CsvTradesTest)
#include "csv_trades_test.moc"
