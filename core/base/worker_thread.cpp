#include "base/worker_thread.h"

#include <exception>
#include <pthread.h>

namespace qd::base {

WorkerThread::WorkerThread(std::string name, Body body, OnFailure onFailure)
    : thread_([name = std::move(name), body = std::move(body), onFailure = std::move(onFailure)](std::stop_token stop) {
          pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
          try {
              body(std::move(stop));
          } catch (const std::exception& e) {
              onFailure(e.what());
          } catch (...) {
              onFailure("an exception that is no std::exception");
          }
      })
{
}

WorkerThread::~WorkerThread()
{
    thread_.request_stop();
    join();
}

void WorkerThread::join()
{
    if (thread_.joinable()) {
        thread_.join();
    }
}

} // namespace qd::base
