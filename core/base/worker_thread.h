// A thread that stops, joins and reports in its destructor. Made and owned by one thread (EngineHost's); requestStop()
// may come from any. An exception that leaves the body is caught and handed to onFailure on the worker's own thread.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace qd::base {

class WorkerThread {
public:
    using Body = std::function<void(std::stop_token)>;
    using OnFailure = std::function<void(const std::string& what)>;

    /// Starts at once. `name` (15 characters at most) is what the system's tools show.
    WorkerThread(std::string name, Body body, OnFailure onFailure);
    ~WorkerThread();
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    void requestStop() { thread_.request_stop(); }
    void join();

private:
    std::jthread thread_;
};

} // namespace qd::base
