#!/usr/bin/env python3
"""Measures membership: simulated clusters as plots, real ones beside them, hashicorp/memberlist as the peer. Then an idle
node, and the transport between two.

  ./dev bench nodes           all (about twenty minutes); its part of bench/RESULTS.md and bench/plots/
  ./dev bench nodes --short   a few figures, into build/bench: only that everything runs
"""
import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from statistics import median

sys.dont_write_bytecode = True
from clusters import Memberlist, Rainstorm, build_memberlist  # noqa: E402
from place import ROOT, output_of, say  # noqa: E402
from plots import Chart  # noqa: E402
from report import number, table, three, write_part  # noqa: E402

MODES = ("ping", "ping+suspicion", "gossip", "gossip+suspicion")
DETECTION_LIMIT_S = 25


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench nodes", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    build = os.path.join(ROOT, "build", "release")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--binary", default=os.path.join(build, "rainstorm"))
    parser.add_argument("--simulator", default=os.path.join(build, "bench", "bench_nodes"))
    parser.add_argument("--transport", default=os.path.join(build, "bench", "micro_network"))
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", "bench"))
    return parser.parse_args()


class Simulated:
    """The lines of bench/nodes.cc, by what they measure."""

    def __init__(self, program, runs):
        self.first, self.all = defaultdict(list), defaultdict(list)  # (mode, loss, failures): ms
        self.false = defaultdict(list)                              # (mode, loss): ids a minute
        self.bytes = {}                                             # (mode, nodes): bytes/s of a node
        text = subprocess.run([program, str(runs)], check=True, capture_output=True, text=True).stdout
        for kind, mode, nodes, *rest in map(str.split, text.splitlines()):
            if kind == "detection":
                key = (mode, int(rest[0]), int(rest[1]))
                self.first[key].append(float(rest[2]))
                self.all[key].append(float(rest[3]))
            elif kind == "false":
                self.false[mode, int(rest[0])].append(float(rest[1]))
            else:
                self.bytes[mode, int(nodes)] = float(rest[0])

    def plots(self):
        detection = [(f"{mode}, {which}", [(k, median(of[mode, 10, k]) / 1000) for k in range(1, 6)], which == "first")
                     for mode in MODES for which, of in (("first", self.first), ("all", self.all))]
        for name, kinds in (("nosuspect", ("ping", "gossip")), ("suspect", ("ping+suspicion", "gossip+suspicion"))):
            chosen = [line for line in detection if line[0].split(",")[0] in kinds]
            yield f"detection_{name}", Chart("Until crashes are known, 10 nodes, 10 % loss", "nodes that crash at once",
                                             "seconds, median", chosen)
        losses = sorted({loss for _, loss in self.false})
        yield "false_positives", Chart("Living nodes called failed, 10 nodes", "% of datagrams lost", "ids a minute", [
            (mode, [(loss, sum(self.false[mode, loss]) / len(self.false[mode, loss])) for loss in losses], False)
            for mode in MODES])
        sizes = sorted({nodes for _, nodes in self.bytes})
        yield "bytes", Chart("What a node sends while nothing happens", "nodes", "bytes/s", [
            (mode, [(nodes, self.bytes[mode, nodes]) for nodes in sizes], False) for mode in ("ping", "gossip")])

    def tables(self):
        def worst(of, mode, loss):
            return [f"{number(median(of[mode, loss, k]))} / {number(max(of[mode, loss, k]))}" for k in (1, 3, 5)]

        for which, of in (("the first list", self.first), ("all lists", self.all)):
            rows = [[mode, str(loss), *worst(of, mode, loss)] for mode in MODES for loss in (0, 10)]
            yield (f"ms until the last of so many crashes is in {which}: median / max",
                   table(["mode", "% lost", "1", "3", "5"], rows))
        losses = sorted({loss for _, loss in self.false})
        rows = [[mode, *(number(sum(self.false[mode, loss]) / len(self.false[mode, loss])) for loss in losses)]
                for mode in MODES]
        yield "ids a minute that are called failed and live, by % lost", table(["mode", *map(str, losses)], rows)
        sizes = sorted({nodes for _, nodes in self.bytes})
        rows = [[mode, *(number(self.bytes[mode, nodes]) for nodes in sizes)] for mode in ("ping", "gossip")]
        yield "bytes/s that a node sends, by nodes", table(["mode", *map(str, sizes)], rows)


