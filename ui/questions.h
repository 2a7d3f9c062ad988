// Asks the query desk and brings each answer to who asked, as long as he lives. GUI thread. Owned by the main window.
#pragma once

#include "console/console.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <map>

namespace qd::ui {

class Questions final : public QObject {
    Q_OBJECT
public:
    using OnAnswer = std::function<void(const console::Answer&)>;
    using OnProgress = std::function<void(const console::QueryProgress&)>;

    explicit Questions(console::Console& console, QObject* parent = nullptr) : QObject(parent), console_(console) {}

    /// `answered` is called once, later, unless `owner` has gone by then.
    console::QueryId ask(console::Query query, QObject* owner, OnAnswer answered, OnProgress progress = {});
    /// The answer still comes: Cancelled, or the real one if it was faster.
    void cancel(console::QueryId id) { console_.cancel(id); }
    /// Brings what the desk has said since the last call; the window does so at frame rate.
    void pull();
    [[nodiscard]] std::size_t open() const { return asked_.size(); }

private:
    struct Asked {
        QPointer<QObject> owner;
        OnAnswer answered;
        OnProgress progress;
    };
    console::Console& console_;
    std::map<console::QueryId, Asked> asked_;
};

} // namespace qd::ui
