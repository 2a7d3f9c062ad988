#include "storage/funding_store.h"

namespace qd::storage {

using base::Result;

Result<void> FundingStore::add(base::InstrumentId instrument, const NumberedFunding& funding)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO funding_rates(instrument,number,settlement,"
                                       "rate_mantissa,rate_exponent) VALUES(?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, instrument.value)
        .bind(1, funding.number.value)
        .bind(2, funding.rate.settlement.value)
        .bind(3, funding.rate.rate.mantissa)
        .bind(4, std::int64_t{funding.rate.rate.exponent})
        .run();
}

Result<std::vector<NumberedFunding>> FundingStore::read(base::InstrumentId instrument, base::StreamNumber after)
{
    auto rows = database_.prepare("SELECT number,settlement,rate_mantissa,rate_exponent FROM funding_rates "
                                  "WHERE instrument=? AND number>? ORDER BY number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, instrument.value).bind(1, after.value);
    std::vector<NumberedFunding> out;
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        out.push_back(
            {{rows->integer(0)},
             {.settlement = {rows->integer(1)}, .rate = {rows->integer(2), static_cast<int>(rows->integer(3))}}});
    }
}

} // namespace qd::storage
