// That paper's ledger is one, however it is made. One thread.
#pragma once

#include "engines/replay.h"
#include "testkit/paper_rig.h"
#include "testkit/stored_ledger.h"

namespace qd::testkit {

/// Of the stopped rig: the ledger that it kept, the replayed one, and one that is made anew after a kill.
inline void expectOneLedger(PaperRig& rig)
{
    const auto kept = storedHash(*rig.store);
    QCOMPARE(good(engines::replay({.database = rig.store.file()}, {})).ledgerHash, kept);
    rig.loseTheLedger();
    (void)good(engines::recover(*rig.store, rig.policy, {}));
    QCOMPARE(storedHash(*rig.store), kept);
}

} // namespace qd::testkit
