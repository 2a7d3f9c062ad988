// All about one strategy: what it is, its switch, and five tabs. Asks the query desk for what the tab in front needs:
// at once when another strategy or window is chosen, then at most every five seconds as long as something changed.
// GUI thread; owned by the page.
#pragma once

#include "ui/strategies/roster_model.h"
#include "ui/strategies/strategy_models.h"
#include "ui/widgets/card.h"

#include <QTimer>

#include <tuple>

class QButtonGroup;
class QStackedWidget;

namespace qd::ui {

class DataTable;
class EvidenceTab;
class FunnelTab;
class GatesTab;
class LongRun;
class ParametersTab;
class Pill;
class PillButton;
class StageActions;
class ToggleSwitch;

inline constexpr base::Millis askPatience{5'000};
/// "the newest `days` complete UTC days and the running one"; empty for all.
[[nodiscard]] std::optional<base::UtcMs> windowStart(std::uint32_t days, base::UtcMs now);

class DetailPane final : public Card {
    Q_OBJECT
public:
    enum Tab : int { Evidence, Gates, Funnel, Instruments, Trades, Parameters };
    explicit DetailPane(const PageContext& context, QWidget* parent = nullptr);

    /// `null` and `rows` may be missing.
    void show(const StrategyEntry& entry, const console::NullRow* null,
              const std::shared_ptr<const console::Evaluations>& evaluations);
    using QWidget::show;
    void setWindow(std::uint32_t days);
    void setIngest(std::shared_ptr<const console::IngestSnapshot> ingest) { ingest_ = std::move(ingest); }
    void showTab(int tab);
    void restyle();
    [[nodiscard]] LongRun& run() { return *run_; }
    [[nodiscard]] ParametersTab& parameters() { return *parameters_; }
    [[nodiscard]] GatesTab& gates() { return *gates_; }
    [[nodiscard]] StageActions& actions() { return *actions_; }
    [[nodiscard]] DataTable* instrumentTable() { return instrumentTable_; }
    [[nodiscard]] QString strategy() const { return format::text(entry_.of.name); }

Q_SIGNALS:
    void nullDone();
    void experimentWished(const QString& strategy);
    /// "Execution" and "breakout ETH-USDT", "Markets" and "ETH-USDT".
    void wantsPage(const QString& page, const QString& thing);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildHead();
    QWidget* buildInstruments();
    QWidget* buildTrades();
    void buildTabs();
    void showHead();
    void showInstruments(const std::shared_ptr<const console::Evaluations>& evaluations);
    void forget();
    void ask();
    void askTab();
    void askTrades();
    void askEquity(std::uint64_t offset);
    void askSignals();
    void askTrials();
    void askGates();
    void switchInstrument(int row);
    [[nodiscard]] InstrumentEntry instrumentEntry(base::InstrumentId id, const QString& name) const;
    /// The answer's value if it is of the strategy and window that are shown; tells an error otherwise.
    template <typename Value>
    [[nodiscard]] const Value* taken(const console::Answer& answer, int generation);

    const PageContext context_;
    std::shared_ptr<const console::IngestSnapshot> ingest_;
    StrategyEntry entry_;
    std::tuple<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::string>, bool, base::UtcMs, std::uint32_t,
               std::string, const trading::Evaluation*, const console::Evaluations*, base::UtcMs, std::string,
               std::size_t, governance::Stage, std::map<base::InstrumentId, governance::Switch>>
        seen_;                                                // all that the pane shows of an entry
    std::shared_ptr<const console::Evaluations> evaluations_; // kept, so that its address is not another's
    std::uint32_t days_ = 30;
    int generation_ = 0; // of strategy and window: older answers are dropped
    std::array<bool, 6> isStale_{};
    std::array<bool, 6> isAsked_{};
    std::array<base::UtcMs, 6> askedAt_{};
    QTimer due_;
    std::vector<trading::ClosedTrade> coming_; // pages of the equity curve so far

    TextLabel* name_ = nullptr;
    TextLabel* state_ = nullptr;
    TextLabel* idea_ = nullptr;
    TextLabel* told_ = nullptr;
    Pill* stage_ = nullptr;
    ToggleSwitch* switch_ = nullptr;
    QButtonGroup* group_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    EvidenceTab* evidence_ = nullptr;
    FunnelTab* funnel_ = nullptr;
    ParametersTab* parameters_ = nullptr;
    StrategyInstrumentsModel* instruments_ = nullptr;
    StrategyTradesModel* trades_ = nullptr;
    DataTable* instrumentTable_ = nullptr;
    DataTable* tradeTable_ = nullptr;
    TextLabel* tradesTitle_ = nullptr;
    PillButton* shadow_ = nullptr;
    GatesTab* gates_ = nullptr;
    StageActions* actions_ = nullptr;
    LongRun* run_ = nullptr;
};

} // namespace qd::ui
