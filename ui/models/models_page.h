// Models: the registry with its trainings on the left, all about the chosen version on the right. The registry comes
// with the snapshots; a version is asked of the query desk when it is chosen. GUI thread; owned by the window.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <tuple>

class QSplitter;

namespace qd::ui {

class Card;
class DataTable;
class ModelDetailPane;
class PillButton;
class RegistryModel;
class RetrainCard;
class TextLabel;

class ModelsPage final : public Page {
    Q_OBJECT
public:
    explicit ModelsPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    /// A version, or a model: its newest.
    bool reveal(const QString& thing) override;
    /// Asks why, and which one if `model` is empty.
    void retrain(const QString& model);
    /// Of the selected rows, each once; headings of families stand for none.
    [[nodiscard]] QStringList selectedModels() const;
    /// Why the registry could not be read.
    void tellFailure(const base::Error& error);
    [[nodiscard]] RegistryModel& registry() { return *registry_; }
    [[nodiscard]] DataTable& table() { return *table_; }
    [[nodiscard]] ModelDetailPane& detail() { return *detail_; }
    [[nodiscard]] RetrainCard& training() { return *training_; }
    [[nodiscard]] PillButton* retiredBox() { return retired_; }
    /// What models without a version wait for.
    [[nodiscard]] QString waitingText() const;

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;

private:
    QWidget* buildRegistry();
    void showRegistry();
    void choose(int row);

    RegistryModel* registry_;
    DataTable* table_ = nullptr;
    Card* card_ = nullptr;
    PillButton* retired_ = nullptr;
    TextLabel* waiting_ = nullptr; // models without a version
    RetrainCard* training_;
    ModelDetailPane* detail_;
    QSplitter* splitter_;
    std::shared_ptr<const console::Models> models_;
    std::shared_ptr<const console::LearningSnapshot> learning_;
    QString chosen_;                                                                             // name of the row
    std::vector<std::tuple<std::int64_t, statistics::Verdict, governance::Advice>> experiments_; // as last told
    QString wished_; // to be chosen as soon as it is there
    bool isGrouped_ = true;
    bool isLaid_ = false;
};

} // namespace qd::ui
