// What a replay of the archive came to: the strategy's figures, and what was read. GUI thread; deletes itself when it
// is closed.
#pragma once

#include "ui/page.h"

#include <QDialog>

namespace qd::ui {

/// The newest of the archive; less where it does not reach back as far.
inline constexpr std::uint32_t replayDays = 30;

class ReplayDialog final : public QDialog {
    Q_OBJECT
public:
    ReplayDialog(const PageContext& context, const QString& strategy, const console::ReplayFigures& figures,
                 QWidget* parent);

    /// The figures as text, for the clipboard.
    [[nodiscard]] static QString text(const QString& strategy, const console::ReplayFigures& figures);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
};

} // namespace qd::ui
