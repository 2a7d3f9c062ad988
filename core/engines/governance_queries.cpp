#include "engines/governance_queries.h"

#include "engines/experiment_queries.h"
#include "engines/gate_answers.h"
#include "engines/journal_query.h"
#include "engines/signing_key_file.h"

namespace qd::engines {

using base::Result;

namespace {

/// What `use` makes of the facts of this moment.
template <typename Use>
auto withFacts(const DeskContext& context, Use use) -> decltype(use(std::declval<const GovernanceFacts&>()))
{
    const auto facts = readFacts(context.database, *context.evidence);
    if (!facts) {
        return std::unexpected(facts.error());
    }
    return use(*facts);
}

} // namespace

Result<console::JournalPage> governanceAnswer(const DeskContext& context, const console::AskJournal& query)
{
    const auto facts = readStanding(context.database, *context.evidence);
    return facts ? journalPage(*facts, *context.evidence, query) : std::unexpected(facts.error());
}

Result<console::DryReview> governanceAnswer(const DeskContext& context, const console::AskReview& /*query*/)
{
    return withFacts(context, [](const GovernanceFacts& facts) -> Result<console::DryReview> {
        return console::DryReview{governance::reviewOf(facts.input, facts.policies)};
    });
}

Result<console::Gates> governanceAnswer(const DeskContext& context, const console::AskGates& query)
{
    return withFacts(context, [&](const GovernanceFacts& facts) {
        return gatesOf(context.database, facts, *context.evidence, query,
                       context.pipelineFailure ? context.pipelineFailure() : std::string());
    });
}

Result<console::SignedManifest> governanceAnswer(const DeskContext& context, const console::AskManifest& query)
{
    return withFacts(context, [&](const GovernanceFacts& facts) {
        return signedManifest(context.database, facts, *context.evidence, query.strategy, *context.manifest);
    });
}

Result<console::ManifestKey> governanceAnswer(const DeskContext& context, const console::AskManifestKey& /*query*/)
{
    const auto key = signingKeyIn(context.manifest->keyFile);
    auto pem = key ? key->publicPem() : Result<std::string>(std::unexpected(key.error()));
    return pem ? Result<console::ManifestKey>(console::ManifestKey{std::move(*pem)}) : std::unexpected(pem.error());
}

Result<console::Experiments> governanceAnswer(const DeskContext& context, const console::AskExperiments& /*query*/)
{
    return experimentsOf(context.database, *context.gateRates, context.clock.now());
}

Result<console::GateSimulation> governanceAnswer(const DeskContext& context, const console::AskGateSimulation& query)
{
    return withFacts(context, [&](const GovernanceFacts& facts) { return gateSimulation(facts, query); });
}

} // namespace qd::engines
