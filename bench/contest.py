"""Contestants do the same task on the same input in interleaved rounds; the whole process is timed, start included."""
import hashlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from statistics import median

from place import say


@dataclass
class Contestant:
    """Its ratio in a row is its time divided by the first contestant's: how often the first is faster."""
    name: str
    pipeline: list  # of argv
    output: str = ""  # the file that it writes; "" if it only prints
    to_stdout: bool = False  # its output is the standard output of the last program
    leaves: list = field(default_factory=list)  # what else it writes, removed before each run
    answer: str = "bytes"  # what must be equal: bytes | sorted | lines (it prints how many) | nothing
    step: float = None  # the ratio that this version aims at, and the one that the project aims at
    goal: float = None


@dataclass
class Sample:
    seconds: float
    rss_mb: float
    printed: str


@dataclass
class Row:
    id: str
    title: str
    work: float  # how much of `unit` one run does
    unit: str
    contestants: list
    goal_rate: float = None
    note: str = ""
    is_price: bool = False  # of the first contestant, who does more, over the second
    samples: dict = field(default_factory=dict)  # name -> [Sample]
    wrong: list = field(default_factory=list)
    expected: dict = field(default_factory=dict)  # kind of answer -> digest of the first contestant's output

    def seconds(self, name):
        return [sample.seconds for sample in self.samples[name]]

    def remark(self):
        if not self.is_price:
            return self.note
        price = (1 / median(self.ratios(self.contestants[1].name)) - 1) * 100
        return f"The price is {price:.1f} %. {self.note}".strip()

    def rate(self):
        return self.work / median(self.seconds(self.contestants[0].name))

    def ratios(self, name):
        """Per round, so that a slow moment of the machine falls on both."""
        return [other / first for other, first in zip(self.seconds(name), self.seconds(self.contestants[0].name))]


class Failed(Exception):
    pass


def start_pipeline(place, contestant, last_output, errors):
    """Starts all programs of a pipeline in the order of the data, each reading the one before."""
    processes, previous = [], subprocess.DEVNULL
    for argv in contestant.pipeline:
        last = argv is contestant.pipeline[-1]
        process = subprocess.Popen(argv, cwd=place.folder, env=place.environment, stdin=previous, stderr=errors,
                                   stdout=last_output if last else subprocess.PIPE)
        if previous != subprocess.DEVNULL:
            previous.close()
        previous = process.stdout
        processes.append(process)
    return processes


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def run_once(place, contestant):
    for name in [contestant.output, *contestant.leaves]:
        if name:
            remove(place.path(name))
    printed = place.path(contestant.output if contestant.to_stdout else "scratch/printed")
    with open(printed, "wb") as out, open(place.path("scratch/errors"), "w+b") as errors:
        begin = time.perf_counter()
        rss_kb = 0
        for process in start_pipeline(place, contestant, out, errors):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            rss_kb = max(rss_kb, usage.ru_maxrss)
            if process.returncode not in (0, -signal.SIGPIPE):
                errors.seek(0)
                said = errors.read().decode(errors="replace")[-400:]
                raise Failed(f"{contestant.name}: exit {process.returncode}: {said}")
        seconds = time.perf_counter() - begin
    text = ""
    if not contestant.to_stdout:
        with open(printed, encoding="utf-8", errors="replace") as file:
            text = file.read(200).strip()
    return Sample(seconds, rss_kb * 1024 / 1e6, text)


def digest(path, kind):
    if kind == "sorted":
        with open(path, "rb") as file:
            return hashlib.sha256(b"".join(sorted(file))).hexdigest()
    with open(path, "rb") as file:
        if kind == "lines":
            return str(sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")))
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(place, row, contestant, sample):
    """Against the first contestant, whose output of the warm-up round is still there."""
    first = row.contestants[0]
    if contestant is first or contestant.answer == "nothing":
        return
    if contestant.answer not in row.expected:
        row.expected[contestant.answer] = digest(place.path(first.output), contestant.answer)
    prints = contestant.answer == "lines"
    found = sample.printed if prints else digest(place.path(contestant.output), contestant.answer)
    if found != row.expected[contestant.answer]:
        row.wrong.append(contestant.name)
        place.failures.append(f"{row.id}: {contestant.name} and {first.name} give different answers")
        say(f"bench: {place.failures[-1]}")


def run_row(place, row, rounds):
    """A round to warm up and to compare, then the measured rounds. Who fails is out, and it is said."""
    say(f"bench: {row.id} {row.title}")
    row.samples = {contestant.name: [] for contestant in row.contestants}
    for number in range(rounds + 1):
        for contestant in list(row.contestants):
            try:
                sample = run_once(place, contestant)
            except Failed as failure:
                place.failures.append(f"{row.id}: {failure}")
                say(f"bench: {place.failures[-1]}")
                if contestant is row.contestants[0]:
                    return False
                row.contestants.remove(contestant)
                continue
            if number == 0:
                compare(place, row, contestant, sample)
                continue
            row.samples[contestant.name].append(sample)
            say(f"  {number}/{rounds} {contestant.name:<28}{sample.seconds:8.3f} s")
    for contestant in row.contestants:
        for name in [contestant.output, *contestant.leaves]:
            if name:
                remove(place.path(name))
    return True
