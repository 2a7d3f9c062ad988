"""Makes a database as an older program left it: the schema of then, and one decision in its journal.
usage: older_database.py FOLDER_OF_SQL FILE"""

import glob
import sqlite3
import sys

OLD = 14  # its schema's number

base = sqlite3.connect(sys.argv[2])
base.execute('CREATE TABLE schema_migrations(number INTEGER PRIMARY KEY, description TEXT NOT NULL, applied_at INTEGER NOT NULL)')
for number, name in enumerate(sorted(glob.glob(sys.argv[1] + '/*.sql'))[:OLD], 1):
    with open(name, encoding='utf-8') as step:
        base.executescript(step.read())
    base.execute("INSERT INTO schema_migrations VALUES(?, 'as then', 0)", (number,))
base.execute(f'PRAGMA user_version={OLD}')
base.execute(f'PRAGMA application_id={0x51444b31}')
base.execute("INSERT INTO journal(time, by, what, why, evidence, undo) "
             "VALUES(1764000000000, 'operator', 'written by an older program', 'upgrade', '', '')")
base.commit()
