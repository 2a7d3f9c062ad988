// Model files: trees that are taken can be walked with any row and end; a version that is taken is one of ours.
#include "fuzz/fuzz.h"
#include "learning/flat_trees.h"
#include "learning/gradient_boosting.h"
#include "learning/model_version.h"

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

namespace qd::fuzz {

namespace {

std::string modelOf(learning::Objective objective)
{
    constexpr std::size_t columns = 5;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> rows(200 * columns);
    std::vector<float> labels;
    for (auto& x : rows) {
        x = normal(random);
    }
    for (std::size_t i = 0; i < 200; ++i) {
        labels.push_back(rows[i * columns] > 0 ? 1.0F : 0.0F);
    }
    const auto fitted = learning::fit({.objective = objective, .rounds = 3, .depth = 3}, {{rows, columns}, labels});
    if (!fitted) {
        throw std::runtime_error(base::sentence(fitted.error()));
    }
    return fitted->bytes;
}

} // namespace

std::vector<std::string> seeds()
{
    learning::ModelVersion version{.bytes = modelOf(learning::Objective::Logistic), .bytesHash = "0"};
    return {version.bytes, modelOf(learning::Objective::SquaredError), learning::packed(version), "{}", "{L", "[$d#L"};
}

void feed(std::string_view input)
{
    if (const auto trees = learning::FlatTrees::of(input)) {
        std::vector<float> row(trees->features(), 0.5F);
        row[0] = std::numeric_limits<float>::quiet_NaN();
        const float p = trees->predict(row);
        expect(trees->objective() != learning::Objective::Logistic || (p >= 0 && p <= 1) || std::isnan(p),
               "a probability is one");
        expect(trees->topContributions(row, 3).size() <= 3, "no more contributions than asked for");
    }
    if (const auto version = learning::unpacked(input)) {
        expect(learning::packed(*version) == input, "a version packs to the bytes that it was read from");
    }
}

} // namespace qd::fuzz
