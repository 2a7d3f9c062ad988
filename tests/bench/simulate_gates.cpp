// The seeded simulations of the rules that decide, in full, as a table on stdout:
//   simulate_gates [roster|experiment|all] [--runs N] [--experiments N] [--seed N]
// A short version of the same is tests/unit/governance/simulation_test.
#include "governance/simulation.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

using namespace qd::governance;

namespace {

struct Wishes {
    std::string_view what = "all";
    std::size_t runs = 200;
    std::size_t experiments = 500;
    std::uint64_t seed = 1;
};

void print(const char* name, const ShareOfRuns& share)
{
    std::printf("  %-52s %5.1f%%  (%llu of %llu; 95%%: %.1f to %.1f%%)\n", name, share.share() * 100,
                static_cast<unsigned long long>(share.with), static_cast<unsigned long long>(share.runs),
                share.interval().lower * 100, share.interval().upper * 100);
}

void printRoster(const char* title, const RosterSimulation& options)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto report = simulateRoster(options, policiesFrom({}));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%s (%zu strategies, %zu runs, %zu nights, %.0f s)\n", title, options.strategies, options.runs,
                options.nights, took.count());
    if (options.strategies > 0) {
        print("runs with an edgeless candidate", report.candidate);
        print("runs with an edgeless one ready", report.ready);
        print("edgeless strategies archived at the end", report.archived);
        print("edgeless strategies that flipped more than 4 times", report.flipsOver4);
        std::printf("  %-52s %5.2f, at most %zu\n", "flips of an edgeless one", report.meanFlips, report.mostFlips);
    }
    if (options.plantedSharpe > 0) {
        print("runs in which the planted edge was candidate", report.plantedCandidate);
        print("runs in which the planted edge was ready", report.plantedReady);
        std::printf("  %-52s %5.0f\n", "median night on which it was ready", report.plantedMedianNight.value_or(-1));
    }
    std::fflush(stdout);
}

void printExperiment(const char* title, const ExperimentSimulation& options)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto report = simulateExperiment(options, policiesFrom({}).experiment);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%s (%s, %zu runs, %zu days, %.0f s)\n", title, std::string(name(options.design)).c_str(), options.runs,
                options.days, took.count());
    print("a verdict for one arm", report.alarms());
    std::printf("  A better %llu, B better %llu, equivalent %llu, undecided %llu, invalid split %llu\n",
                static_cast<unsigned long long>(report.aBetter), static_cast<unsigned long long>(report.bBetter),
                static_cast<unsigned long long>(report.equivalent), static_cast<unsigned long long>(report.undecided),
                static_cast<unsigned long long>(report.invalid));
    if (options.edge > 0) {
        std::printf("  %-52s %5.0f\n", "median day on which B was found", report.medianDayOfB.value_or(-1));
    }
    std::fflush(stdout);
}

void rosters(const Wishes& wishes)
{
    RosterSimulation options{.runs = wishes.runs, .seed = wishes.seed, .gates = GateSet::Old};
    printRoster("Old gates, no edge", options);
    options.gates = GateSet::Ours;
    printRoster("Our gates, no edge", options);
    options.tries = 13;
    printRoster("Our gates, no edge, 13 tries a family", options);
    options.tries = 1;
    options.plantedSharpe = 8;
    printRoster("Our gates, one with a planted edge (daily Sharpe 8 a year)", options);
    options.strategies = 0;
    printRoster("Our gates, the planted edge alone", options);
}

void experiments(const Wishes& wishes)
{
    for (const auto design : {Design::Split, Design::Paired}) {
        ExperimentSimulation options{.design = design, .runs = wishes.experiments, .seed = wishes.seed};
        printExperiment("A/A, looked at after each trade, correlated instruments", options);
        for (const double edge : {0.1, 0.25, 0.5}) {
            options.edge = edge;
            std::printf("B better by %.2f deviations a trade: ", edge);
            printExperiment("", options);
        }
    }
}

template <typename T>
bool read(const char* text, T& into)
{
    const auto* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, into);
    return error == std::errc{} && stop == end;
}

} // namespace

int main(int argc, char** argv)
{
    Wishes wishes;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const bool hasValue = i + 1 < argc;
        bool isKnown = word == "roster" || word == "experiment" || word == "all";
        if (isKnown) {
            wishes.what = word;
        } else if (hasValue && word == "--runs") {
            isKnown = read(argv[++i], wishes.runs);
        } else if (hasValue && word == "--experiments") {
            isKnown = read(argv[++i], wishes.experiments);
        } else if (hasValue && word == "--seed") {
            isKnown = read(argv[++i], wishes.seed);
        }
        if (!isKnown) {
            std::fprintf(stderr, "simulate_gates [roster|experiment|all] [--runs N] [--experiments N] [--seed N]\n");
            return 2;
        }
    }
    if (wishes.what != "experiment") {
        rosters(wishes);
    }
    if (wishes.what != "roster") {
        experiments(wishes);
    }
    return 0;
}