def detect(cluster, nodes, failures):
    """(first, all) in ms: until the last of the crashed is in one list, and in all."""
    cluster.start(nodes)
    try:
        time.sleep(3)
        victims = cluster.names[-failures:]
        others = cluster.names[:-failures]
        killed_ns = time.time_ns()
        cluster.kill(victims)
        end = time.monotonic() + DETECTION_LIMIT_S
        while time.monotonic() < end:
            time.sleep(0.1)
            known = {(f.observer, f.subject): (f.at_ns - killed_ns) / 1e6 for f in cluster.failures()
                     if f.observer in others and f.subject in victims}
            if len(known) == len(others) * failures:
                first = max(min(ms for (_, subject), ms in known.items() if subject == victim) for victim in victims)
                return first, max(known.values())
        return None
    finally:
        cluster.stop()


def misjudge(cluster, nodes, drop, seconds):
    """How often a minute any list calls a living node failed, and bytes/s of a node meanwhile."""
    cluster.start(nodes, drop)
    try:
        time.sleep(2)
        began_ns, before = time.time_ns(), cluster.sent()
        time.sleep(seconds)
        sent = cluster.sent() - before
        took = (time.time_ns() - began_ns) / 1e9
        failures = sum(1 for failure in cluster.failures() if failure.at_ns >= began_ns)
        return failures * 60 / took, sent / took / nodes
    finally:
        cluster.stop()


def shown(results, which):
    values = [result[which] for result in results if result]
    return f"{number(median(values))} / {number(max(values))}" if len(values) == len(results) else "**not all**"


def real_tables(contestants, options):
    nodes, rounds, seconds = (3, 1, 3) if options.short else (10, 3, 20)
    crashes = (1,) if options.short else (1, 3, 5)
    first, whole, quality = [], [], []
    for contestant in contestants:
        say(f"bench: {contestant.name}")
        found = {k: [detect(contestant, nodes, k) for _ in range(rounds)] for k in crashes}
        first.append([contestant.name, *(shown(found[k], 0) for k in crashes)])
        whole.append([contestant.name, *(shown(found[k], 1) for k in crashes)])
        judged = [misjudge(contestant, nodes, drop, seconds) for drop in (0.0, 0.1, 0.2, 0.3)]
        quality.append([contestant.name, *(number(false) for false, _ in judged), number(judged[0][1])])
    counts = [str(k) for k in crashes]
    yield f"ms until the last of so many killed is in the first list, {nodes} processes: median / max of {rounds}", \
        table(["", *counts], first)
    yield "... and in all lists", table(["", *counts], whole)
    yield f"times a minute that a list calls a living node failed, by part dropped; bytes/s of a node, {seconds} s each", \
        table(["", "0 %", "10 %", "20 %", "30 %", "bytes/s"], quality)


TRANSPORT = (("frames of 256 KiB, Unix socket", "stream/unix_socket", "cpu_s_per_GB", "≤ 0.37"),
             ("frames of 256 KiB, TCP", "stream/tcp", "cpu_s_per_GB", ""),
             ("frames of 1 KiB, Unix socket", "stream/unix_socket_1_KiB", "cpu_s_per_GB", ""),
             ("a socket by hand, 256 KiB, no checksum", "bare_stream", "cpu_s_per_GB", ""),
             ("1 KiB there and back, Unix socket", "round_trip/unix_socket", "real_time", "≤ 26"),
             ("1 KiB there and back, TCP", "round_trip/tcp", "real_time", ""),
             ("a socket by hand, 1 KiB there and back", "bare_round_trip", "real_time", ""))


def transport_table(program):
    """Of five runs of bench/micro_network.cc: CPU-seconds per GB of both ends, microseconds of a round trip."""
    say("bench: transport")
    text = subprocess.run([program, "--benchmark_format=json", "--benchmark_repetitions=5",
                           "--benchmark_enable_random_interleaving=true"], check=True, capture_output=True, text=True).stdout
    values = defaultdict(list)
    for run in json.loads(text)["benchmarks"]:
        if run["run_type"] == "iteration":
            for counter in ("cpu_s_per_GB", "real_time"):
                values[run["name"].removesuffix("/real_time"), counter].append(run.get(counter))
    rows = [[what, "CPU-s per GB" if counter == "cpu_s_per_GB" else "µs", three(values[name, counter]), wanted]
            for what, name, counter, wanted in TRANSPORT]
    return table(["", "unit", "least / median / most", "design.md"], rows)


