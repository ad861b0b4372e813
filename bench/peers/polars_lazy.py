"""polars_lazy.py count|filter|filter-count IN OUT [LITERAL] [fold]: the tasks of the bench in Polars, streaming."""
import sys

import polars

task, source, target = sys.argv[1:4]
literal = sys.argv[4] if len(sys.argv) > 4 else ""
line = polars.col("line")
lines = polars.scan_csv(source, has_header=False, separator="\x01", quote_char=None, infer_schema=False,
                        new_columns=["line"], encoding="utf8-lossy")
if task != "count":
    lines = lines.filter(line.str.contains(f"(?i-u){literal}") if "fold" in sys.argv[5:]
                         else line.str.contains(literal, literal=True))
if task == "filter":
    result = lines.select(line.str.replace_all("the", "THE", literal=True))
else:
    words = lines.select(line.str.split(" ").alias("word")).explode("word").filter(polars.col("word") != "")
    result = words.group_by("word").len()
result.sink_csv(target, include_header=False, separator="\t", quote_style="never")
