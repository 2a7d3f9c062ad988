// golden_check DIR --out OUT: runs the topics of a folder of golden files, and of the folders in it, through the
// library and writes each file again with `expected` as computed. A topic that is still to come is named on stdout and
// left out. compare.py beside the golden files judges. Exit 0: all that is known was run; 1: a file or a case that
// could not be; 2: wrong usage.
#include "golden/topics.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

#include <algorithm>
#include <cstdio>
#include <exception>

using namespace Qt::StringLiterals;

namespace qd::golden {

namespace {

const Topic* topicOf(std::string_view id)
{
    for (const auto topics :
         {indicatorTopics(), statisticsTopics(), sharpeTopics(), decisionTopics(), learningTopics()}) {
        const auto found = std::ranges::find(topics, id, &Topic::id);
        if (found != topics.end()) {
            return &*found;
        }
    }
    return nullptr;
}

bool fail(const QString& where, const QString& what)
{
    std::fprintf(stderr, "golden_check: %s: %s\n", qPrintable(where), qPrintable(what));
    return false;
}

/// The file with `expected` as computed. A case that cannot be computed keeps its place, with nothing in `expected`.
/// The topic is also told the file's folder, because data may lie beside it.
bool compute(const Topic& topic, QJsonObject& file, const QString& folder)
{
    bool isWhole = true;
    QJsonArray done;
    for (const auto& value : file.value("cases"_L1).toArray()) {
        auto entry = value.toObject();
        QJsonObject expected;
        try {
            auto asked = entry;
            asked.insert("folder"_L1, folder);
            expected = topic.expected(asked);
        } catch (const std::exception& error) {
            const auto name = entry.value("name"_L1).toString();
            isWhole = fail(file.value("id"_L1).toString() + u'/' + name, QString::fromUtf8(error.what()));
        }
        entry.insert("expected"_L1, expected);
        done.append(entry);
    }
    file.insert("cases"_L1, done);
    return isWhole;
}

bool write(const QString& path, const QJsonObject& file)
{
    QSaveFile out(path);
    if (!out.open(QIODevice::WriteOnly)) {
        return fail(path, out.errorString());
    }
    out.write(QJsonDocument(file).toJson());
    return out.commit() || fail(path, out.errorString());
}

bool run(const QString& path, const QString& outPath)
{
    QFile in(path);
    if (!in.open(QIODevice::ReadOnly)) {
        return fail(path, in.errorString());
    }
    QJsonParseError error;
    auto file = QJsonDocument::fromJson(in.readAll(), &error).object();
    if (error.error == QJsonParseError::NoError && !file.contains("cases"_L1) && !file.contains("schema"_L1)) {
        return true; // data of a topic, such as a model
    }
    if (error.error != QJsonParseError::NoError || !file.value("cases"_L1).isArray()) {
        return fail(path, error.error != QJsonParseError::NoError ? error.errorString() : u"no cases in it"_s);
    }
    const auto id = file.value("id"_L1).toString();
    const auto* topic = topicOf(id.toStdString());
    if (topic == nullptr) {
        std::printf("%s: still to come\n", qPrintable(id));
        return true;
    }
    const bool isWhole = compute(*topic, file, QFileInfo(path).path());
    const bool isWritten = write(outPath, file);
    std::printf("%s: %lld cases\n", qPrintable(id), static_cast<long long>(file.value("cases"_L1).toArray().size()));
    return isWhole && isWritten;
}

bool runAll(const QDir& in, const QDir& out)
{
    bool isWhole = true;
    for (const auto& name : in.entryList({u"*.json"_s}, QDir::Files, QDir::Name)) {
        if (name != "manifest.json"_L1) {
            isWhole = run(in.filePath(name), out.filePath(name)) && isWhole;
        }
    }
    for (const auto& name : in.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        const QDir below(in.filePath(name));
        if (!below.entryList({u"*.json"_s}, QDir::Files).isEmpty()) {
            if (!out.mkpath(name)) {
                isWhole = fail(out.filePath(name), u"cannot be made"_s);
                continue;
            }
            isWhole = runAll(below, QDir(out.filePath(name))) && isWhole;
        }
    }
    return isWhole;
}

int usage()
{
    std::fputs("usage: golden_check DIR --out OUT\n", stderr);
    return 2;
}

} // namespace

} // namespace qd::golden

int main(int argc, char** argv)
{
    using namespace qd::golden;
    QStringList words;
    for (int i = 1; i < argc; ++i) {
        words.append(QFile::decodeName(argv[i]));
    }
    const auto at = words.indexOf("--out"_L1);
    if (words.size() != 3 || at < 0 || at == 2) {
        return usage();
    }
    const QDir out(words.takeAt(at + 1));
    words.removeAt(at);
    const QDir in(words.front());
    if (!in.exists() || !QDir().mkpath(out.path())) {
        fail(in.exists() ? out.path() : in.path(), u"no such folder"_s);
        return 1;
    }
    return runAll(in, out) ? 0 : 1;
}
