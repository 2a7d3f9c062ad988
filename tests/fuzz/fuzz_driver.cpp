// Mutates the seeds of a target and feeds it the results, the same for the same --seed. A crash or a broken expectation
// writes the input to stderr as hex and ends with a signal; --hex feeds such an input again.
//   fuzz_<what> [--runs N] [--seconds S] [--seed N] [--hex DIGITS]
#include "fuzz/fuzz.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <unistd.h>

namespace qd::fuzz {

namespace {

std::string current; // what feed() works on, for the signal handler

void writeHex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    for (const unsigned char byte : bytes) {
        const std::array<char, 2> text{digits[byte >> 4], digits[byte & 15]};
        (void)!::write(STDERR_FILENO, text.data(), text.size());
    }
    (void)!::write(STDERR_FILENO, "\n", 1);
}

extern "C" void onCrash(int signal)
{
    constexpr std::string_view words = "\nthe input that broke it, for --hex: ";
    (void)!::write(STDERR_FILENO, words.data(), words.size());
    writeHex(current);
    std::signal(signal, SIG_DFL);
    (void)std::raise(signal);
}

class Mutator {
public:
    Mutator(std::vector<std::string> seeds, std::uint64_t seed) : corpus_(std::move(seeds)), random_(seed) {}

    std::string next()
    {
        auto text = corpus_[below(corpus_.size())];
        for (auto changes = below(6); changes > 0; --changes) {
            mutate(text);
        }
        return text;
    }

private:
    std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random_() % n); }

    void mutate(std::string& text)
    {
        static const std::array<std::string, 16> tokens{
            "",   "0",    "-",    "-1",       "1e9",  "1e-9", "9223372036854775807", "99999999999999999999",
            "\"", "null", "[{}]", "{\"a\":1", "\xff", ".",    std::string(1, '\0'),  "\\u0000"};
        const auto at = below(text.size() + 1);
        const auto length = std::min(below(16) + 1, text.size() - at);
        switch (below(7)) {
        case 0:
            if (at < text.size()) {
                text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << below(8)));
            }
            break;
        case 1:
            text.erase(at, length);
            break;
        case 2:
            text.insert(at, tokens[below(tokens.size())]);
            break;
        case 3:
            text.replace(at, length, tokens[below(tokens.size())]);
            break;
        case 4:
            text.insert(below(text.size() + 1), text.substr(at, length));
            break;
        case 5: {
            const auto& other = corpus_[below(corpus_.size())];
            const auto from = below(other.size() + 1);
            text.replace(at, length, other.substr(from, below(40)));
            break;
        }
        default:
            text.resize(at);
        }
    }

    std::vector<std::string> corpus_;
    std::mt19937_64 random_;
};

std::string fromHex(std::string_view digits)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

int run(const std::vector<std::string>& arguments)
{
    std::uint64_t runs = 20'000;
    double seconds = 0;
    std::uint64_t seed = 1;
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
        const auto& value = arguments[i + 1];
        if (arguments[i] == "--hex") {
            current = fromHex(value);
            feed(current);
            return 0;
        }
        if (arguments[i] == "--runs") {
            runs = std::stoull(value);
        } else if (arguments[i] == "--seconds") {
            seconds = std::stod(value);
        } else if (arguments[i] == "--seed") {
            seed = std::stoull(value);
        }
    }
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) {
        std::signal(signal, onCrash);
    }
    for (const auto& good : seeds()) {
        current = good;
        feed(current);
    }
    Mutator mutator(seeds(), seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::uint64_t done = 0;
    while (seconds > 0 ? std::chrono::steady_clock::now() < end : done < runs) {
        current = mutator.next();
        feed(current);
        ++done;
    }
    std::printf("%llu inputs, seed %llu\n", static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(seed));
    return 0;
}

} // namespace

void expect(bool isTrue, const char* what)
{
    if (!isTrue) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

} // namespace qd::fuzz

int main(int argc, char** argv)
{
    return qd::fuzz::run({argv + 1, argv + argc});
}
