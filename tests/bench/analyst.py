"""DuckDB, doing what an analyst does: load a Parquet file for good, and aggregate.

Prints JSON: how long the load took until it was on the disk, and how long the question took, each
time it was asked. DuckDB neither seals nor proves what it stores.
"""

import json
import os
import sys
import time

import duckdb

parquet, database, question, times = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
connection = duckdb.connect(database)
begun = time.perf_counter()
connection.execute("CREATE TABLE events AS SELECT * FROM read_parquet(?)", [parquet])
connection.execute("CHECKPOINT")
loaded = time.perf_counter() - begun
rows = connection.execute("SELECT count(*) FROM events").fetchone()[0]
connection.close()
size = os.path.getsize(database)

connection = duckdb.connect(database, read_only=True)
asked, groups = [], 0
for _ in range(times):
    begun = time.perf_counter()
    groups = len(connection.execute(question).fetchall())
    asked.append(time.perf_counter() - begun)
answer = {"rows": rows, "groups": groups, "loaded": loaded, "size": size, "asked": asked}
print(json.dumps(answer | {"version": duckdb.__version__}))
