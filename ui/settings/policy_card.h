// The policy: every threshold with its value in force, edited one by one, saved together with one reason. What is out
// of range is told with the range and changes nothing. Before a rule of experiments is saved, its gate is simulated.
// GUI thread; owned by Settings.
#pragma once

#include "ui/page.h"
#include "ui/settings/policy_model.h"
#include "ui/widgets/card.h"

class QComboBox;
class QLineEdit;
class QPushButton;

namespace qd::ui {

class DataTable;

class PolicyCard final : public Card {
    Q_OBJECT
public:
    explicit PolicyCard(const PageContext& context, QWidget* parent = nullptr);

    void show(const Snapshots& snapshots);
    using QWidget::show;
    bool reveal(const QString& name);
    [[nodiscard]] DataTable* table() { return table_; }
    [[nodiscard]] QLineEdit* editor() { return edit_; }
    [[nodiscard]] QPushButton* saveButton() { return save_; }
    [[nodiscard]] QString told() const { return told_->text(); }
    /// What would be saved, by name.
    [[nodiscard]] const std::map<std::string, std::string>& edited() const { return edited_; }
    void save();

private:
    QWidget* buildFilter();
    QWidget* buildEditor();
    void rebuild();
    void choose(int row);
    void typed();
    void showState();
    void applyWords();
    [[nodiscard]] const PolicyLine* chosen() const;

    const PageContext context_;
    PolicyModel* model_;
    DataTable* table_;
    QComboBox* group_ = nullptr;
    QLineEdit* words_ = nullptr;
    TextLabel* name_ = nullptr;
    TextLabel* meaning_ = nullptr;
    QLineEdit* edit_ = nullptr;
    QPushButton* reset_ = nullptr;
    TextLabel* told_ = nullptr;
    QPushButton* save_ = nullptr;
    QPushButton* discard_ = nullptr;
    std::shared_ptr<const console::PolicyView> view_;
    std::shared_ptr<const console::PaperSnapshot> paper_;
    std::map<std::string, std::string> edited_; // legal values that differ from those in force
    std::string chosen_;
    bool isFilling_ = false;
};

} // namespace qd::ui
