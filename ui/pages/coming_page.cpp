#include "ui/pages/coming_page.h"

#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

namespace qd::ui {

ComingPage::ComingPage(const PageContext& context, const QString& title, const QString& sentence,
                       const std::vector<Lead>& leads, QWidget* parent)
    : Page(context, parent)
{
    auto* empty = new EmptyState(context.theme, tr("Nothing here yet"), sentence);
    for (const auto& lead : leads) {
        connect(empty->addButton(lead.text), &QPushButton::clicked, this,
                [this, lead] { Q_EMIT wantsPage(lead.page, {}); });
    }
    auto* card = new Card(context.theme, title);
    card->setContent(empty);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(card);
}

} // namespace qd::ui
