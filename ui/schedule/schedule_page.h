// What runs by the clock: the day as lanes, the jobs with their switches, the runs of the chosen one and what a run
// said. Jobs come with the snapshot; runs and logs are asked for while it is shown. GUI thread; owned by the window.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <map>

class QPushButton;
class QStackedWidget;

namespace qd::ui {

class Card;
class CommandDialog;
class DataTable;
class DayStrip;
class JobLogModel;
class JobRunsModel;
class JobsModel;
class PatientQuestion;
class Pill;
class TextLabel;

class SchedulePage final : public Page {
    Q_OBJECT
public:
    explicit SchedulePage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    void handle(const console::Event& event) override;
    /// A job by its name, or a run by its number.
    bool reveal(const QString& thing) override;
    [[nodiscard]] int waiting() const override { return failed_; }
    [[nodiscard]] JobsModel& jobs() { return *jobs_; }
    [[nodiscard]] JobRunsModel& runs() { return *runs_; }
    [[nodiscard]] JobLogModel& log() { return *log_; }

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildJobs();
    QWidget* buildDay();
    QWidget* buildRuns();
    QWidget* buildLog();
    void choose(const std::string& job);
    void chooseRun(std::int64_t run);
    void takeRuns(const console::Answer& answer);
    void takeLog(const console::Answer& answer);
    void showChosen();
    void fit();
    void sayReading();
    void runOrCancel();
    void setPaused(const console::JobLine& job);
    void addCommand();
    void removeCommand();
    void send(console::Command command, const QString& what, const std::string& job);
    [[nodiscard]] const console::JobLine* chosenJob() const;

    JobsModel* jobs_;
    JobRunsModel* runs_;
    JobLogModel* log_;
    QStackedWidget* stack_ = nullptr; // all, or why there are none
    TextLabel* problem_ = nullptr;
    DayStrip* day_ = nullptr;
    Card* jobsCard_ = nullptr;
    Card* runsCard_ = nullptr;
    Card* logCard_ = nullptr;
    DataTable* jobsTable_ = nullptr;
    DataTable* runsTable_ = nullptr;
    DataTable* logTable_ = nullptr;
    QPushButton* run_ = nullptr;
    QPushButton* pause_ = nullptr;
    QPushButton* remove_ = nullptr;
    Pill* state_ = nullptr; // of the shown run
    PatientQuestion* runsQuestion_ = nullptr;
    PatientQuestion* logQuestion_ = nullptr;
    std::map<console::CommandId, std::string> pending_; // the job that it is about
    std::string chosen_;
    std::int64_t chosenRun_ = 0; // 0: the newest
    std::uint64_t revision_ = 0;
    int failed_ = 0;
};

} // namespace qd::ui
