#include "storage/policy_store.h"

#include <algorithm>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

Result<const base::PolicyEntry*> entryOf(std::string_view name)
{
    const auto entries = base::policyEntries();
    const auto found = std::ranges::find(entries, name, &base::PolicyEntry::name);
    if (found == entries.end()) {
        return base::fail(ErrorCode::NotFound, std::string(name), "no such policy");
    }
    return &*found;
}

} // namespace

Result<double> PolicyStore::get(std::string_view name)
{
    const auto entry = entryOf(name);
    if (!entry) {
        return std::unexpected(entry.error());
    }
    const auto all = values();
    return all ? Result<double>(all->find(name)->second) : std::unexpected(all.error());
}

Result<void> PolicyStore::set(std::string_view name, double value)
{
    const auto entry = entryOf(name);
    if (!entry) {
        return std::unexpected(entry.error());
    }
    if (auto legal = base::checkPolicyValue(name, value); !legal) {
        return legal;
    }
    const bool isDefault = value == (*entry)->standard;
    auto statement =
        database_.prepare(isDefault ? "DELETE FROM policy WHERE name=?" : "INSERT OR REPLACE INTO policy VALUES(?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, name);
    if (!isDefault) {
        statement->bind(1, value);
    }
    return statement->run();
}

// An override that this program does not know, or whose range has become narrower, is left alone and not in force.
Result<base::PolicyValues> PolicyStore::values()
{
    base::PolicyValues out;
    for (const auto& entry : base::policyEntries()) {
        out.emplace(entry.name, entry.standard);
    }
    auto rows = database_.prepare("SELECT name,value FROM policy");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        if (base::checkPolicyValue(rows->text(0), rows->real(1))) {
            out.find(rows->text(0))->second = rows->real(1);
        }
    }
}

Result<void> PolicyStore::setText(std::string_view name, std::string_view text)
{
    if (auto legal = base::checkPolicyText(name, text); !legal) {
        return legal;
    }
    const bool isDefault = std::ranges::find(base::policyTexts(), name, &base::PolicyText::name)->standard == text;
    auto statement = database_.prepare(isDefault ? "DELETE FROM policy_texts WHERE name=?"
                                                 : "INSERT OR REPLACE INTO policy_texts VALUES(?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, name);
    if (!isDefault) {
        statement->bind(1, text);
    }
    return statement->run();
}

Result<std::map<std::string, std::string>> PolicyStore::texts()
{
    std::map<std::string, std::string> out;
    for (const auto& entry : base::policyTexts()) {
        out.emplace(entry.name, entry.standard);
    }
    auto rows = database_.prepare("SELECT name,value FROM policy_texts");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    while (true) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        if (base::checkPolicyText(rows->text(0), rows->text(1))) {
            out[std::string(rows->text(0))] = rows->text(1);
        }
    }
}

} // namespace qd::storage
