// Small things that the tests of the HTTP API share: answers as JSON, and a ledger made by formula.
#pragma once

#include "console/queries.h"
#include "testkit/http_client.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <string>
#include <vector>

namespace qd::testkit {

inline QJsonObject jsonOf(const HttpReply& reply)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(reply.body)).object();
}
inline std::string codeOf(const HttpReply& reply)
{
    return jsonOf(reply)[QStringLiteral("error")][QStringLiteral("code")].toString().toStdString();
}

inline trading::ClosedTrade tradeNumber(int number)
{
    trading::ClosedTrade out;
    out.position.decision.instrument = {1};
    out.position.decision.strategy = "breakout";
    out.position.decision.number = {number};
    out.exit.time = {1'764'000'000'000 + number * 60'000};
    out.net = base::usdt(number);
    return out;
}

/// A ledger of `count` trades, newest first, as the query desk pages it.
inline console::Answer tradesOf(const console::Query& query, int count)
{
    const auto& ask = std::get<console::AskTrades>(query);
    console::TradesPage page{.total = static_cast<std::uint64_t>(count), .offset = ask.offset, .rows = {}};
    for (auto i = ask.offset; i < page.total && page.rows.size() < ask.limit; ++i) {
        page.rows.push_back(tradeNumber(count - static_cast<int>(i)));
    }
    return {1, std::nullopt, std::move(page)};
}

inline std::vector<int> decisions(const QJsonObject& page)
{
    std::vector<int> out;
    const auto items = page[QStringLiteral("items")].toArray();
    for (const auto& item : items) {
        out.push_back(item[QStringLiteral("decision")].toInt());
    }
    return out;
}

} // namespace qd::testkit
