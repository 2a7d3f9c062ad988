#include "engines/owner_watch.h"

#include "base/log.h"
#include "engines/api_client.h"
#include "engines/owner_socket.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace qd::engines {

using base::ErrorCode;
using console::WatchTrouble;
using namespace std::chrono_literals;

namespace {

constexpr auto statusEvery = 1s;
constexpr auto pageEvery = 2s;
// Longer than the API takes before it gives up a question (3 s), and with statusEvery less than 5 s.
constexpr auto patience = 3'500ms;
constexpr auto statusPath = "/api/v1/status";

/// What the band adds to "cannot be read"; a time-out says no more than the seconds do.
std::string whySilent(const base::Error& error)
{
    return error.code == ErrorCode::Timeout ? std::string() : error.subject + ": " + error.detail;
}

std::string whyUseless(const HttpDoor& door, int status)
{
    constexpr int tooMany = 429;
    constexpr int busy = 503;
    const auto out = urlOf(door) + " answers with " + std::to_string(status);
    return status == tooMany ? out + ", it is asked too often" : status == busy ? out + ", it is busy or starts" : out;
}

/// Whether nobody said anything. An error that was answered is a sign of life; a queue that is full is none, since who
/// hangs takes no connection out of it.
bool isSilence(const base::Error& error, const std::filesystem::path& database)
{
    const bool isFull = error.code == ErrorCode::Busy && error.subject == ownerSocketOf(database).string();
    return error.code == ErrorCode::Timeout || error.code == ErrorCode::Network || isFull;
}

} // namespace

OwnerWatch::OwnerWatch(OwnerLine line, Owner owner) : line_(std::move(line))
{
    now_.answered = std::chrono::steady_clock::now();
    now_.status.path = statusPath;
    meet(owner);
    seen_.put(now_);
    thread_ = std::make_unique<base::WorkerThread>(
        "watch", [this](const std::stop_token& stop) { run(stop); },
        [](const std::string& what) { base::log(base::LogLevel::Error, "watch", what); });
}

OwnerWatch::~OwnerWatch()
{
    thread_.reset(); // joins
}

void OwnerWatch::want(std::string path)
{
    {
        const std::scoped_lock lock(mutex_);
        wanted_ = std::move(path);
        isHurried_ = true;
    }
    changed_.notify_all();
}

std::string OwnerWatch::wanted()
{
    const std::scoped_lock lock(mutex_);
    isHurried_ = false;
    return wanted_;
}

void OwnerWatch::rest(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    (void)changed_.wait_for(lock, stop, statusEvery, [this] { return isHurried_; });
}

void OwnerWatch::run(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        look(stop);
        if (stop.stop_requested()) {
            return; // what was cut short says nothing of the owner
        }
        seen_.put(now_);
        rest(stop);
    }
}

void OwnerWatch::look(const std::stop_token& stop)
{
    if (auto path = wanted(); path != now_.page.path) {
        now_.page = {.path = std::move(path), .status = 0, .body = {}, .at = {}};
        pageTag_.clear();
        pageDue_ = {};
    }
    if (door_.port == 0) {
        findOwner(stop);
        if (door_.port == 0) {
            return;
        }
    }
    if (!take(now_.status, statusTag_, stop)) {
        findOwner(stop);
        return;
    }
    if (!now_.page.path.empty() && std::chrono::steady_clock::now() >= pageDue_) {
        if (!take(now_.page, pageTag_, stop)) {
            findOwner(stop);
            return;
        }
        pageDue_ = std::chrono::steady_clock::now() + pageEvery - 100ms; // with the look that comes then, not the next
    }
    now_.trouble = WatchTrouble::None;
    now_.detail.clear();
}

/// True if the owner's API answered, well or not.
bool OwnerWatch::take(console::WatchedPage& page, std::string& etag, const std::stop_token& stop)
{
    const auto reply = askApi(door_, page.path, etag, patience, stop);
    if (!reply) {
        now_.trouble = WatchTrouble::ApiSilent;
        now_.detail = whySilent(reply.error());
        return false;
    }
    constexpr int ok = 200;
    constexpr int notModified = 304;
    const bool isStatus = &page == &now_.status;
    if (isStatus && reply->status != ok && reply->status != notModified) {
        now_.trouble = WatchTrouble::ApiSilent;
        now_.detail = whyUseless(door_, reply->status);
        return false;
    }
    if (isStatus && reply->status == ok && !isOfOwner(reply->body)) {
        now_.trouble = WatchTrouble::ApiSilent;
        now_.detail = "another program answers at " + urlOf(door_);
        return false;
    }
    if (reply->status != notModified) {
        page.status = reply->status;
        page.body = std::make_shared<const std::string>(reply->body);
        etag = reply->status == ok ? reply->etag : std::string();
    }
    page.at = base::SystemClock().now();
    now_.answered = std::chrono::steady_clock::now();
    return true;
}

// Two consoles may follow each other on one port: what is shown must be of the one that owns this database.
bool OwnerWatch::isOfOwner(const std::string& status) const
{
    const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(status)).object();
    const auto process = json.value(QLatin1String("process"));
    return json.contains(QLatin1String("engines")) && // an older version does not name it
           (process.isUndefined() || process.toInteger() == now_.process);
}

// Asked only while its API does not answer: who owns the data now, and where he is to be asked.
void OwnerWatch::findOwner(const std::stop_token& stop)
{
    const auto owner = line_.owner(stop);
    if (owner) {
        meet(*owner);
        return;
    }
    const auto& error = owner.error();
    const bool hasEnded = error.code == ErrorCode::NotFound;
    if (hasEnded || isSilence(error, line_.database())) {
        door_.port = 0; // whoever comes next may be elsewhere
        now_.trouble = hasEnded ? WatchTrouble::NobodyOwns : WatchTrouble::OwnerSilent;
        now_.detail = base::sentence(error);
        return;
    }
    if (now_.trouble != WatchTrouble::ApiSilent || now_.detail.empty()) { // else the API has said why
        now_.detail = "its local socket says " + error.detail;
    }
    now_.trouble = WatchTrouble::ApiSilent;
}

void OwnerWatch::meet(const Owner& owner)
{
    const bool isAnother = owner.process != now_.process;
    now_.process = owner.process;
    now_.isHeadless = owner.isHeadless;
    now_.version = owner.version;
    now_.since = owner.since;
    const bool isElsewhere = isAnother || owner.apiHost != door_.address || owner.apiPort != door_.port;
    door_ = owner.apiDoor();
    now_.address = owner.apiPort == 0 ? std::string() : urlOf(door_);
    if (owner.apiPort == 0) {
        now_.trouble = owner.hasApi ? WatchTrouble::NotListening : WatchTrouble::ApiOff;
        now_.detail = owner.apiWords;
    } else if (isElsewhere) {
        now_.trouble = WatchTrouble::NotListening; // until it is asked, with the next look
        now_.detail.clear();
        statusTag_.clear();
        pageTag_.clear();
        pageDue_ = {};
    } else {
        now_.trouble = WatchTrouble::ApiSilent; // as it was just found
    }
}

} // namespace qd::engines
