// What a fuzz target gives to tests/fuzz/fuzz_driver.cpp. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qd::fuzz {

/// Good inputs that mutations start from.
[[nodiscard]] std::vector<std::string> seeds();
/// Feeds one input. Anything may be refused; what is taken must hold what expect() says.
void feed(std::string_view input);

/// Ends the run with the input on stderr if `isTrue` is not.
void expect(bool isTrue, const char* what);

} // namespace qd::fuzz
