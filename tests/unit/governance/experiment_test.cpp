#include <QTest>
class ExperimentTest : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(ExperimentTest)
#include "experiment_test.moc"
