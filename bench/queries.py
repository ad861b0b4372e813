#!/usr/bin/env python3
"""Measures log queries over real nodes against grep run by hand on the same files, both into `cat >/dev/null`.

  ./dev bench queries           its part of bench/RESULTS.md (about a minute; the machine should do nothing else)
  ./dev bench queries --short   small logs, into build/bench: only that everything runs and all lines come
"""
import argparse
import os
import random
import shlex
import subprocess
import sys
import time
from statistics import median

sys.dont_write_bytecode = True
from clusters import Rainstorm  # noqa: E402
from place import ROOT, output_of, say  # noqa: E402
from report import number, table, write_part  # noqa: E402

WORDS = "alpha beta gamma delta omega error warn info request failed node member timeout GET POST index.html".split()
FILE = "app.log"
FIRST_LINE_MS = 20  # later than grep's, at most
# (what, options and pattern, its bound over grep by hand: factor and ms)
PATTERNS = (("rare", ["id=77777 "], 1.1, 20), ("regex", ["-E", "id=(7|12)[0-9]{2}99 .*(warn|error)"], 1.1, 20),
            ("frequent", ["error"], 2, 0))

TEXT = """\
# Log queries

Written by `./dev bench queries` on {date}; commit {commit}, load {load} on {cores} cores when it began. `rainstorm grep`
into `cat >/dev/null`, start of the command included, against `grep -H PATTERN FILES` by hand into the same, in turns;
{rounds} rounds, ms: median / max. Every answer has as many lines as grep's. First lines: when the first byte is shown, and
when grep by hand with `--line-buffered`, which prints what it finds at once, has printed one: one grep for a file after the
other, and one grep for each file at the same time, as nodes do it; nodes of one machine share its cores, so each comes later
to its first match. The query may show it {slack} ms later than the latter.
"""


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench queries", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "release", "rainstorm"))
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", "bench"))
    return parser.parse_args()


def write_log(path, lines, seed):
    chance = random.Random(seed)
    with open(path, "w", encoding="ascii") as file:
        for i in range(lines):
            file.write(f"2026-01-01T10:{i // 60 % 60:02}:{i % 60:02}.{i:06}Z id={i} {' '.join(chance.choices(WORDS, k=8))}\n")


def timed(argv, environment):
    """(ms to the first byte, ms to the end, lines)"""
    begin = time.monotonic()
    command = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    first, lines = None, 0
    while True:
        piece = os.read(command.stdout.fileno(), 1 << 20)
        if not piece:
            break
        first = first or time.monotonic()
        lines += piece.count(b"\n")
    command.wait()
    end = time.monotonic()
    return ((first or end) - begin) * 1000, (end - begin) * 1000, lines


def into_nothing(argv, environment):
    begin = time.monotonic()
    subprocess.run(["sh", "-c", '"$@" 2>/dev/null | cat >/dev/null', "sh", *argv], env=environment, check=True,
                   stdin=subprocess.DEVNULL)
    return (time.monotonic() - begin) * 1000


def race(binary, nodes, lines, rounds):
    cluster = Rainstorm(binary, "ping", True)
    cluster.start(nodes)
    try:
        files = [os.path.join(cluster.folder, name, "log", FILE) for name in cluster.names]
        for seed, path in enumerate(files):
            write_log(path, lines, seed)
        environment = {**os.environ, "RAINSTORM_CLUSTER": cluster.folder}
        megabytes = sum(map(os.path.getsize, files)) / 1e6
        for what, pattern, factor, slack in PATTERNS:
            ours, hand = [binary, "grep", *pattern, "--files", FILE], ["grep", "-H", *pattern, *files]
            first, _, found = timed(ours, environment)
            expected = timed(hand, environment)[2]
            if found != expected:
                raise RuntimeError(f"{what}: {found} lines, grep has {expected}")
            prompt = ["grep", "-H", "--line-buffered", *pattern]
            together = " & ".join(shlex.join([*prompt, path]) for path in files) + " & wait"
            firsts, in_turn, at_once, of_ours, of_hand = [first], [], [], [], []
            for _ in range(rounds):
                of_hand.append(into_nothing(hand, environment))
                of_ours.append(into_nothing(ours, environment))
                firsts.append(timed(ours, environment)[0])
                in_turn.append(timed([*prompt, *files], environment)[0])
                at_once.append(timed(["sh", "-c", together], environment)[0])
            bound = median(of_hand) * factor + slack
            yield [f"{nodes} × {megabytes / nodes:.0f} MB", what, f"{found:,}", *map(shown, (of_ours, of_hand)), within(of_ours, bound),
                   *map(shown, (firsts, in_turn, at_once)), within(firsts, median(at_once) + FIRST_LINE_MS)]
    finally:
        cluster.stop()


def shown(values):
    return f"{number(median(values))} / {number(max(values))}"


def within(values, bound):
    return f"≤ {number(bound)}: {'yes' if median(values) <= bound else '**no**'}"


def main():
    options = arguments()
    binary = os.path.abspath(options.binary)
    rounds = 1 if options.short else 9
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    text = TEXT.format(date=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), load=load, cores=os.cpu_count(),
                       commit=output_of("git", "describe", "--always", "--dirty"), rounds=rounds, slack=FIRST_LINE_MS)
    rows = []
    for nodes, lines in ((3, 100_000),) if options.short else ((4, 700_000), (10, 300_000)):
        say(f"bench: log queries over {nodes} nodes")
        rows += race(binary, nodes, lines, rounds)
    head = ["logs", "pattern", "lines", "rainstorm grep", "grep by hand", "bound", "its first line", "grep's", "grep's, all files at once",
            "bound"]
    text += "\n" + table(head, rows) + "\n"
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "queries.md") if options.short else os.path.join(ROOT, "bench", "RESULTS.md")
    write_part(path, text)
    say(f"bench: wrote {os.path.relpath(path, ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
