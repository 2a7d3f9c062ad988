#include "engines/http_dialogue.h"

#include "base/log.h"
#include "engines/api_json.h"
#include "engines/http_rules.h"

#include <QJsonParseError>

#include <algorithm>
#include <chrono>
#include <httplib.h>
#include <mutex>

namespace qd::engines {

namespace {

constexpr std::size_t headMost = 32 * 1024; // request line and headers

/// What httplib reads from and writes to.
class Stream final : public httplib::Stream {
public:
    Stream(HttpBytes& bytes, HttpDoor door) : bytes_(bytes), door_(std::move(door)) {}

    using httplib::Stream::write;
    [[nodiscard]] bool is_readable() const override { return true; } // read() says
    [[nodiscard]] bool is_writable() const override { return true; }
    ssize_t read(char* to, std::size_t size) override
    {
        const auto got = bytes_.read(to, size);
        for (std::ptrdiff_t i = 0; i < got; ++i) {
            disarm(to[i]);
        }
        return got;
    }
    ssize_t write(const char* from, std::size_t size) override
    {
        bytes_.write({from, size});
        return static_cast<ssize_t>(size);
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override // nothing hangs on who it is
    {
        ip.clear();
        port = 0;
    }
    void get_local_ip_and_port(std::string& ip, int& port) const override
    {
        ip = door_.address;
        port = door_.port;
    }
    [[nodiscard]] socket_t socket() const override { return bytes_.socket().handle(); }

private:
    // httplib judges a Range header by a regular expression that recurses for each byte of it, before anybody is asked:
    // a long one would overflow the stack. Nothing here has ranges, so the header gets a name that nobody knows.
    void disarm(char& byte)
    {
        if (isBody_) {
            return;
        }
        if (byte == '\n') {
            isBody_ = column_ == 1 && before_ == '\r';
            column_ = 0;
            return;
        }
        constexpr std::string_view name = "range";
        if (column_ < name.size()) {
            isRange_ = (column_ == 0 || isRange_) && (byte | 0x20) == name[column_];
            if (isRange_ && column_ + 1 == name.size()) {
                byte = 'x';
            }
        }
        before_ = byte;
        ++column_;
    }

    HttpBytes& bytes_;
    HttpDoor door_;
    bool isBody_ = false;
    bool isRange_ = false; // the line so far
    char before_ = 0;
    std::size_t column_ = 0;
};

/// httplib's server without its sockets and threads: one request of a stream.
class Parser final : public httplib::Server {
public:
    void answer(Stream& stream)
    {
        bool isClosed = false;
        // Compression is for slow lines; here it would only be a way to make us work.
        (void)process_request(stream, true, isClosed,
                              [](httplib::Request& request) { request.headers.erase("Accept-Encoding"); });
    }
};

/// The one value of a header; empty where there is none, or several.
std::optional<std::string> single(const httplib::Request& request, const char* name)
{
    return request.get_header_value_count(name) == 1 ? std::optional(request.get_header_value(name)) : std::nullopt;
}

bool isJson(std::string_view type)
{
    constexpr std::string_view json = "application/json";
    return type.substr(0, json.size()) == json &&
           (type.size() == json.size() || type[json.size()] == ';' || type[json.size()] == ' ');
}

} // namespace

struct HttpDialogue::Impl {
    Impl(const ApiOptions& given, Links linked)
        : options(given),
          links(std::move(linked)),
          rate(options.perSecond, options.atOnce)
    {
    }

    const ApiOptions options;
    const Links links;
    ApiCounters counters;
    Parser parser;
    std::mutex mutex;
    RateLimit rate; // guarded by mutex

