// The public half of the key that deployment manifests are signed with: shown, copied, saved. Asks for it once it is
// seen. GUI thread; parent owns.
#pragma once

#include "ui/page.h"
#include "ui/widgets/card.h"

class QPushButton;

namespace qd::ui {

class ManifestKeyCard final : public Card {
    Q_OBJECT
public:
    explicit ManifestKeyCard(const PageContext& context, QWidget* parent = nullptr);
    /// Where to save; tests have one of their own.
    std::function<QString(const QString& proposed)> askFile;
    /// The file's text; empty before it is known.
    [[nodiscard]] const std::string& pem() const { return pem_; }

protected:
    void showEvent(QShowEvent* event) override;

private:
    void ask();
    void take(const console::Answer& answer);
    void save();
    void tell(const QString& text, Meaning meaning);

    const PageContext& context_;
    std::string pem_;
    bool isAsked_ = false;
    TextLabel* key_;
    TextLabel* told_;
    QPushButton* copy_;
    QPushButton* save_;
};

} // namespace qd::ui
