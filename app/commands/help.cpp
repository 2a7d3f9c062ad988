#include "app/commands/help.h"

#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <array>
#include <span>

namespace qd::app {

namespace {

struct CommandHelp {
    std::string_view name; // empty: the window
    std::string_view what; // one line, for the list of subcommands
    std::span<const std::string_view> examples;
    std::string_view failed = "failed"; // when the exit code is 1
    bool takesStrategy = false;         // names the catalogue
};

using Examples = std::string_view;

constexpr std::array<Examples, 3> ofWindow{
    "quarterdeck --feed blofin",
    "quarterdeck --page Markets --theme light",
    "quarterdeck --data-dir /tmp/try --screenshot overview.png --after 20 --size 1600x1000",
};
constexpr std::array<Examples, 3> ofRun{
    "quarterdeck run --headless --feed blofin",
    "quarterdeck run --headless --data-dir /tmp/try --history 8 --for 60 --json",
    "quarterdeck run --headless --api-port 9999",
};
constexpr std::array<Examples, 2> ofImport{
    "quarterdeck import ticks ltc.csv.gz --instrument LTC-USDT --sizes contracts",
    "quarterdeck import candles btc-1m.csv --instrument BTC-USDT --timeframe 1m",
};
constexpr std::array<Examples, 3> ofExport{
    "quarterdeck export ticks --feed demo --instrument BTC-USDT --from 2025-06-22T00:00:00Z > btc.csv",
    "quarterdeck export candles --instrument BTC-USDT --timeframe 1h",
    "quarterdeck export evaluations --window 0",
};
constexpr std::array<Examples, 3> ofReplay{
    "quarterdeck replay --jobs 2",
    "quarterdeck replay --instruments BTC-USDT --strategies breakout,momentum --current",
    "quarterdeck replay --candles 5m --ledger /tmp/ledger.db --json",
};
constexpr std::array<Examples, 2> ofVerify{
    "quarterdeck verify --feed blofin",
    "quarterdeck verify --set-aside",
};
constexpr std::array<Examples, 3> ofExchange{
    "quarterdeck exchange --port 9000 --seed 7",
    "quarterdeck exchange --port 9000 --ticks ltc.csv.gz --instrument LTC-USDT --speed max --stamp now",
    "quarterdeck exchange --port 9000 --faults drop=60s,lose=0.001 --log made.csv",
};
constexpr std::array<Examples, 2> ofGaps{
    "quarterdeck gaps",
    "quarterdeck gaps --instrument BTC-USDT,ETH-USDT --from 2025-06-22T00:00:00Z --json",
};
constexpr std::array<Examples, 2> ofSimulate{
    "quarterdeck simulate --data-dir /tmp/try --days 8 --instruments 4",
    "quarterdeck simulate --data-dir /tmp/try --days 30 --ticks 2000000 --trades 3000 --seed 5",
};
constexpr std::array<Examples, 1> ofCalibrate{"quarterdeck calibrate --json"};
constexpr std::array<Examples, 2> ofStoplab{
    "quarterdeck stoplab breakout",
    "quarterdeck stoplab all --instrument BTC-USDT --json",
};
constexpr std::array<Examples, 2> ofReport{
    "quarterdeck report",
    "quarterdeck report --window 7 --json",
};
constexpr std::array<Examples, 2> ofNull{
    "quarterdeck null --jobs 2",
    "quarterdeck null --strategies breakout --seeds 500 --days 0",
};
constexpr std::array<Examples, 2> ofReview{
    "quarterdeck review",
    "quarterdeck review --apply --reason \"weekly round\"",
};
constexpr std::array<Examples, 3> ofStrategy{
    "quarterdeck strategy disable reversal --reason \"loses since Monday\"",
    "quarterdeck strategy disable breakout --instrument DOGE-USDT --reason \"spread\"",
    "quarterdeck strategy promote breakout --reason \"all gates are green\"",
};
constexpr std::array<Examples, 4> ofPolicy{
    "quarterdeck policy get prune.confidence",
    "quarterdeck policy set prune.confidence 0.9 --reason \"fewer false alarms\"",
    "quarterdeck policy export > policy.txt",
    "quarterdeck policy import policy.txt --reason \"as on the other machine\"",
};
constexpr std::array<Examples, 2> ofJournal{
    "quarterdeck journal --by policy --limit 20",
    "quarterdeck journal undo 42 --reason \"it was the wrong one\"",
};
constexpr std::array<Examples, 5> ofExperiment{
    "quarterdeck experiment start breakout candles=30 --reason \"a longer channel\"",
    "quarterdeck experiment start ml_gbt_5m --model \"gbt_5m 13\" --reason \"fresh data\"",
    "quarterdeck experiment show 3",
    "quarterdeck experiment stop 3 --promote --reason \"B is better\"",
    "quarterdeck experiment simulate-gate breakout --looks 15",
};
constexpr std::array<Examples, 1> ofNote{"quarterdeck note \"moved to the new machine\""};
constexpr std::array<Examples, 3> ofRetrain{
    "quarterdeck retrain all",
    "quarterdeck retrain gbt_5m --reason \"new instruments\" --json",
    "quarterdeck retrain direction_predictor@BTC-USDT --feed imported",
};
constexpr std::array<Examples, 5> ofModels{
    "quarterdeck models",
    "quarterdeck models show gbt_5m 13",
    "quarterdeck models compare gbt_5m 12 gbt_5m 13",
    "quarterdeck models promote volatility_forecaster 4 --reason \"better in shadow for 14 days\"",
    "quarterdeck models export gbt_5m 13 gbt_5m-13.qdmodel",
};
constexpr std::array<Examples, 4> ofJobs{
    "quarterdeck jobs",
    "quarterdeck jobs add copy \"rsync -av /data/qd/ nas:qd/\" --when \"daily 03:30\" --timeout 3600",
    "quarterdeck jobs pause null --reason \"the machine is busy\"",
    "quarterdeck jobs log 41 --json",
};

constexpr std::array<Examples, 2> ofBackup{
    "quarterdeck backup /mnt/backups --feed blofin",
    "quarterdeck backup demo-today.db --feed demo --json",
};
constexpr std::array<Examples, 2> ofDoctor{
    "quarterdeck doctor",
    "quarterdeck doctor --feed blofin --offline --json",
};
constexpr std::array<Examples, 1> ofSupport{"quarterdeck support help-me.zip --feed blofin"};
constexpr std::array<Examples, 2> ofRestore{
    "quarterdeck restore /mnt/backups/blofin-20261126-080000.db",
    "quarterdeck restore demo-today.db --data-dir /tmp/try",
};
constexpr std::array<Examples, 2> ofHealth{
    "quarterdeck health",
    "quarterdeck health --feed blofin --json",
};
constexpr std::array<Examples, 3> ofNight{
    "quarterdeck night",
    "quarterdeck night --night 2025-06-22 --format html > night.html",
    "quarterdeck night --now --format md",
};
constexpr std::array<Examples, 4> ofAlerts{
    "quarterdeck alerts --json",
    "quarterdeck alerts ack 12",
    "quarterdeck alerts snooze 12 8",
    "quarterdeck alerts test webhook",
};

constexpr std::array helps{
    CommandHelp{"", "the window", ofWindow},
    CommandHelp{"run", "the same engines without a window", ofRun, "failed, or an engine failed for good"},
    CommandHelp{"import", "recorded trades or candles from CSV", ofImport},
    CommandHelp{"export", "what is stored, as CSV", ofExport, "failed, or something could not be read"},
    CommandHelp{"replay", "the archive through the pipeline", ofReplay, "failed, or something could not be read", true},
    CommandHelp{"verify", "reads and checks the whole database", ofVerify, "failed, or something is damaged"},
    CommandHelp{"exchange", "the loopback exchange alone", ofExchange},
    CommandHelp{"gaps", "every interruption and what stayed missing", ofGaps},
    CommandHelp{"simulate", "fills a database with a simulated market", ofSimulate, "failed, or was cut short"},
    CommandHelp{"calibrate", "measures what market orders cost", ofCalibrate},
    CommandHelp{"stoplab", "past entries under a grid of stops and targets", ofStoplab, "failed", true},
    CommandHelp{"report", "figures of the roster and its strategies", ofReport},
    CommandHelp{"null", "the strategies where there is nothing to find", ofNull, "failed", true},
    CommandHelp{"review", "the nightly review, dry or applied", ofReview},
    CommandHelp{"strategy", "switches and stages", ofStrategy, "failed, or a rule refused it", true},
    CommandHelp{"policy", "the thresholds: look, change, carry over", ofPolicy, "failed, or a value is not legal"},
    CommandHelp{"journal", "every decision, and taking one back", ofJournal, "failed, or it can no longer be undone"},
    CommandHelp{"experiment", "A/B experiments and their gate", ofExperiment, "failed, or a rule refused it", true},
    CommandHelp{"note", "a line in the journal", ofNote},
    CommandHelp{"retrain", "trains models on what is archived", ofRetrain, "failed, or cancelled"},
    CommandHelp{"models", "the registry: look, compare, promote, carry over", ofModels, "failed, or a rule refused it"},
    CommandHelp{"health", "the health score, its parts, and what would raise it", ofHealth},
    CommandHelp{"alerts", "what went wrong; acknowledge, snooze, test", ofAlerts,
                "failed, or a channel did not deliver"},
    CommandHelp{"jobs", "what runs by the clock, and outside commands", ofJobs, "failed, or the job did"},
    CommandHelp{"night", "the night report", ofNight, "failed, or there is none yet"},
    CommandHelp{"backup", "a proven copy of the database", ofBackup, "failed, or cancelled; there is no file"},
    CommandHelp{"restore", "puts a backup in the database's place", ofRestore, "failed; all is as it was"},
    CommandHelp{"doctor", "is everything there that the console needs", ofDoctor, "something is wrong that stops it"},
    CommandHelp{"support", "packs what helps to help, without secrets", ofSupport, "failed; there is no file"},
};

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// The catalogue's names, wrapped.
QString strategies()
{
    constexpr qsizetype widest = 78;
    QString out = QStringLiteral("\nStrategies:\n");
    QString line = QStringLiteral(" ");
    for (const auto& info : trading::strategyCatalogue()) {
        const auto word = QLatin1Char(' ') + text(info.name);
        if (line.size() + word.size() > widest) {
            out += line + QLatin1Char('\n');
            line = QStringLiteral(" ");
        }
        line += word;
    }
    return out + line + QLatin1Char('\n');
}

QString subcommands()
{
    QString out = QStringLiteral("\nSubcommands, each with a --help of its own:\n");
    for (const auto& help : helps) {
        if (!help.name.empty()) {
            out += QStringLiteral("  %1  %2\n").arg(text(help.name), -10).arg(text(help.what));
        }
    }
    return out;
}

} // namespace

QString helpTail(std::string_view name)
{
    const auto help = std::ranges::find(helps, name, &CommandHelp::name);
    QString out = name.empty() ? subcommands() : QString();
    if (help == helps.end()) {
        return out;
    }
    if (help->takesStrategy) {
        out += strategies();
    }
    out += QStringLiteral("\nExamples:\n");
    for (const auto& example : help->examples) {
        out += QStringLiteral("  ") + text(example) + QLatin1Char('\n');
    }
    return out + QStringLiteral("\nExit codes: 0 done, 1 %1, 2 wrong usage.\n").arg(text(help->failed));
}

} // namespace qd::app
