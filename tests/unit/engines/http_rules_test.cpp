// What the HTTP API lets in, and the two files it hangs on: pure rules at their edges, the token's file, and who holds
// a port, from a /proc of our own and from the real one.
#include "engines/http_rules.h"
#include "engines/http_socket.h"
#include "engines/port_holder.h"
#include "engines/secret_file.h"

#include <QTest>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace qd;
using namespace qd::engines;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class HttpRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyNumbersOfThisMachineAreLoopback()
    {
        QVERIFY(isLoopback("127.0.0.1") && isLoopback("127.255.255.254") && isLoopback("::1"));
        QVERIFY(isLoopback("::ffff:127.0.0.1"));
        QVERIFY(!isLoopback("126.255.255.255") && !isLoopback("128.0.0.0") && !isLoopback("0.0.0.0"));
        QVERIFY(!isLoopback("::") && !isLoopback("::2") && !isLoopback("localhost") && !isLoopback(""));
        QVERIFY(isNumericAddress("192.168.1.2") && isNumericAddress("fe80::1") && !isNumericAddress("box.local"));
        QVERIFY(!isNumericAddress("127.0.0.1:80") && !isNumericAddress("127.0.0.1 "));
    }

    void aHostIsTheDoorsOwnNumberOrLocalhost()
    {
        const HttpDoor door{"127.0.0.1", 8888};
        QVERIFY(isOwnHost("127.0.0.1:8888", door) && isOwnHost("127.0.0.1", door));
        QVERIFY(isOwnHost("localhost:8888", door) && isOwnHost("LocalHost", door));
        QVERIFY(!isOwnHost("127.0.0.1:8889", door) && !isOwnHost("127.0.0.2:8888", door));
        QVERIFY(!isOwnHost("evil.example:8888", door) && !isOwnHost("127.0.0.1.evil.example:8888", door));
        QVERIFY(!isOwnHost("", door) && !isOwnHost(":8888", door) && !isOwnHost("127.0.0.1:", door));
        QVERIFY(!isOwnHost("127.0.0.1:8888x", door) && !isOwnHost("localhost@evil:8888", door));
        QVERIFY(!isOwnHost("[::1]:8888", door));
        QVERIFY(!isOwnHost(std::string_view("127.0.0.1\0.evil:8888", 20), door));

        const HttpDoor six{"::1", 8888};
        QVERIFY(isOwnHost("[::1]:8888", six) && isOwnHost("localhost:8888", six));
        QVERIFY(!isOwnHost("[::1", six) && !isOwnHost("[::1]8888", six) && !isOwnHost("::1", six));

        const HttpDoor lan{"192.168.1.2", 8888}; // --api-bind: localhost is not its name
        QVERIFY(isOwnHost("192.168.1.2:8888", lan) && !isOwnHost("localhost:8888", lan));
    }

    void aDoorIsWrittenAsAUrlWantsIt()
    {
        QCOMPARE(placeOf({"127.0.0.1", 8888}), std::string("127.0.0.1:8888"));
        QCOMPARE(placeOf({"::1", 80}), std::string("[::1]:80"));
    }

    void anOriginIsOurHostByHttpWithOurPort()
    {
        const HttpDoor door{"127.0.0.1", 8888};
        QVERIFY(isOwnOrigin("http://127.0.0.1:8888", door) && isOwnOrigin("http://localhost:8888", door));
        QVERIFY(!isOwnOrigin("http://localhost:3000", door) && !isOwnOrigin("http://localhost", door));
        QVERIFY(!isOwnOrigin("https://127.0.0.1:8888", door) && !isOwnOrigin("null", door));
        QVERIFY(!isOwnOrigin("http://evil.example:8888", door) && !isOwnOrigin("", door));
        QVERIFY(isOwnOrigin("http://127.0.0.1", HttpDoor{"127.0.0.1", 80}));
    }

    void secretsAreTheSameOnlyWhenAllOfThemIs()
    {
        QVERIFY(isSameSecret("abc", "abc"));
        QVERIFY(!isSameSecret("abc", "abd") && !isSameSecret("abc", "abcd") && !isSameSecret("", "abc"));
        QCOMPARE(bearerToken("Bearer abc"), std::string_view("abc"));
        QCOMPARE(bearerToken("bearer abc"), std::string_view("abc"));
        QVERIFY(bearerToken("Basic abc").empty() && bearerToken("Bearer ").empty() && bearerToken("abc").empty());
    }

    void aTagIsKnownByItself()
    {
        const auto tag = etagOf("body");
        QCOMPARE(tag.size(), std::size_t{34});
        QVERIFY(tag != etagOf("body ") && tag == etagOf("body"));
        QVERIFY(namesEtag(tag, tag) && namesEtag("*", tag) && namesEtag("W/" + tag, tag));
        QVERIFY(namesEtag("\"other\", " + tag, tag) && namesEtag(" \t" + tag + "\t ,", tag));
        QVERIFY(!namesEtag("", tag) && !namesEtag("\"other\"", tag) && !namesEtag(tag.substr(1), tag));
    }

    void aLengthIsDigitsAlone()
    {
        QCOMPARE(contentLength("0"), std::optional<std::uint64_t>(0));
        QCOMPARE(contentLength("65536"), std::optional<std::uint64_t>(65'536));
        for (const auto* wrong : {"", "-1", "+1", "1 ", "0x10", "1e3", "1,1", "9999999999999999999"}) {
            QVERIFY2(!contentLength(wrong), wrong);
        }
    }

    void pagesAndTheirCursors()
    {
        QCOMPARE(pagingOf("", "", 500)->limit, std::uint32_t{100});
        QCOMPARE(pagingOf("1", "", 500)->limit, std::uint32_t{1});
        QCOMPARE(pagingOf("500", "", 500)->limit, std::uint32_t{500});
        for (const auto* wrong : {"0", "501", "-1", "1.0", "all", "99999999999"}) {
            QVERIFY2(!pagingOf(wrong, "", 500), wrong);
        }
        const auto next = pagingOf("", cursorText(200, 3'400), 500);
        QVERIFY(next && next->offset == 200 && next->seen == 3'400);
        for (const auto* wrong : {"200", "200-", "-200", "a-b", "300-200", "1-99999999999999", "1-2-3"}) {
            QVERIFY2(!pagingOf("", wrong, 500), wrong);
        }
    }

    void theBucketHoldsSoManyAndFillsWithTime()
    {
        RateLimit rate(2, 3);
        const RateLimit::Time start{};
        QVERIFY(rate.allows(start) && rate.allows(start) && rate.allows(start)); // the bucket
        QVERIFY(!rate.allows(start));
        QVERIFY(!rate.allows(start + 499ms));
        QVERIFY(rate.allows(start + 501ms)); // two a second
        QVERIFY(!rate.allows(start + 501ms));
        QVERIFY(!rate.allows(start)); // a clock that goes back gives nothing
        const auto later = start + 1h;
        QVERIFY(rate.allows(later) && rate.allows(later) && rate.allows(later));
        QVERIFY(!rate.allows(later)); // never more than it holds
    }

    void theTokenIsMadeOnceAndForItsOwnerAlone()
    {
        QTemporaryDir folder;
        const fs::path dir = folder.path().toStdString();
        const auto token = apiTokenIn(dir);
        QVERIFY(token && token->size() == 64);
        QCOMPARE(apiTokenIn(dir), token);
        struct stat status = {};
        QCOMPARE(::stat(apiTokenFile(dir).c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777U, 0600U);

        ::chmod(apiTokenFile(dir).c_str(), 0640);
        QCOMPARE(apiTokenIn(dir).error().code, base::ErrorCode::Conflict);
        ::chmod(apiTokenFile(dir).c_str(), 0600);
        std::ofstream(apiTokenFile(dir)) << "short\n";
        QCOMPARE(apiTokenIn(dir).error().code, base::ErrorCode::Malformed);
        fs::remove(apiTokenFile(dir));
        QVERIFY(apiTokenIn(dir) && apiTokenIn(dir) != token); // another one

        QTemporaryDir other;
        QVERIFY(apiTokenIn(other.path().toStdString()) != apiTokenIn(dir));
        QCOMPARE(apiTokenIn("/nowhere/at/all").error().code, base::ErrorCode::Io);
    }

    void theHolderOfAPortIsNamed()
    {
        QTemporaryDir folder;
        const fs::path proc = folder.path().toStdString();
        fs::create_directories(proc / "net");
        fs::create_directories(proc / "4711" / "fd");
        const std::string heads = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                                  "timeout inode\n";
        std::ofstream(proc / "net" / "tcp")
            << heads
            << "   0: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 555 1\n"
            << "   1: 0100007F:22B9 0100007F:22B8 01 00000000:00000000 00:00000000 00000000  1000        0 556 1\n";
        std::ofstream(proc / "net" / "tcp6")
            << heads << "   0: 00000000000000000000000000000000:22BA 00000000000000000000000000000000:0000 0A "
            << "00000000:00000000 00:00000000 00000000     0        0 557 1\n";
        std::ofstream(proc / "4711" / "comm") << "python3\n";
        fs::create_symlink("socket:[554]", proc / "4711" / "fd" / "3");
        fs::create_symlink("socket:[555]", proc / "4711" / "fd" / "4");

        QCOMPARE(portHolder(8888, proc), std::string("python3 (pid 4711)"));
        QCOMPARE(portHolder(8889, proc), std::string()); // connected, does not listen
        QCOMPARE(portHolder(8890, proc), std::string("a process of user 0, which does not let us see it"));
        QCOMPARE(portHolder(1, proc), std::string());
        QCOMPARE(portHolder(8888, "/nowhere/at/all"), std::string());

        const auto listener = listenAt("127.0.0.1", 0); // the real one
        QVERIFY(listener);
        const auto holder = portHolder(doorOf(*listener).port);
        QVERIFY2(holder.ends_with("(pid " + std::to_string(::getpid()) + ")"), holder.c_str());
    }

    void aPortIsNeverShared()
    {
        const auto first = listenAt("127.0.0.1", 0);
        QVERIFY(first);
        const auto port = doorOf(*first).port;
        QCOMPARE(listenAt("127.0.0.1", port).error().code, base::ErrorCode::Busy);
        QCOMPARE(listenAt("203.0.113.1", port).error().code, base::ErrorCode::NotFound); // not this machine's
        QCOMPARE(listenAt("localhost", port).error().code, base::ErrorCode::Malformed);  // a name
    }
};

QTEST_GUILESS_MAIN(HttpRulesTest)
#include "http_rules_test.moc"
