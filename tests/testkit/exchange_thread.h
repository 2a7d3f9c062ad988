// A loopback exchange on a thread of its own, as the application runs it.
#pragma once

#include "exchange/loopback_exchange.h"

#include <QEventLoop>
#include <QThread>

#include <atomic>
#include <future>
#include <memory>
#include <string>

namespace qd::testkit {

class ExchangeThread {
public:
    explicit ExchangeThread(exchange::LoopbackOptions options)
    {
        std::promise<std::string> ready;
        auto answer = ready.get_future();
        thread_.reset(QThread::create([this, options = std::move(options), &ready] {
            exchange::LoopbackExchange exchange(options);
            if (auto listening = exchange.listen(); !listening) {
                ready.set_value(base::sentence(listening.error()));
                return;
            }
            QObject::connect(&exchange, &exchange::LoopbackExchange::finished, [this] { isFinished_ = true; });
            QEventLoop loop;
            exchange_ = &exchange;
            loop_ = &loop;
            webSocket_ = "ws://127.0.0.1:" + std::to_string(exchange.wsPort()) + "/ws/public";
            rest_ = "http://127.0.0.1:" + std::to_string(exchange.restPort());
            ready.set_value({});
            loop.exec();
        }));
        thread_->start();
        error_ = answer.get();
    }
    ~ExchangeThread()
    {
        if (loop_ != nullptr) {
            QMetaObject::invokeMethod(loop_, &QEventLoop::quit, Qt::QueuedConnection);
        }
        thread_->wait();
    }
    ExchangeThread(const ExchangeThread&) = delete;
    ExchangeThread& operator=(const ExchangeThread&) = delete;

    [[nodiscard]] const std::string& error() const { return error_; } // empty when it listens
    [[nodiscard]] const std::string& webSocket() const { return webSocket_; }
    [[nodiscard]] const std::string& rest() const { return rest_; }
    [[nodiscard]] bool isFinished() const { return isFinished_; }
    void dropClients()
    {
        QMetaObject::invokeMethod(loop_, [this] { exchange_->dropClients(); }, Qt::BlockingQueuedConnection);
    }
    [[nodiscard]] exchange::LoopbackFigures figures()
    {
        exchange::LoopbackFigures figures;
        QMetaObject::invokeMethod(loop_, [&] { figures = exchange_->figures(); }, Qt::BlockingQueuedConnection);
        return figures;
    }

private:
    std::unique_ptr<QThread> thread_;
    exchange::LoopbackExchange* exchange_ = nullptr;
    QEventLoop* loop_ = nullptr;
    std::string webSocket_;
    std::string rest_;
    std::string error_;
    std::atomic<bool> isFinished_{false};
};

} // namespace qd::testkit
