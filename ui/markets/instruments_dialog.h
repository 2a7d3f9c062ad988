// Which instruments the feed has: what the exchange offers with its volume, to be searched, ticked and applied as one
// change. Nothing happens before Apply. GUI thread; the page makes it and hands it the newest snapshots while it is
// open.
#pragma once

#include "ui/page.h"

#include <QDialog>

#include <set>

class QLineEdit;
class QPushButton;

namespace qd::ui {

class DataTable;
class OfferModel;
class TextLabel;

class InstrumentsDialog final : public QDialog {
    Q_OBJECT
public:
    static constexpr std::size_t usual = 20;
    explicit InstrumentsDialog(const PageContext& context, QWidget* parent = nullptr);

    void refresh(const console::IngestSnapshot& ingest);
    [[nodiscard]] OfferModel& model() { return *model_; }
    /// The differences to what the feed has now.
    [[nodiscard]] QStringList added() const { return changed(true); }
    [[nodiscard]] QStringList removed() const { return changed(false); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] QLayout* choices();
    [[nodiscard]] QStringList changed(bool isAdded) const;
    void toggle(int row);
    void choose(const std::set<std::string>& names);
    void rebuild();
    void tellChange();
    void apply();

    const PageContext context_;
    OfferModel* model_;
    DataTable* table_;
    QLineEdit* search_;
    TextLabel* told_;
    QPushButton* apply_;
    QPushButton* again_;
    std::shared_ptr<const console::Offer> offer_;
    std::set<std::string> present_; // in the feed, and not leaving
    std::set<std::string> leaving_;
    std::optional<std::set<std::string>> chosen_; // by the operator; empty: nothing was changed yet
    bool isListGiven_ = false;
};

} // namespace qd::ui
