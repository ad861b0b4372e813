#!/usr/bin/env python3
"""Each line in capitals, by the plainest loop."""
import sys

write = sys.stdout.buffer.write
for line in sys.stdin.buffer:
    write(line.upper())
