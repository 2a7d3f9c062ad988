// The night report's rules: what belongs to a night, how it compares, and that nothing of a reason becomes markup.
#include "governance/night_document.h"
#include "governance/night_parts.h"

#include <QTest>

using namespace qd;
using namespace qd::governance;
using base::Millis;

namespace {

constexpr UtcMs from{1'750'000'000'000};
constexpr Millis hour{3'600'000};
const UtcMs to = from + base::oneDay;

NightLoss loss(const std::string& instrument, Millis begin, Millis length,
               market::GapMeasure measure = market::GapMeasure::Exact, std::optional<std::int64_t> missing = {})
{
    NightLoss out{.instrument = instrument, .gap = {}};
    out.gap.from = from + begin;
    out.gap.to = out.gap.from + length;
    out.gap.measure = measure;
    if (missing) {
        out.gap.missing = market::Quantity{*missing};
    }
    return out;
}

JobRunRow run(std::int64_t id, const std::string& job, JobState state, UtcMs ended, double seconds)
{
    JobRunRow out{.id = id, .job = job, .trigger = "by the clock", .state = state, .staged = ended - Millis{60'000}};
    out.beat = ended;
    out.awake = Millis{static_cast<std::int64_t>(seconds * 1'000)};
    if (isOver(state)) {
        out.ended = ended;
        out.result = "said by " + std::to_string(id);
    }
    return out;
}

NightFigures night(std::size_t gaps = 0, UtcMs begin = from, Millis length = base::oneDay)
{
    NightFigures out{.from = begin, .to = begin + length};
    for (std::size_t i = 0; i < gaps; ++i) {
        const auto at = begin + hour * static_cast<std::int64_t>(i);
        out.gaps.push_back({.from = at, .to = at + Millis{60'000}, .instruments = {"BTC-USDT"}, .causes = {"socket"}});
    }
    return out;
}

/// So many nights before, newest first, with these numbers of gaps.
std::vector<NightFigures> nightsWith(const std::vector<std::size_t>& gaps)
{
    std::vector<NightFigures> out;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        out.push_back(night(gaps[i], from - base::oneDay * static_cast<std::int64_t>(i + 1)));
    }
    return out;
}

const NightComparison& row(const std::vector<NightComparison>& rows, const std::string& id)
{
    const auto found = std::ranges::find_if(rows, [&](const auto& one) { return one.figure.id == id; });
    if (found == rows.end()) {
        qFatal("no figure %s", id.c_str());
    }
    return *found;
}

NightClock berlin()
{
    return {[](UtcMs time) {
                auto text = base::isoText(time + hour * 2).substr(0, 16);
                text[10] = ' ';
                return text;
            },
            "Europe/Berlin"};
}

bool has(const std::string& text, const std::string& words)
{
    return text.find(words) != std::string::npos;
}

} // namespace

class NightTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void gapsOfOneCauseThatOverlapAreOneInterruption()
    {
        const std::vector losses{loss("ETH-USDT", hour, Millis{60'000}),
                                 loss("BTC-USDT", hour + Millis{30'000}, Millis{60'000}),
                                 loss("ETH-USDT", hour + Millis{89'999}, Millis{1'001}),  // a ms within
                                 loss("SOL-USDT", hour + Millis{91'000}, Millis{1'000})}; // touches: another one
        const auto gaps = nightGaps(losses, from, to);
        QCOMPARE(gaps.size(), std::size_t{2});
        QCOMPARE(gaps[0].from, from + hour);
        QCOMPARE(gaps[0].to, from + hour + Millis{91'000});
        QCOMPARE(gaps[0].instruments, (std::vector<std::string>{"BTC-USDT", "ETH-USDT"}));
        QCOMPARE(gaps[0].causes, (std::vector<std::string>{"socket"}));
        QCOMPARE(gaps[1].instruments, (std::vector<std::string>{"SOL-USDT"}));
        const std::vector atOnce{loss("A", hour, Millis{0}), loss("B", hour, Millis{0})}; // of no length, at one moment
        QCOMPARE(nightGaps(atOnce, from, to).size(), std::size_t{1});
    }

    void anotherCauseIsAnotherInterruptionAndItsTimeCountsOnce()
    {
        auto silent = loss("SOL-USDT", hour, hour * 6); // all the night long, one instrument
        silent.gap.cause = market::GapCause::Silence;
        const std::vector losses{silent, loss("BTC-USDT", hour * 2, hour), loss("BTC-USDT", hour * 4, hour),
                                 loss("BTC-USDT", hour * 6, hour * 2)};
        auto tonight = night();
        tonight.gaps = nightGaps(losses, from, to);
        QCOMPARE(tonight.gaps.size(), std::size_t{4});
        QCOMPARE(tonight.gaps[0].causes, (std::vector<std::string>{"silence"}));
        QCOMPARE(tonight.gaps[0].to, from + hour * 7);
        QCOMPARE(secondsWithGaps(tonight.gaps), 7 * 3'600.0); // from 1:00 to 8:00
        QVERIFY(headline(tonight).starts_with("4 interruptions (7 h)"));
        QCOMPARE(row(compared(tonight, {}), "gaps.seconds").figure.value, std::optional(7 * 3'600.0));
    }

    void aGapIsCutToTheNightAndLeftOutOutsideOfIt()
    {
        const std::vector losses{loss("A", -hour, hour * 2), loss("B", base::oneDay - hour, hour * 2),
                                 loss("C", -hour * 2, hour),     // over an hour before it begins
                                 loss("D", -hour, hour),         // ends as it begins
                                 loss("E", base::oneDay, hour)}; // begins as it ends
        const auto gaps = nightGaps(losses, from, to);
        QCOMPARE(gaps.size(), std::size_t{2});
        QCOMPARE(gaps[0].from, from);
        QCOMPARE(gaps[0].to, from + hour);
        QCOMPARE(gaps[1].from, to - hour);
        QCOMPARE(gaps[1].to, to);
    }

    void aGapIsFilledWhenItLacksNothingAndOpenUntilItIsMeasured()
    {
        using enum market::GapMeasure;
        const std::vector losses{loss("A", hour, hour, Exact), loss("B", hour, hour, ByVolume, 0),
                                 loss("C", hour, hour, ByVolume, 1), loss("D", hour, hour, Unknown),
                                 loss("E", hour, hour, Open)};
        const auto gaps = nightGaps(losses, from, to);
        QCOMPARE(gaps.size(), std::size_t{1});
        QCOMPARE(gaps[0].filled, 2U);
        QCOMPARE(gaps[0].lost, 1U);
        QCOMPARE(gaps[0].open, 2U); // nobody can tell any more of D: that is not known to be missing
        auto tonight = night();
        tonight.gaps = gaps;
        QVERIFY(has(asText(nightDocument(tonight, {}, berlin())),
                    "of their 5 gaps 2 filled, 1 with something missing, 2 unknown or not measured yet."));
        tonight.gaps[0] = {.from = from, .to = from + hour, .open = 3};
        QVERIFY(!has(asText(nightDocument(tonight, {}, berlin())), "missing"));
    }

    void runsCountInTheNightInWhichTheyEnded()
    {
        using enum JobState;
        const std::vector runs{run(1, "backup", Succeeded, from - Millis{1}, 9), // before
                               run(2, "backup", Succeeded, from, 2),             // at its first ms
                               run(3, "backup", Failed, from + hour, 3),
                               run(4, "backup", TimedOut, from + hour * 2, 60),
                               run(5, "backup", Orphaned, from + hour * 3, 1),
                               run(6, "backup", Cancelled, from + hour * 4, 0),
                               run(7, "review", Succeeded, to, 5), // at its end: it is under way
                               run(8, "night", Running, to, 1),    // the one that makes the report
                               run(9, "null", Running, to, 100)};
        const auto jobs = nightJobs(runs, {{"backup", "Backup"}}, "night", from, to);
        QCOMPARE(jobs.size(), std::size_t{3});
        const auto& backup = jobs[0];
        QCOMPARE(backup.title, std::string("Backup"));
        QCOMPARE(backup.runs, 5U);
        QCOMPARE(backup.failed, 1U);
        QCOMPARE(backup.timedOut, 1U);
        QCOMPARE(backup.orphaned, 1U);
        QCOMPARE(backup.cancelled, 1U);
        QCOMPARE(backup.bad(), 3U);
        QCOMPARE(backup.seconds, 66.0);
        QCOMPARE(backup.longest, 60.0);
        QCOMPARE(backup.trouble, std::string("said by 5"));
        QVERIFY(!backup.isUnderWay);
        QCOMPARE(jobs[1].name, std::string("null"));
        QVERIFY(jobs[1].isUnderWay);
        QCOMPARE(jobs[1].runs, 0U);
        QVERIFY(jobs[2].isUnderWay);
    }

    void underSevenNightsNothingIsJudged()
    {
        const auto six = nightsWith({0, 0, 0, 0, 0, 0});
        QCOMPARE(row(compared(night(9), six), "gaps.count").verdict, NightVerdict::TooFew);
        const auto seven = nightsWith({0, 0, 0, 0, 0, 0, 0});
        QCOMPARE(row(compared(night(9), seven), "gaps.count").verdict, NightVerdict::Above);
        const auto text = asText(nightDocument(night(9), six, berlin()));
        QVERIFY(has(text, "Too few to compare: 6 nights"));
        QVERIFY(!has(text, "more than on any"));
    }

    void outsideIsOverTheHighestOrUnderTheLowestOfThem()
    {
        const auto before = nightsWith({1, 2, 3, 4, 5, 2, 3});
        const auto verdict = [&](std::size_t gaps) { return row(compared(night(gaps), before), "gaps.count").verdict; };
        QCOMPARE(verdict(0), NightVerdict::Below);
        QCOMPARE(verdict(1), NightVerdict::Usual);
        QCOMPARE(verdict(5), NightVerdict::Usual);
        QCOMPARE(verdict(6), NightVerdict::Above);
        const auto figure = row(compared(night(6), before), "gaps.count");
        QCOMPARE(figure.median, 3.0);
        QCOMPARE(outsideText(figure), std::string("Interruptions: 6, more than on any of the last 7 nights (usually 3, "
                                                  "from 1 to 5)."));
        QVERIFY(outsideText(row(compared(night(3), before), "gaps.count")).empty());
    }

    void aSecondMoreIsNotOutside()
    {
        const auto of = [](double seconds) {
            auto out = night();
            out.jobs.push_back({.name = "backup", .title = "Backup", .runs = 1, .seconds = seconds});
            return out;
        };
        std::vector<NightFigures> before;
        for (int i = 1; i <= 7; ++i) {
            before.push_back(of(10));
            before.back().from = from - base::oneDay * i;
            before.back().to = before.back().from + base::oneDay;
        }
        QCOMPARE(row(compared(of(11), before), "job.backup").verdict, NightVerdict::Usual);
        QCOMPARE(row(compared(of(11.01), before), "job.backup").verdict, NightVerdict::Above);
        QCOMPARE(row(compared(of(9), before), "job.backup").verdict, NightVerdict::Usual);
        QCOMPARE(row(compared(of(8.9), before), "job.backup").verdict, NightVerdict::Below);
    }

    void theNewestThirtyNightsOfAboutTheSameLengthCount()
    {
        std::vector<std::size_t> gaps(30, 1);
        gaps.push_back(50); // the 31st
        auto before = nightsWith(gaps);
        QCOMPARE(row(compared(night(2), before), "gaps.count").nights, std::size_t{30});
        QCOMPARE(row(compared(night(2), before), "gaps.count").verdict, NightVerdict::Above);
        before.front().to = before.front().from + base::oneDay / 2 - Millis{1}; // too short
        QCOMPARE(row(compared(night(2), before), "gaps.count").high, 50.0);     // so that one counts
        before.front().to = before.front().from + base::oneDay / 2;             // just long enough
        QCOMPARE(row(compared(night(2), before), "gaps.count").high, 1.0);
        before.front().to = before.front().from + base::oneDay * 2 + Millis{1}; // too long
        QCOMPARE(row(compared(night(2), before), "gaps.count").high, 50.0);
        QCOMPARE(comparable(night(2, from, hour), before), std::size_t{0});
    }

    void aJobThatRunsWeeklyIsComparedWithTheNightsThatHadIt()
    {
        auto tonight = night();
        tonight.jobs.push_back({.name = "null", .title = "Noise null", .runs = 1, .seconds = 100});
        auto before = nightsWith(std::vector<std::size_t>(14, 0));
        before[6].jobs = {{.name = "null", .title = "Noise null", .runs = 1, .seconds = 60}};
        before[13].jobs = {{.name = "null", .title = "Noise null", .runs = 1, .seconds = 80}};
        before[3].jobs = {{.name = "null", .title = "Noise null", .isUnderWay = true}}; // none of it ended
        const auto figure = row(compared(tonight, before), "job.null");
        QCOMPARE(figure.nights, std::size_t{2});
        QCOMPARE(figure.median, 70.0);
        QCOMPARE(figure.verdict, NightVerdict::TooFew);
        QVERIFY(has(asText(nightDocument(tonight, before, berlin())), "70 s"));
    }

    void whatIsNotKnownIsNotCompared()
    {
        auto before = nightsWith(std::vector<std::size_t>(7, 0));
        for (auto& one : before) {
            one.memory.growth = 5e6;
        }
        QCOMPARE(row(compared(night(), before), "memory.growth").verdict, NightVerdict::Unknown);
        auto tonight = night();
        tonight.memory.growth = 6.1e6;
        QCOMPARE(row(compared(tonight, before), "memory.growth").verdict, NightVerdict::Above);
        tonight.memory.growth = 6e6; // within a megabyte
        QCOMPARE(row(compared(tonight, before), "memory.growth").verdict, NightVerdict::Usual);
    }

    void anEmptyNightSaysOfEachPartThatNothingWas()
    {
        auto quiet = night();
        quiet.isFirst = true;
        const auto document = nightDocument(quiet, {}, berlin());
        QCOMPARE(headline(quiet), std::string("A quiet night: no gap, no alert, nothing failed"));
        QCOMPARE(document.headline.tone, NightTone::Good);
        QCOMPARE(document.sections.size(), std::size_t{7});
        const auto text = asText(document);
        for (const auto* words :
             {"The first report", "Too few to compare: no night", "No gap", "No job ran", "No review was held",
              "No model was trained", "None: nothing opened", "No console runs", "No backup was made"}) {
            QVERIFY2(has(text, words), words);
        }
    }

    void theHeadlineCountsWhatHappened()
    {
        auto bad = night(2);
        bad.jobs = {{.name = "a", .title = "A", .runs = 3, .failed = 1, .orphaned = 1}};
        bad.alerts = {{.opened = from, .cleared = {}, .isNew = true, .title = "The feed is dead"},
                      {.opened = from - hour, .cleared = {}, .isNew = false, .title = "An old one"}};
        bad.proposals.resize(1);
        bad.retrains.resize(3);
        bad.retrains[0].ended = from + hour;
        bad.retrains[1].ended = from + hour;
        bad.backups.failed = 1;
        QCOMPARE(headline(bad), std::string("2 interruptions (2 min), 2 runs of jobs went wrong, 1 alert, 1 backup "
                                            "failed, 1 proposal, 2 trainings ended, 1 training is under way"));
        auto training = night(); // what has not ended is not counted as done
        training.retrains.resize(1);
        QVERIFY(headline(training).ends_with("; 1 training is under way"));
        auto quiet = night();
        quiet.proposals.resize(3);
        QCOMPARE(headline(quiet), std::string("A quiet night: no gap, no alert, nothing failed; 3 proposals"));
        auto old = night(); // what was open already is told, but opened another night
        old.alerts = {bad.alerts[1]};
        QVERIFY(headline(old).starts_with("A quiet night"));
        QVERIFY(has(asText(nightDocument(old, {}, berlin())), "An old one"));
    }

    void eachTimeIsToldByBothClocks()
    {
        const UtcMs evening{1'750'543'200'000}; // 2025-06-21 22:00 UTC
        QCOMPARE(bothClocks(berlin(), evening), std::string("2025-06-22 00:00 (2025-06-21 22:00 UTC)"));
        QCOMPARE(bothClocks(berlin(), evening - hour * 3), std::string("2025-06-21 21:00 (19:00 UTC)"));
        const NightClock utc{[](UtcMs time) {
                                 auto text = base::isoText(time).substr(0, 16);
                                 text[10] = ' ';
                                 return text;
                             },
                             "UTC"};
        QCOMPARE(bothClocks(utc, evening), std::string("2025-06-21 22:00 UTC"));
    }

    void growthSaysWhatIsKnownOfIt()
    {
        auto of = night();
        of.memory.bytes = 200e6;
        of.memory.since = from + hour;
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "it was started in this night"));
        of.memory.since = from - hour;
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "there is no figure of the report before"));
        of.memory.growth = 3e6;
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "holds 200.0 MB, +3.0 MB since the report before"));
        of.database = {.bytes = 2e9, .growth = 1e6, .freeBytes = 10e9};
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "how long that lasts is known after another report"));
        of.database.perDay = -5e6;
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "it does not fill"));
        of.database.perDay = 1e9;
        of.database.daysLeft = 10.4;
        const auto document = nightDocument(of, {}, berlin());
        QVERIFY(has(asText(document), "full in about 10 days"));
        QVERIFY(std::ranges::any_of(document.sections.back().lines,
                                    [](const NightLine& line) { return line.tone == NightTone::Warning; }));
    }

    void whatReasonsHoldIsNeverMarkup()
    {
        auto of = night();
        of.retrains = {{.started = from,
                        .ended = from + hour,
                        .model = "<b>gbt</b>",
                        .trigger = "by you: a|b\n# head",
                        .outcome = "failed",
                        .version = "",
                        .why = "\"x\" & 'y' <script>alert(1)</script>"}};
        const auto document = nightDocument(of, {}, berlin());
        const auto html = asHtml(document);
        QVERIFY(!has(html, "<script>"));
        QVERIFY(!has(html, "<b>gbt"));
        QVERIFY(has(html, "&quot;x&quot; &amp; &#39;y&#39; &lt;script&gt;"));
        const auto markdown = asMarkdown(document);
        QVERIFY(has(markdown, "a\\|b \\# head"));
        QVERIFY(has(markdown, "\\<b\\>gbt\\</b\\>"));
        QVERIFY(has(asText(document), "a|b # head"));
    }

    void thePageStandsAlone()
    {
        const auto html = asHtml(nightDocument(night(1), {}, berlin()), {.background = "#010203"});
        QVERIFY(html.starts_with("<!DOCTYPE html>"));
        QVERIFY(has(html, "background-color: #010203"));
        for (const auto* foreign : {"http:", "https:", "src=", "href=", "url(", "@import"}) {
            QVERIFY2(!has(html, foreign), foreign);
        }
    }

    void aLongReasonIsWholeWhereLinesBreakAndUnderATableOfText()
    {
        QCOMPARE(firstSentence("It loses. Then more."), std::string("It loses …"));
        QCOMPARE(firstSentence("It loses; figures"), std::string("It loses …"));
        QCOMPARE(firstSentence("It loses\nmore"), std::string("It loses …"));
        QCOMPARE(firstSentence("It loses 0.5 R."), std::string("It loses 0.5 R."));
        QCOMPARE(firstSentence(""), std::string());
        const std::string letters(119, 'x');
        QCOMPARE(firstSentence(letters + "ä is cut at a letter"), letters + " …");
        QCOMPARE(firstSentence("of words " + letters), std::string("of words …"));
        auto of = night();
        of.proposals = {{.at = from,
                         .rule = "disable",
                         .subject = "s",
                         .reason = "It <i>loses</i>. Rest & more.",
                         .state = "open"}};
        const auto document = nightDocument(of, {}, berlin());
        QVERIFY(has(asHtml(document), ">It &lt;i&gt;loses&lt;/i&gt;. Rest &amp; more.</td>"));
        QVERIFY(has(asMarkdown(document), "Rest \\& more."));
        QVERIFY(has(asText(document), "It <i>loses</i> …"));
        QVERIFY(has(asText(document), "\n  disable s: It <i>loses</i>. Rest & more.\n"));
        of.proposals[0].reason = "Disable: the interval lies under zero. More."; // the rule is named once
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "\n  disable s: The interval lies under zero. More.\n"));
    }

