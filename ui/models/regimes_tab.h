// Where in the market's own volatility the training rows lie: five fifths with the policy's limits drawn, and whether
// calm and storm are both among them; and how far its model is from the next training by schedule. GUI thread; owned
// by the detail.
#pragma once

#include "console/queries.h"
#include "ui/charts/chart_colors.h"
#include "ui/charts/chart_export.h"
#include "ui/page.h"
#include "ui/widgets/gate_list.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace qd::ui {

class TextLabel;

/// convergence.regime_low, regime_high and min_share.
struct RegimeView {
    std::vector<double> shares; // of the rows, by fifth; empty: unknown
    double low = 0.2;
    double high = 0.8;
    double leastShare = 0.05;
    bool spans = false;
    friend bool operator==(const RegimeView&, const RegimeView&) = default;
};

class RegimeBars final : public QWidget {
    Q_OBJECT
public:
    explicit RegimeBars(QWidget* parent = nullptr);
    void setView(const RegimeView& view);
    void setColors(const ChartColors& colors);
    [[nodiscard]] QString csv() const;
    [[nodiscard]] QSize sizeHint() const override { return {240, 96}; } // it takes what is left
    [[nodiscard]] QSize minimumSizeHint() const override { return {150, 96}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double most() const;
    [[nodiscard]] ChartExport exports();
    void paintLimits(QPainter& p) const;

    RegimeView view_;
    ChartColors colors_;
};

class RegimesTab final : public QWidget {
    Q_OBJECT
public:
    explicit RegimesTab(const PageContext& context, QWidget* parent = nullptr);
    /// `due`: of its model; null: it is trained no more.
    void show(const console::ModelDetail& detail, const base::PolicyValues& policy, const governance::RetrainDue* due);
    using QWidget::show;
    void restyle();
    [[nodiscard]] const GateList& gates() const { return *gates_; }

private:
    const PageContext context_;
    TextLabel* note_;
    RegimeBars* bars_;
    GateList* gates_;
};

} // namespace qd::ui
