#include "ui/settings/policy_card.h"

#include "ui/command_desk.h"
#include "ui/settings/policy_save_dialog.h"
#include "ui/widgets/data_table.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

PolicyCard::PolicyCard(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Policy"), parent),
      context_(context),
      model_(new PolicyModel(this)),
      table_(new DataTable(context.theme, context_.memory, QStringLiteral("settings.policy"), *model_, this))
{
    table_->setRowHeight(36);
    table_->view()->setAccessibleName(tr("Policy"));
    table_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("The thresholds in force come with the first picture of the paper engine."));
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(10);
    lines->addWidget(buildFilter());
    lines->addWidget(table_, 1);
    lines->addWidget(buildEditor());
    setContent(content);
    addToHeader(table_->menuButton());
    setNote(tr("no rule has a threshold of its own; each change is journalled"));
    connect(table_, &DataTable::currentRowChanged, this, &PolicyCard::choose);
    connect(table_, &DataTable::opened, this, [this] {
        edit_->setFocus(Qt::TabFocusReason);
        edit_->selectAll();
    });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &PolicyCard::rebuild);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (!request.policy.isEmpty()) {
            told_->setMeaning(Meaning::Loss);
            told_->show(tr("Not saved, nothing was changed: %1")
                            .arg(error.detail.empty() ? format::sentence(error) : format::text(error.detail)));
        }
    });
    showState();
}

QWidget* PolicyCard::buildFilter()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    words_ = new QLineEdit(bar);
    words_->setPlaceholderText(tr("Search name, unit or meaning"));
    words_->setAccessibleName(tr("Search the policy"));
    words_->setClearButtonEnabled(true);
    group_ = new QComboBox(bar);
    group_->setAccessibleName(tr("Group"));
    group_->addItem(tr("All groups"));
    group_->setMaxVisibleItems(32);
    for (const auto& line : policyLines({})) {
        const QString name = format::text(policyGroup(line.name));
        if (group_->findText(name) < 0) {
            group_->addItem(name);
        }
    }
    row->addWidget(group_);
    row->addWidget(words_, 1);
    connect(words_, &QLineEdit::textChanged, this, &PolicyCard::applyWords);
    connect(group_, &QComboBox::currentIndexChanged, this, &PolicyCard::applyWords);
    return bar;
}

void PolicyCard::applyWords()
{
    const QString group = group_->currentIndex() > 0 ? group_->currentText() + QLatin1Char('.') : QString();
    static_cast<TableFilter*>(table_->proxy())->setWords((group + QLatin1Char(' ') + words_->text()).trimmed());
}

QWidget* PolicyCard::buildEditor()
{
    auto* box = new QWidget;
    name_ = new TextLabel(context_.theme, FontRole::Strong, Meaning::Text);
    meaning_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    meaning_->setWordWrap(true);
    edit_ = new QLineEdit(box);
    edit_->setAccessibleName(tr("New value"));
    edit_->setFixedWidth(150);
    edit_->setAlignment(Qt::AlignRight);
    edit_->setFont(context_.theme.font(FontRole::Figure));
    reset_ = new QPushButton(tr("Default"), box);
    reset_->setToolTip(tr("Fills in the default; nothing changes before it is saved"));
    told_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    told_->setWordWrap(true);
    told_->setAccessibleName(tr("What saving would do"));
    save_ = new QPushButton(tr("Save…"), box);
    discard_ = new QPushButton(tr("Discard"), box);
    auto* words = new QVBoxLayout;
    words->setSpacing(1);
    words->addWidget(name_);
    words->addWidget(meaning_);
    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addLayout(words, 1);
    top->addWidget(edit_);
    top->addWidget(reset_);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(8);
    bottom->addWidget(told_, 1);
    bottom->addWidget(discard_);
    bottom->addWidget(save_);
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(8);
    lines->addLayout(top);
    lines->addLayout(bottom);
    connect(edit_, &QLineEdit::textChanged, this, &PolicyCard::typed);
    connect(edit_, &QLineEdit::returnPressed, this, &PolicyCard::save);
    connect(reset_, &QPushButton::clicked, this, [this] {
        if (const auto* line = chosen()) {
            edit_->setText(policyText(line->name, line->standard));
        }
    });
    connect(save_, &QPushButton::clicked, this, &PolicyCard::save);
    connect(discard_, &QPushButton::clicked, this, [this] {
        edited_.clear();
        rebuild();
        choose(table_->currentRow());
    });
    return box;
}