    void aLongTableSaysWhatItLeavesOut()
    {
        const auto at = asText(nightDocument(night(20), {}, berlin()));
        QVERIFY(!has(at, " more."));
        auto of = night();
        of.proposals.assign(41, {.at = from, .rule = "disable", .subject = "s", .state = "open"});
        QVERIFY(has(asText(nightDocument(of, {}, berlin())), "And 1 proposal more."));
    }

    void columnsOfTextStandUnderEachOther()
    {
        auto of = night();
        of.jobs = {{.name = "a", .title = "Prüfung", .runs = 1, .seconds = 1, .longest = 1},
                   {.name = "b", .title = "Backup", .runs = 12, .seconds = 2, .longest = 2}};
        const auto text = asText(nightDocument(of, {}, berlin()));
        const auto lineOf = [&](const std::string& word) {
            const auto begin = text.rfind('\n', text.find(word)) + 1;
            return QString::fromStdString(text.substr(begin, text.find('\n', begin) - begin));
        };
        QCOMPARE(lineOf("Prüfung").indexOf(QStringLiteral("none")), lineOf("Backup").indexOf(QStringLiteral("none")));
    }

    void lengthsAndSizesAreToldInTheirUnits()
    {
        QCOMPARE(spanText(0), std::string("0 s"));
        QCOMPARE(spanText(0.44), std::string("0.4 s"));
        QCOMPARE(spanText(10), std::string("10 s"));
        QCOMPARE(spanText(119), std::string("119 s"));
        QCOMPARE(spanText(120), std::string("2 min"));
        QCOMPARE(spanText(125), std::string("2 min 5 s"));
        QCOMPARE(spanText(3'600), std::string("1 h"));
        QCOMPARE(spanText(3'780), std::string("1 h 3 min"));
        QCOMPARE(spanText(86'400), std::string("24 h"));
        QCOMPARE(spanText(2 * 86'400 + 3'600), std::string("2 d 1 h"));
        QCOMPARE(bytesText(999), std::string("999 B"));
        QCOMPARE(bytesText(1.25e9), std::string("1.25 GB"));
        QCOMPARE(growthText(-3.2e6), std::string("-3.2 MB"));
        QCOMPARE(growthText(3.2e6), std::string("+3.2 MB"));
        QCOMPARE(counted(0, "gap", "gaps"), std::string("no gap"));
        QCOMPARE(counted(2, "gap", "gaps"), std::string("2 gaps"));
    }
};

QTEST_APPLESS_MAIN(NightTest)
#include "night_test.moc"