def process(pid):
    """(CPU-seconds so far, resident MB)"""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    pages = os.sysconf("SC_PAGE_SIZE")
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"), int(words[21]) * pages / 1e6


def idle_table(contestants, nodes, seconds):
    rows = []
    for contestant in contestants:
        say(f"bench: {contestant.name}, idle")
        contestant.start(nodes)
        try:
            time.sleep(3)
            pids = [contestant.pid(name) for name in contestant.names]
            before, began = [process(pid)[0] for pid in pids], time.monotonic()
            time.sleep(seconds)
            took = time.monotonic() - began
            after = [process(pid) for pid in pids]
            cpu = [(cpu - start) / took * 100 for (cpu, _), start in zip(after, before)]
            rows.append([contestant.name, three([megabytes for _, megabytes in after]), three(cpu)])
        finally:
            contestant.stop()
    return table(["", "resident MB", "% of a core"], rows)


INTRODUCTION = """\
# Nodes

Written by `./dev bench nodes` on {date}; commit {commit}, load {load} on {cores} cores when it began.

## Simulated membership

Virtual time, 10 nodes unless said otherwise, {runs} clusters for each point, datagrams of 0.05 to 0.5 ms. Bytes are the
payload of datagrams and exchanges, seals included. An id counts once, when the first list calls it failed; from about 50 %
loss on clusters fall apart, and then there are fewer left to call each other failed.
"""

OWN = """\
## An idle node

{nodes} processes that nobody asks anything, for {seconds} s: least / median / most of them. Wanted: ≤ 60 MB, ≤ 1 %.

{idle}
"""

LINKS = """\
## Transport

`bench/micro_network.cc`, both ends in one process, each with its owner's thread and its network's; frames are checked by
CRC-32C at both ends.

{table}
"""

REAL = """\
## Real membership, and memberlist

Processes on loopback, `kill -9`, times from their own logs. memberlist v0.5.4 (`bench/peers/memberlist`), one process a
node as well, unsealed: *local* is its own defaults for one machine, *fast* is these with our times (a probe each 250 ms,
75 ms for an answer). Dropped are received datagrams; its probes go by TCP as well, which nothing drops.
"""


def main():
    options = arguments()
    options.folder = os.path.abspath(options.folder)
    runs = 1 if options.short else 20
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    text = INTRODUCTION.format(date=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), load=load, cores=os.cpu_count(),
                               commit=output_of("git", "describe", "--always", "--dirty"), runs=runs)
    simulated = Simulated(options.simulator, runs)
    plots = os.path.join(options.folder if options.short else os.path.join(ROOT, "bench"), "plots")
    os.makedirs(plots, exist_ok=True)
    for name, chart in simulated.plots():
        with open(os.path.join(plots, name + ".svg"), "w", encoding="utf-8") as file:
            file.write(chart.svg())
        text += f"\n![{chart.title}](plots/{name}.svg)\n"
    tables = list(simulated.tables())
    text += "".join(f"\n{title}:\n\n{body}\n" for title, body in tables)
    contestants = [Rainstorm(options.binary, mode, suspicion) for mode in ("ping", "gossip")
                   for suspicion in (True, False)]
    peer = None if options.short else build_memberlist(options.folder)
    contestants += [Memberlist(peer, config) for config in ("local", "fast")] if peer else []
    if options.short:
        contestants = contestants[:1]
    text += "\n" + REAL + "".join(f"\n{title}:\n\n{body}\n" for title, body in real_tables(contestants, options))
    nodes, seconds = (3, 2) if options.short else (10, 30)
    idle = idle_table(contestants[:3:2], nodes, seconds)
    text += "\n" + OWN.format(nodes=nodes, seconds=seconds, idle=idle)
    if not options.short:
        text += "\n" + LINKS.format(table=transport_table(options.transport))
    path = os.path.join(options.folder, "nodes.md") if options.short else os.path.join(ROOT, "bench", "RESULTS.md")
    write_part(path, text)
    say(f"bench: wrote {os.path.relpath(path, ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
