"""The rows that ask how soon something is seen: C2 (a line), D1 (after a kill), G1 (after the start)."""
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

from contest import remove
from place import say
from report import Figures

POLL_S = 0.0002
PATIENCE_S = 60


class Engine:
    """`rainstorm run` as a child that can be killed."""
    started = []

    def __init__(self, place, *options, job, stdout=subprocess.DEVNULL):
        self.argv = [place.binary, "run", *options, job]
        self.errors = open(place.path("scratch/errors"), "w+b")
        self.process = subprocess.Popen(self.argv, cwd=place.folder, env=place.environment, stdin=subprocess.DEVNULL,
                                        stdout=stdout, stderr=self.errors)
        Engine.started.append(self.process)

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def end(self, number=None, good=(0,)):
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=600)
        said = self.said()
        self.errors.close()
        if code not in good:
            raise RuntimeError(f"exit {code}: {said[-400:]}")
        return said


def kill_what_is_left():
    """After a row that failed in the middle."""
    for process in Engine.started:
        if process.poll() is None:
            process.kill()
            process.wait()
    Engine.started.clear()


def size_of(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def wait_for(engine, seen, poll=POLL_S):
    """Waits until `seen()`; the engine may not end before."""
    limit = time.monotonic() + PATIENCE_S
    while not seen():
        if time.monotonic() > limit:
            raise RuntimeError(f"nothing seen for {PATIENCE_S} s")
        if engine.process.poll() is not None and not seen():
            raise RuntimeError(f"the engine ended early: {engine.said()[-400:]}")
        time.sleep(poll)


def append_lines(path, per_second, seconds):
    """A line holds its number and when it was appended; ten milliseconds of lines are never appended at once."""
    begin, number, total = time.monotonic_ns(), 0, per_second * seconds
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    while number < total:
        due = min(total, (time.monotonic_ns() - begin) * per_second // 1_000_000_000) - number
        lines = range(number, number + min(due, per_second // 100))
        number += len(lines)
        os.write(descriptor, b"".join(b"x %d %d\n" % (n, time.monotonic_ns()) for n in lines))
        time.sleep(0.001)
    os.close(descriptor)


def read_latencies(engine, path, lines):
    """Polls the output as its reader; returns the latency of each line in ms."""
    wait_for(engine, lambda: os.path.exists(path))
    latencies, rest = [], b""
    limit = time.monotonic() + PATIENCE_S
    with open(path, "rb", buffering=0) as file:
        while len(latencies) < lines and time.monotonic() < limit:
            data = file.read(1 << 20)
            now = time.monotonic_ns()
            if not data:
                time.sleep(POLL_S)
                continue
            *whole, rest = (rest + data).split(b"\n")
            latencies += [(now - int(line.split()[2])) / 1e6 for line in whole]
    return latencies


def visible_latency(place):
    """C2"""
    per_second, seconds = 10_000, 2 if place.short else 10
    source, target, state = "scratch/tail.in", "scratch/tail.out", "scratch/tail.state"
    for name in (source, target, state):
        remove(place.path(name))
    open(place.path(source), "wb").close()
    engine = Engine(place, "-q", "--state", f"./{state}", job=f"tail:{source} | grep x > file:{target}")
    arguments = (place.path(source), per_second, seconds)
    writer = multiprocessing.Process(target=append_lines, args=arguments, daemon=True)
    writer.start()
    latencies = read_latencies(engine, place.path(target), per_second * seconds)
    writer.join()
    engine.end(signal.SIGINT, good=(0, 130))
    with open(place.path(source), "rb") as a, open(place.path(target), "rb") as b:
        equal = a.read() == b.read()
    title = f"append to visible, committed line, {per_second:,} lines/s for {seconds} s"
    figures = Figures("C2", title, engine.argv, "ms", {"p50": (3, None), "p99": (10, None)}, equal=equal,
                      note="The latency of each line but those of the first second; the reader polls each 0.2 ms.")
    figures.add("RainStorm", latencies[per_second if seconds > 1 else 0:])
    return figures


class KeyedInput:
    """Lines that are keys: each block of lines holds all keys once, in an order that is no order."""

    def __init__(self, place, keys):
        self.place, self.keys, self.name = place, keys, "scratch/keys"
        order = list(range(keys))
        random.Random(2).shuffle(order)
        self.block = b"".join(b"k%07d\n" % key for key in order)

    def write(self, blocks):
        with open(self.place.path(self.name), "wb") as file:
            for _ in range(blocks):
                file.write(self.block)

    def final_counts_are(self, path, count):
        """In changes, the last line of a key is its value."""
        program = '{ n[$1] = $2 } END { for (k in n) { keys++; if (n[k] != want) wrong++ } print keys + 0, wrong + 0 }'
        argv = ["mawk", "-v", f"want={count}", program, path]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        return done.stdout.split() == [str(self.keys), "0"]


def peak_rate(place, keys, job, state):
    """Tuples a second of the same job without a rate."""
    keys.write(2 if place.short else 10)
    argv = [place.binary, "run", "--json", "--state", f"./{state}", "--emit", "changes", job]
    done = subprocess.run(argv, cwd=place.folder, env=place.environment, stdout=subprocess.PIPE, check=True)
    ended = json.loads(done.stdout.splitlines()[-1])
    remove(place.path(state))
    return ended["tuples_in"] / ended["seconds"]


def kill_and_rerun(place, engine, start, target):
    """Kills the engine and starts the same command at once: (the new engine, ms until the output grows)."""
    begin = time.monotonic()
    engine.end(signal.SIGKILL, good=(-signal.SIGKILL,))
    size = size_of(place.path(target))
    engine = start()
    wait_for(engine, lambda: size_of(place.path(target)) > size)
    return engine, (time.monotonic() - begin) * 1000


def recovery(place):
    """D1"""
    kills, pause_s = (2, 0.2) if place.short else (15, 0.8)
    keys = KeyedInput(place, 20_000 if place.short else 1_000_000)
    target, state = "scratch/changes", "scratch/changes.state"
    job = f"file:{keys.name} | count > file:{target}"
    for name in (target, state):
        remove(place.path(name))
    peak = peak_rate(place, keys, job, state)
    remove(place.path(target))
    rate = int(peak / 2)
    blocks = min(80, int(rate * kills * (pause_s + 1.0) / keys.keys) + 3)
    keys.write(blocks)
    options = ["-q", "--state", f"./{state}", "--emit", "changes"]

    def start():
        return Engine(place, "--rate", f"{rate}/s", *options, job=job)

    engine, gaps, chance = start(), [], random.Random(3)
    with_all_keys = len(keys.block) + 2 * keys.keys  # bytes of changes
    wait_for(engine, lambda: size_of(place.path(target)) >= with_all_keys)
    for number in range(kills):
        time.sleep(pause_s * (0.5 + chance.random()))
        engine, gap = kill_and_rerun(place, engine, start, target)
        gaps.append(gap)
        say(f"  kill {number + 1}/{kills} {gap:8.1f} ms")
    argv = engine.argv
    engine.end(signal.SIGKILL, good=(0, -signal.SIGKILL))
    Engine(place, *options, job=job).end()
    equal = keys.final_counts_are(place.path(target), blocks)
    title = f"kill -9 to the first new committed byte, {keys.keys:,} keys, half the peak rate"
    figures = Figures("D1", title, argv, "ms", {"p50": (50, 150), "p99": (150, None)}, equal=equal,
                      note=f"Peak rate {peak / 1e6:.2f} M tuples/s, {kills} kills, each followed at once by the same "
                           "command; new is what lies behind the bytes at the death. Then the run was ended without a "
                           "rate, and the last count of every key compared.")
    figures.add("RainStorm", gaps)
    return figures


def first_byte_ms(place, argv):
    """From the start of a process to the first byte on its standard output."""
    begin = time.monotonic()
    with open(place.path("scratch/line"), "rb") as source:
        process = subprocess.Popen(argv, cwd=place.folder, env=place.environment, stdin=source, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
    seen = process.stdout.read(1)
    elapsed = (time.monotonic() - begin) * 1000
    process.communicate()
    if process.returncode or not seen:
        raise RuntimeError(f"{place.shown(argv)}: exit {process.returncode}, {'no ' if not seen else ''}output")
    return elapsed


def first_commit_ms(place, stages):
    """From the start to the first byte in the committed output of a job with a state."""
    target, state = "scratch/first", "scratch/first.state"
    remove(place.path(target))
    remove(place.path(state))
    begin = time.monotonic()
    engine = Engine(place, "-q", "--state", f"./{state}", job=f"file:scratch/line | {stages} > file:{target}")
    wait_for(engine, lambda: size_of(place.path(target)) > 0)
    elapsed = (time.monotonic() - begin) * 1000
    engine.end()
    return elapsed


def start_time(place):
    """G1"""
    rounds = 3 if place.short else 20
    with open(place.path("scratch/line"), "wb") as file:
        file.write(b"one line\n")
    python = [sys.executable, place.source("programs", "upper.py")]
    plain = [place.binary, "run", "-q", "file:scratch/line | grep one"]
    staged = [place.binary, "run", "-q", f"file:scratch/line | {' '.join(python)}"]
    names = ("native", "native, --state", "Python", "Python, --state", "bare python3", "bare grep")
    samples = {name: [] for name in names}
    for _ in range(rounds):
        samples["native"].append(first_byte_ms(place, plain))
        samples["native, --state"].append(first_commit_ms(place, "grep one"))
        samples["Python"].append(first_byte_ms(place, staged))
        samples["Python, --state"].append(first_commit_ms(place, " ".join(python)))
        samples["bare python3"].append(first_byte_ms(place, python))
        samples["bare grep"].append(first_byte_ms(place, ["grep", "one"]))
    figures = Figures("G1", "start to the first byte of output, one line", plain, "ms", {"p50": (None, None)},
                      note="With --state: to the first byte in the committed file. The stage in Python is upper.py.")
    targets = {"native": (30, 50), "native, --state": (30, 50), "Python": (150, None), "Python, --state": (150, None)}
    for name, values in samples.items():
        figures.add(name, values, {"p50": targets.get(name, (None, None))})
    return figures