const PolicyLine* PolicyCard::chosen() const
{
    const int row = model_->rowOf(chosen_);
    return row < 0 ? nullptr : &model_->row(row);
}

void PolicyCard::show(const Snapshots& snapshots)
{
    if (!snapshots.paper || !snapshots.paper->policy) {
        return;
    }
    paper_ = snapshots.paper;
    if (view_ && (view_ == paper_->policy || *view_ == *paper_->policy)) {
        return;
    }
    view_ = paper_->policy;
    rebuild();
    if (chosen_.empty() && model_->rowCount() > 0) {
        table_->selectRow(0);
    } else {
        choose(table_->currentRow());
    }
}

void PolicyCard::rebuild()
{
    if (!view_) {
        return;
    }
    auto lines = policyLines(*view_);
    for (auto& line : lines) {
        line.isPending = context_.commands.isPolicyPending(format::text(line.name));
        const auto typed = edited_.find(line.name);
        if (typed != edited_.end() && typed->second == line.inForce) {
            edited_.erase(typed); // it has come into force
        } else if (typed != edited_.end()) {
            line.isEdited = true;
            line.typed = typed->second;
        }
    }
    model_->update(std::move(lines));
    showState();
}

void PolicyCard::choose(int row)
{
    if (row < 0 || row >= model_->rowCount()) {
        return;
    }
    const auto& line = model_->row(row);
    chosen_ = line.name;
    isFilling_ = true;
    name_->show(format::text(line.name));
    const QString standard = line.standard.empty() ? tr("empty") : policyText(line.name, line.standard);
    meaning_->show(
        line.range.empty()
            ? tr("%1. Words: %2; default %3.").arg(format::text(line.meaning), format::text(line.unit), standard)
            : tr("%1. %2 %3, default %4.")
                  .arg(format::text(line.meaning), format::text(line.range), format::text(line.unit), standard));
    edit_->setText(policyText(line.name, line.typed));
    isFilling_ = false;
    showState();
}

void PolicyCard::typed()
{
    const auto* line = chosen();
    if (isFilling_ || line == nullptr || line->isPending) {
        return;
    }
    const std::string name = line->name;
    const auto value = policyTyped(name, edit_->text());
    if (value && *value != line->inForce) {
        edited_[name] = *value;
    } else {
        edited_.erase(name); // as it is, or what may not be: nothing to save
    }
    rebuild();
}

void PolicyCard::showState()
{
    const auto* line = chosen();
    const QString trouble = line == nullptr ? QString() : policyTrouble(line->name, edit_->text());
    const bool isPending = std::ranges::any_of(
        edited_, [this](const auto& e) { return context_.commands.isPolicyPending(format::text(e.first)); });
    edit_->setEnabled(line != nullptr);
    edit_->setReadOnly(isPending);
    reset_->setEnabled(line != nullptr && !isPending);
    save_->setEnabled(!edited_.empty() && trouble.isEmpty() && !isPending);
    save_->setDefault(save_->isEnabled());
    save_->setText(edited_.size() > 1 ? tr("Save %1 changes…").arg(edited_.size()) : tr("Save…"));
    discard_->setEnabled(!isPending && (!edited_.empty() || !trouble.isEmpty()));
    told_->setMeaning(trouble.isEmpty() ? Meaning::TextMuted : Meaning::Loss);
    told_->show(isPending            ? tr("Pending: in force as soon as it is committed.")
                : !trouble.isEmpty() ? tr("Not legal, nothing is changed: %1.").arg(trouble)
                : edited_.empty()    ? tr("Type another value; several can be saved together.")
                : edited_.size() == 1
                    ? tr("%1 is not in force before it is saved.").arg(format::text(edited_.begin()->first))
                    : tr("%1 values are not in force before they are saved.").arg(edited_.size()));
}

void PolicyCard::save()
{
    if (!save_->isEnabled() || !view_ || !paper_) {
        return;
    }
    auto* dialog = new PolicySaveDialog(context_, *view_, *paper_, edited_, window());
    dialog->open();
}

bool PolicyCard::reveal(const QString& name)
{
    const int row = model_->rowOf(name.toStdString());
    if (row < 0) {
        return false;
    }
    words_->clear();
    group_->setCurrentIndex(0);
    table_->selectRow(row);
    edit_->setFocus(Qt::TabFocusReason);
    return true;
}

} // namespace qd::ui
