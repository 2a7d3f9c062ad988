#include "app/commands/api_arguments.h"

#include "engines/http_rules.h"

#include <cmath>

namespace qd::app {

void addApiOptions(QCommandLineParser& parser)
{
    parser.addOptions({{QStringLiteral("api-port"), QStringLiteral("Port of the HTTP API; 0: none."),
                        QStringLiteral("P"), QStringLiteral("8888")},
                       {QStringLiteral("api-bind"),
                        QStringLiteral("Address of the HTTP API. One that other machines reach lets them read."),
                        QStringLiteral("ADDR"), QStringLiteral("127.0.0.1")}});
}

std::string readApi(const Arguments& given, std::optional<engines::ApiOptions>& api)
{
    constexpr double most = 65'535;
    const auto port = given.number("api-port", 0);
    if (!port || *port > most || *port != std::floor(*port)) {
        return "--api-port is a port, 1 to 65535, or 0 for none";
    }
    engines::ApiOptions wish{.bind = given.value("api-bind"),
                             .port = static_cast<std::uint16_t>(*port),
                             .acceptsOthers = given.isSet("api-bind")};
    if (!engines::isNumericAddress(wish.bind)) {
        return "--api-bind is an address in numbers, such as 127.0.0.1 or 0.0.0.0";
    }
    api = wish.port == 0 ? std::nullopt : std::optional(std::move(wish));
    return {};
}

} // namespace qd::app