    void listen();
    [[nodiscard]] std::optional<ApiAnswer> wrongAsker(const httplib::Request& request);
    [[nodiscard]] std::optional<ApiAnswer> wrongPost(const httplib::Request& request) const;
    [[nodiscard]] bool handled(const httplib::Request& request, httplib::Response& response);
    void post(const httplib::Request& request, httplib::Response& response);
    [[nodiscard]] ApiContext context() const;
    [[nodiscard]] static std::optional<ApiAnswer> parameters(const httplib::Request& request, const ApiRoute& route,
                                                             ApiQuestion& question);
};

namespace {

// Of the thread that serves: handlers of httplib get no argument of ours.
thread_local const std::stop_token* servedUntil = nullptr;

void put(const ApiAnswer& answer, httplib::Response& response)
{
    response.status = answer.status;
    response.set_content(answer.body, answer.type);
    if (answer.status == 429 || answer.status == 503) {
        response.set_header("Retry-After", "1");
    } else if (answer.status == 401) {
        response.set_header("WWW-Authenticate", "Bearer");
    }
}

} // namespace

ApiContext HttpDialogue::Impl::context() const
{
    return {.console = links.console,
            .ask = links.ask,
            .send = links.send,
            .pulses = links.pulses,
            .counters = counters,
            .now = links.clock.now(),
            .stop = servedUntil != nullptr ? *servedUntil : std::stop_token()};
}

void HttpDialogue::Impl::listen()
{
    parser.set_payload_max_length(apiBodyMost);
    parser.set_default_headers(
        {{"X-Content-Type-Options", "nosniff"},
         {"Cache-Control", "no-cache"},
         {"Referrer-Policy", "no-referrer"},
         {"Cross-Origin-Resource-Policy", "same-origin"}, // no picture or script of a foreign page, either
         {"Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                                     "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                     "frame-ancestors 'none'"}});
    parser.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
        return handled(request, response) ? httplib::Server::HandlerResponse::Handled
                                          : httplib::Server::HandlerResponse::Unhandled;
    });
    parser.Post(".*",
                [this](const httplib::Request& request, httplib::Response& response) { post(request, response); });
    parser.set_error_handler([](const httplib::Request&, httplib::Response& response) {
        if (response.body.empty()) {
            const auto answer = apiError(response.status, "malformed", "This is no request that can be understood.");
            response.set_content(answer.body, answer.type);
        }
    });
    parser.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr error) {
        std::string what = "an exception that is no std::exception";
        try {
            std::rethrow_exception(std::move(error));
        } catch (const std::exception& e) {
            what = e.what();
        } catch (...) { // NOLINT(bugprone-empty-catch): `what` says it
        }
        base::log(base::LogLevel::Error, "http api", what);
        put(apiError(500, "internal", "The answer failed. The log says why."), response);
    });
}

// Rate, host, origin: before anything else is looked at.
std::optional<ApiAnswer> HttpDialogue::Impl::wrongAsker(const httplib::Request& request)
{
    {
        const std::scoped_lock lock(mutex);
        if (!rate.allows(std::chrono::steady_clock::now())) {
            return apiError(429, "too-many", "Too many requests. Ask again in a second.");
        }
    }
    const HttpDoor door{request.local_addr, static_cast<std::uint16_t>(request.local_port)};
    const auto host = single(request, "Host");
    if (!host) {
        return apiError(400, "malformed", "A request wants one Host header.");
    }
    if (!isOwnHost(*host, door)) {
        return apiError(403, "foreign-host", "This address is asked under another name. Use its number, or localhost.");
    }
    if (request.has_header("Origin")) {
        const auto origin = single(request, "Origin");
        if (!origin || !isOwnOrigin(*origin, door)) {
            return apiError(403, "foreign-origin", "Pages of other sites may not ask here.");
        }
    }
    return std::nullopt;
}

// What can be said of a POST before its body is read: so nobody makes us read what we do not want.
std::optional<ApiAnswer> HttpDialogue::Impl::wrongPost(const httplib::Request& request) const
{
    if (!links.token) {
        return apiError(503, "no-token", "Nothing can be changed here: " + base::sentence(links.token.error()));
    }
    const auto authorization = single(request, "Authorization");
    if (!authorization || !isSameSecret(bearerToken(*authorization), *links.token)) {
        return apiError(401, "wrong-token", "This wants the bearer token that lies in the data directory (api-token).");
    }
    if (request.has_header("Transfer-Encoding")) {
        return apiError(411, "malformed", "Say how long the body is by Content-Length.");
    }
    const auto length = single(request, "Content-Length");
    if (!length) {
        return apiError(411, "malformed", "Say how long the body is by one Content-Length.");
    }
    const auto bytes = contentLength(*length);
    if (!bytes) {
        return apiError(400, "malformed", "Content-Length is no number.");
    }
    if (*bytes > apiBodyMost) {
        return apiError(413, "too-large", "A body has at most 64 KiB.");
    }
    const auto type = single(request, "Content-Type");
    if (request.has_header("Content-Encoding") || !type || !isJson(*type)) {
        return apiError(415, "malformed", "The body is plain JSON: Content-Type: application/json.");
    }
    return std::nullopt;
}

