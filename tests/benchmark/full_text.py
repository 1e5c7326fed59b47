#!/usr/bin/env python3
"""The index of terms beside FTS5 and tsvector, on the catalogue that benchmark_search has made. Prints a table.

    full_text.py FOLDER             the folder of benchmark_search: a copy of its texts in FTS5
    full_text.py FOLDER SOCKET DB   and in PostgreSQL, whose database benchmark_search has filled too; ends without a trace there
"""

import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time


def row(what, milliseconds):
    print(f"| {what} | {statistics.median(milliseconds):.2f} ms |")


def timed(act, times=15):
    took = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - started))
    return took


def size(connection):
    return connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]


def sqlite(folder):
    ours = sqlite3.connect(f"file:{folder}/orkestr.db?mode=ro", uri=True)
    tenant, count = ours.execute("SELECT tenant_id, count(*) FROM offerings GROUP BY tenant_id").fetchone()
    with tempfile.TemporaryDirectory() as place:
        theirs = sqlite3.connect(place + "/fts.db")
        theirs.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, title, attributes, description, content='', tokenize='unicode61')")
        texts = ours.execute("SELECT id, title, attributes, description FROM offerings")
        theirs.executemany("INSERT INTO texts (id, title, attributes, description) VALUES (?, ?, ?, ?)", texts)
        theirs.execute("INSERT INTO texts (texts) VALUES ('optimize')")
        theirs.commit()
        terms = ours.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_terms%' OR name LIKE 'sqlite_autoindex_search_terms%'").fetchone()[0] \
            if ours.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_DBSTAT_VTAB'").fetchone() else None
        print(f"| bytes an offering: terms, FTS5 | {terms // count if terms else 'not known'}, {size(theirs) // count} |")
        for name, word in (("a rare word", "zeppelin"), ("a word that every sixth has, the best 2,000", "studio")):
            of_ours = "SELECT offering_id, weight FROM search_terms WHERE tenant_id = ? AND term = ? AND locale = '' ORDER BY weight DESC, offering_id DESC LIMIT 2000"
            stem = re.sub("o$", "", word)
            found = ours.execute(of_ours, (tenant, stem)).fetchall()
            if not found:
                sys.exit(f"nothing has {stem}")
            row(f"{name}: terms", timed(lambda: ours.execute(of_ours, (tenant, stem)).fetchall()))
            row(f"{name}: FTS5 by bm25", timed(lambda: theirs.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 0, 8, 4, 1) LIMIT 2000", (word,)).fetchall()))


def psql(where, sql):
    return subprocess.run(["psql", *where, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"], input=sql, capture_output=True, text=True, check=True).stdout


def postgres(socket, database):
    where = ["-h", socket, "-U", "orkestr", "-d", database]
    tenant = psql(where, "SET orkestr.tenant = '*'; SELECT min(id) FROM tenants").strip()
    tell = f"BEGIN;\nSELECT set_config('orkestr.tenant', '{tenant}', true);\n"
    asks = {
        "terms": f"SELECT offering_id FROM search_terms WHERE tenant_id = '{tenant}' AND term = '%s' AND locale = '' ORDER BY weight DESC, offering_id DESC LIMIT 2000",
        "tsvector": f"SELECT id FROM full_text WHERE tenant_id = '{tenant}' AND words @@ '%s' ORDER BY ts_rank(words, '%s') DESC LIMIT 2000",
    }
    make = """CREATE TABLE full_text AS SELECT tenant_id, id, setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', attributes), 'B')
  || setweight(to_tsvector('english', description), 'D') AS words FROM offerings;
CREATE INDEX ON full_text USING gin (words);
ANALYZE full_text;
"""
    walls = """ALTER TABLE full_text ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one ON full_text USING (tenant_id = current_setting('orkestr.tenant', true));
"""
    for name, ours, theirs in (("a rare word", "zeppelin", "zeppelin"), ("a word that every sixth has, the best 2,000", "studi", "studio")):
        for kind, begin, word in (("terms", "", ours), ("tsvector", make, theirs), ("tsvector behind row-level security", make + walls, theirs)):
            ask = asks[kind.split()[0]].replace("%s", word)
            plan = psql(where, tell + begin + 15 * f"EXPLAIN (ANALYZE, TIMING OFF) {ask};\n" + "ROLLBACK;")
            row(f"{name}: {kind}, {'by its index' if 'Index' in plan else 'row by row'}", [float(ms) for ms in re.findall(r"Execution Time: ([\d.]+)", plan)])


print("| | |\n|---|---|")
sqlite(sys.argv[1])
if len(sys.argv) > 3:
    postgres(*sys.argv[2:])
