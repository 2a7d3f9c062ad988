#include "ui/first_start/import_dialog.h"

#include "ui/format.h"
#include "ui/quarterdeck_style.h"
#include "ui/widgets/card.h"
#include "ui/widgets/progress_card.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>

namespace qd::ui {

QString instrumentInFileName(const QString& file)
{
    static const QRegularExpression name(
        QStringLiteral("(?<![A-Z0-9])([A-Z0-9]{2,12}?)[-_]?(USDT|USDC|USD)(?![A-Z0-9])"));
    const auto match = name.match(QFileInfo(file).fileName());
    return match.hasMatch() ? match.captured(1) + QStringLiteral("-USDT") : QString();
}

ImportDialog::ImportDialog(Run run, QWidget* parent)
    : QDialog(parent),
      run_(std::move(run)),
      file_(new QLineEdit),
      instrument_(new QLineEdit),
      kind_(new QComboBox),
      sizes_(new QComboBox),
      start_(new QPushButton(tr("Import"))),
      progress_(new ProgressCard(theme_)),
      told_(new TextLabel(theme_, FontRole::Body, Meaning::TextMuted))
{
    dressApplication(theme_);
    setWindowTitle(tr("Quarterdeck · import"));
    kind_->addItem(tr("Trades"), QString());
    for (const char* timeframe : {"1m", "5m", "15m", "1h", "4h"}) {
        kind_->addItem(tr("Candles of %1").arg(QString::fromLatin1(timeframe)), QString::fromLatin1(timeframe));
    }
    sizes_->addItem(tr("Coins"), false);
    sizes_->addItem(tr("Contracts"), true);
    instrument_->setPlaceholderText(tr("as BloFin names it, e.g. LTC-USDT"));
    file_->setPlaceholderText(tr("CSV or CSV.gz with the columns ts_ms, price, size, side"));
    told_->setWordWrap(true);
    told_->hide();
    progress_->hide();

    auto* browse = new QPushButton(tr("Browse…"));
    auto* fileRow = new QHBoxLayout;
    fileRow->addWidget(file_, 1);
    fileRow->addWidget(browse);
    auto* form = new QFormLayout;
    form->setSpacing(10);
    form->addRow(tr("File"), fileRow);
    form->addRow(tr("Holds"), kind_);
    form->addRow(tr("Instrument"), instrument_);
    form->addRow(tr("Sizes are in"), sizes_);
    auto* cancel = new QPushButton(tr("Cancel"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(start_);
    start_->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(cardGap);
    layout->addLayout(form);
    layout->addWidget(progress_);
    layout->addWidget(told_);
    layout->addLayout(buttons);
    setMinimumWidth(640);
    connect(browse, &QPushButton::clicked, this, &ImportDialog::browse);
    connect(cancel, &QPushButton::clicked, this, &ImportDialog::reject);
    connect(progress_, &ProgressCard::cancelled, this, &ImportDialog::reject);
    connect(start_, &QPushButton::clicked, this, &ImportDialog::begin);
    connect(file_, &QLineEdit::textChanged, this, &ImportDialog::allow);
    connect(instrument_, &QLineEdit::textChanged, this, &ImportDialog::allow);
    allow();
}

ImportDialog::~ImportDialog() = default; // the thread is asked to stop, and joined

void ImportDialog::setFile(const QString& file)
{
    file_->setText(file);
    if (const auto name = instrumentInFileName(file); !name.isEmpty()) {
        instrument_->setText(name);
    }
    static const QRegularExpression candles(QStringLiteral("candles?_(1m|5m|15m|1h|4h)"));
    const auto match = candles.match(QFileInfo(file).fileName());
    kind_->setCurrentIndex(match.hasMatch() ? kind_->findData(match.captured(1)) : 0);
}

ImportWish ImportDialog::wish() const
{
    return {file_->text().trimmed(), instrument_->text().trimmed().toUpper(), kind_->currentData().toString(),
            sizes_->currentData().toBool()};
}

void ImportDialog::allow()
{
    start_->setEnabled(!thread_ && !wish().file.isEmpty() && !wish().instrument.isEmpty());
}

void ImportDialog::browse()
{
    const auto chosen =
        QFileDialog::getOpenFileName(this, tr("Recorded trades or candles"), QFileInfo(file_->text()).path(),
                                     tr("CSV files (*.csv *.csv.gz *.gz);;All files (*)"));
    if (!chosen.isEmpty()) {
        setFile(chosen);
    }
}

void ImportDialog::begin()
{
    told_->hide();
    progress_->setProgress(tr("Importing %1").arg(wish().instrument), QString(), 0, QFileInfo(wish().file).fileName());
    progress_->show();
    thread_.emplace([this, wish = wish()](const std::stop_token& stop) {
        const auto onGui = [this](auto act) { QMetaObject::invokeMethod(this, std::move(act), Qt::QueuedConnection); };
        const auto result = run_(
            wish,
            [&](double share) {
                onGui([this, share, wish] {
                    progress_->setProgress(tr("Importing %1").arg(wish.instrument), QString(), share,
                                           QFileInfo(wish.file).fileName());
                });
            },
            stop);
        onGui([this, result] { end(result); });
    });
    allow();
}

void ImportDialog::end(const base::Result<QString>& result)
{
    thread_.reset();
    progress_->hide();
    if (result) {
        accept();
        return;
    }
    if (result.error().code == base::ErrorCode::Cancelled) {
        QDialog::reject();
        return;
    }
    told_->setMeaning(Meaning::Loss);
    told_->show(format::text(base::sentence(result.error())));
    told_->QLabel::show();
    allow();
}

// While it works, cancel only asks; the dialog closes when the work has ended and nothing of it was kept.
void ImportDialog::reject()
{
    if (thread_) {
        thread_->request_stop();
        return;
    }
    QDialog::reject();
}

void ImportDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

} // namespace qd::ui
