// Asked once, on an empty data directory: which market to begin with. GUI thread; made by app before any engine runs.
#pragma once

#include "ui/theme.h"

#include <QDialog>

namespace qd::ui {

enum class FirstChoice : std::uint8_t { None, Demo, BloFin, Import };

class FirstStartDialog final : public QDialog {
    Q_OBJECT
public:
    explicit FirstStartDialog(QWidget* parent = nullptr);
    /// None: the dialog was closed.
    [[nodiscard]] FirstChoice choice() const { return choice_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QWidget* card(const QString& title, const QString& sentence, const QString& button,
                                FirstChoice choice);

    Theme theme_;
    FirstChoice choice_ = FirstChoice::None;
};

} // namespace qd::ui
