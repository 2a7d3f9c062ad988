#include "ui/fuzzy.h"

namespace qd::ui {

namespace {

bool startsWord(QStringView name, qsizetype at)
{
    return at == 0 || !name[at - 1].isLetterOrNumber() || (name[at].isUpper() && name[at - 1].isLower());
}

} // namespace

std::optional<int> fuzzyScore(QStringView typed, QStringView name)
{
    if (typed.isEmpty()) {
        return 0;
    }
    int score = 0;
    qsizetype at = 0;
    qsizetype last = -2;
    for (const QChar letter : typed) {
        if (letter.isSpace()) {
            continue;
        }
        const auto is = [&](qsizetype i) { return name[i].toCaseFolded() == letter.toCaseFolded(); };
        qsizetype found = -1;
        for (qsizetype i = at; i < name.size(); ++i) {
            if (!is(i)) {
                continue;
            }
            if (found < 0) {
                found = i;
            }
            if (i == last + 1 || startsWord(name, i)) { // the better place, if there is one
                found = i;
                break;
            }
        }
        if (found < 0) {
            return std::nullopt;
        }
        score += found == last + 1 ? 8 : 1;
        score += startsWord(name, found) ? 10 : 0;
        last = found;
        at = found + 1;
    }
    return score * 100 - static_cast<int>(name.size());
}

} // namespace qd::ui
