// Decimals and scales: what is read prints back to the same number, and what does not fit is refused.
#include "base/decimal.h"
#include "fuzz/fuzz.h"

namespace qd::fuzz {

std::vector<std::string> seeds()
{
    return {"0",     "-12.5",          "0.000000001",        "1e-9",
            "2.5E3", "61837.63000000", "999999999999999999", "0.000000000000000001"};
}

void feed(std::string_view input)
{
    const auto number = base::parseDecimal(input);
    if (number) {
        const auto again = base::parseDecimal(base::toText(*number));
        expect(!again || *again == *number, "a decimal reads back as itself");
        expect(number->mantissa != 0 || number->exponent == 0, "zero is {0, 0}");
        expect(number->mantissa == 0 || number->mantissa % 10 != 0, "a mantissa has no trailing zero");
    }
    for (const auto decimals : {0, 1, 9}) {
        const auto scale = base::Scale::ofDecimals(decimals);
        const auto steps = scale.parse(input);
        if (!steps) {
            continue;
        }
        expect(number.has_value(), "what is on a scale is a decimal");
        const auto again = scale.parse(scale.text(*steps));
        expect(again && *again == *steps, "steps print and read back as themselves");
    }
}

} // namespace qd::fuzz
