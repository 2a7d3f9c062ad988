// One binary. Without a subcommand it opens the window; see `quarterdeck --help`.
#include "app/application.h"
#include "app/commands/arguments.h"
#include "base/heap.h"

#include <QCoreApplication>

#include <array>
#include <cstdio>
#include <string_view>

namespace {

struct Subcommand {
    std::string_view name;
    int (*run)(const QStringList&);
};

constexpr std::array subcommands{
    Subcommand{"run", qd::app::runCommand},
    Subcommand{"import", qd::app::importCommand},
    Subcommand{"export", qd::app::exportCommand},
    Subcommand{"replay", qd::app::replayCommand},
    Subcommand{"verify", qd::app::verifyCommand},
    Subcommand{"exchange", qd::app::exchangeCommand},
    Subcommand{"gaps", qd::app::gapsCommand},
    Subcommand{"simulate", qd::app::simulateCommand},
    Subcommand{"calibrate", qd::app::calibrateCommand},
    Subcommand{"stoplab", qd::app::stoplabCommand},
    Subcommand{"report", qd::app::reportCommand},
    Subcommand{"null", qd::app::nullCommand},
    Subcommand{"review", qd::app::reviewCommand},
    Subcommand{"strategy", qd::app::strategyCommand},
    Subcommand{"policy", qd::app::policyCommand},
    Subcommand{"journal", qd::app::journalCommand},
    Subcommand{"experiment", qd::app::experimentCommand},
    Subcommand{"note", qd::app::noteCommand},
    Subcommand{"retrain", qd::app::retrainCommand},
    Subcommand{"models", qd::app::modelsCommand},
    Subcommand{"health", qd::app::healthCommand},
    Subcommand{"alerts", qd::app::alertsCommand},
    Subcommand{"jobs", qd::app::jobsCommand},
    Subcommand{"night", qd::app::nightCommand},
    Subcommand{"backup", qd::app::backupCommand},
    Subcommand{"restore", qd::app::restoreCommand},
    Subcommand{"doctor", qd::app::doctorCommand},
    Subcommand{"support", qd::app::supportCommand},
};

} // namespace

int main(int argc, char** argv)
{
    qd::base::boundHeap();
    QCoreApplication::setApplicationName(QStringLiteral("quarterdeck"));
    QCoreApplication::setApplicationVersion(QStringLiteral(QD_VERSION));
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (first.empty() || first.starts_with('-')) {
        return qd::app::runWindow(argc, argv);
    }
    for (const auto& subcommand : subcommands) {
        if (first == subcommand.name) {
            const QCoreApplication application(argc, argv);
            return subcommand.run(QCoreApplication::arguments().mid(2));
        }
    }
    return qd::app::reportUsage("There is no subcommand '" + std::string(first) + "'");
}
