// F1, the question mark in the top strip, and the palette lead to the help.
#include "ui/help/help_pages.h"
#include "ui/help/help_window.h"
#include "ui/main_window.h"

namespace qd::ui {

void MainWindow::openHelp(const QString& id)
{
    if (help_ == nullptr) {
        help_ = new HelpWindow(theme_, memory_, this);
    }
    if (const auto& paper = pump_.newest().paper) {
        help_->setPolicy(paper->policy);
    }
    help_->open(id.isEmpty() ? help::pageFor(currentPage()) : id);
}

void MainWindow::addHelp(std::vector<PaletteEntry>& out)
{
    const auto ids = help::pageIds();
    for (const auto& id : ids) {
        out.push_back(
            {tr("Help"), tr("Help: %1").arg(help::title(id)), QStringLiteral("F1"), [this, id] { openHelp(id); }});
    }
}

} // namespace qd::ui
