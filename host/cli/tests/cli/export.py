"""Asks DuckDB a question and prints its answer: a JSON list for each row."""

import json
import sys

import duckdb

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
for row in connection.execute(sys.argv[1]).fetchall():
    print(json.dumps(row, default=str))