std::optional<ApiAnswer> HttpDialogue::Impl::parameters(const httplib::Request& request, const ApiRoute& route,
                                                        ApiQuestion& question)
{
    for (const auto& [name, value] : request.params) {
        if (!question.parameters.emplace(name, value).second) {
            return apiError(400, "malformed", "A parameter is given twice.");
        }
    }
    return wrongParameters(route, question.parameters);
}

// True where the answer is there; false for a POST whose body is to be read first.
bool HttpDialogue::Impl::handled(const httplib::Request& request, httplib::Response& response)
{
    if (const auto wrong = wrongAsker(request)) {
        put(*wrong, response);
        return true;
    }
    const auto found = findRoutes(request.path);
    if (found.get == nullptr && found.post == nullptr) {
        put(apiError(404, "not-found", "There is no such path; /openapi.json names those that there are."), response);
        return true;
    }
    const bool isGet = request.method == "GET" || request.method == "HEAD";
    const auto* route = isGet ? found.get : request.method == "POST" ? found.post : nullptr;
    if (route == nullptr) {
        put(apiError(405, "wrong-method", "This path does not take this method."), response);
        response.set_header("Allow", found.post == nullptr  ? "GET, HEAD"
                                     : found.get == nullptr ? "POST"
                                                            : "GET, HEAD, POST");
        return true;
    }
    if (route->method == ApiMethod::Post) {
        const auto wrong = wrongPost(request);
        if (wrong) {
            put(*wrong, response);
        }
        return wrong.has_value();
    }
    ApiQuestion question;
    if (const auto wrong = parameters(request, *route, question)) {
        put(*wrong, response);
        return true;
    }
    const auto answer = route->answer(context(), question);
    if (answer.status == 200) {
        const auto tag = etagOf(answer.body);
        response.set_header("ETag", tag);
        if (const auto known = single(request, "If-None-Match"); known && namesEtag(*known, tag)) {
            response.status = 304;
            return true;
        }
    }
    put(answer, response);
    return true;
}

// Its head has been looked at; here is the body.
void HttpDialogue::Impl::post(const httplib::Request& request, httplib::Response& response)
{
    const auto found = findRoutes(request.path);
    if (found.post == nullptr) {
        put(apiError(404, "not-found", "There is no such path."), response);
        return;
    }
    ApiQuestion question;
    if (const auto wrong = parameters(request, *found.post, question)) {
        put(*wrong, response);
        return;
    }
    question.parameters["name"] = found.name;
    if (!request.body.empty()) {
        QJsonParseError error;
        const auto parsed = QJsonDocument::fromJson(
            QByteArray(request.body.data(), static_cast<qsizetype>(request.body.size())), &error);
        if (!parsed.isObject()) {
            put(apiError(400, "malformed",
                         "The body is no JSON object: " + error.errorString().toStdString() + " at byte " +
                             std::to_string(error.offset) + '.'),
                response);
            return;
        }
        question.body = parsed.object();
    }
    put(found.post->answer(context(), question), response);
}

HttpDialogue::HttpDialogue(const ApiOptions& options, Links links)
    : impl_(std::make_unique<Impl>(options, std::move(links)))
{
    impl_->listen();
}

HttpDialogue::~HttpDialogue() = default;

void HttpDialogue::serve(Socket connection, const std::stop_token& stop)
{
    auto& i = *impl_;
    const auto began = std::chrono::steady_clock::now();
    const auto door = doorOf(connection);
    HttpBytes bytes(std::move(connection), i.options.readTimeout, headMost + apiBodyMost, stop);
    try {
        Stream stream(bytes, door);
        servedUntil = &stop;
        i.parser.answer(stream);
    } catch (const std::exception& e) {
        base::log(base::LogLevel::Error, "http api", e.what());
        bytes.discard();
    }
    servedUntil = nullptr;
    if (bytes.isEmpty()) {
        return; // it came and went, or said nothing
    }
    if (bytes.hasTimedOut()) { // whatever was made of half a request
        bytes.discard();
        bytes.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    }
    const int status = bytes.status();
    (void)bytes.flush();
    if (status >= 400) { // a body may still be on its way; closing now would take the answer back
        bytes.linger();
    }
    ++i.counters.byClass[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))];
    i.counters.micros += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count());
}

void HttpDialogue::refuse(Socket connection)
{
    ++impl_->counters.refused;
    refuseWith(std::move(connection),
               "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
}

} // namespace qd::engines
