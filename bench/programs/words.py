#!/usr/bin/env python3
"""One word a line, by the plainest loop."""
import sys

write = sys.stdout.buffer.write
for line in sys.stdin.buffer:
    for word in line.split():
        write(word + b"\n")
