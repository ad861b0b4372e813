"""The rows that compare how fast whole jobs run: A1-A3, B1, B2, C1."""
import os
import shlex
import shutil
import sys

from contest import Contestant, Row, run_once
from inputs import lines_in, words_in

COUNT_WORDS = '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (word in n) print word "\\t" n[word] }'
REPLACE = ["sed", "s/the/THE/g"]
LEAST_S, COPIES = 1.2, (1, 10, 50)  # how long a run of C1 should take, and what input it may get for that
FILTERS = {"W1": ["-i", "science"], "W1t": ["the"]}


class Rows:
    """Makes a row when it is asked for, so that inputs are made only for what runs."""

    def __init__(self, place, texts):
        self.place = place
        self.texts = texts

    def engine(self, stages, text, name="RainStorm", output="scratch/rainstorm", state=False, **targets):
        options = ["--state", f"./{output}.state"] if state else []
        argv = [self.place.binary, "run", "-q", *options, f"file:{text} | {stages} > file:{output}"]
        return Contestant(name, [argv], output, leaves=[f"{output}.state"] if state else [], **targets)

    def pipe(self, name, *pipeline, **targets):
        output = f"scratch/{name.replace(' ', '').replace('|', '-')}"
        return Contestant(name, list(pipeline), output, to_stdout=True, **targets)

    def peers(self, arguments, text, answer, **goals):
        """DuckDB and Polars, as far as they are installed."""
        scripts = {"duckdb": ("DuckDB", "duckdb_sql.py"), "polars": ("Polars", "polars_lazy.py")}
        for package in sorted(self.place.packages):
            name, script = scripts[package]
            task, *rest = arguments
            argv = [self.place.venv_python, self.place.source("peers", script), task, text, f"scratch/{package}", *rest]
            yield Contestant(name, [argv], f"scratch/{package}", answer=answer, **goals.get(package, {}))

    def bound(self, name, argv, answer, output="", goal=None):
        if self.place.has_bound(argv[0]):
            yield Contestant(name, [[f"bin/{argv[0]}", *argv[1:]]], output, answer=answer, goal=goal)

    def bytes_of(self, text):
        return os.path.getsize(self.place.path(text)) / 1e9

    def a1(self, text, mawk, **goals):
        contestants = [self.engine("words | count", text)]
        if mawk:
            contestants.append(self.pipe("mawk", ["mawk", COUNT_WORDS, text], answer="sorted"))
        contestants += self.peers(["count"], text, "sorted", **goals)
        contestants += self.bound("bound: two-thread word count", ["count", text, "scratch/bound"], "sorted",
                                  "scratch/bound", 0.5)
        base = self.texts.base()
        words = words_in(self.place.path(base)) * round(self.bytes_of(text) / self.bytes_of(base))
        return contestants, words / 1e6

    def word_count(self):
        text = self.texts.base()
        contestants, words = self.a1(text, True, duckdb={"step": 2, "goal": 4}, polars={"goal": 4})
        return Row("A1", f"word count (W3), {self.texts.base_mb} MB", words, "M words/s", contestants, goal_rate=50)

    def word_count_large(self):
        text = self.texts.copies(10)
        contestants, words = self.a1(text, False, duckdb={"goal": 2.4}, polars={"goal": 2.4})
        return Row("A1-10x", "word count (W3), ten copies", words, "M words/s", contestants, goal_rate=50)

    def filtered(self, text, task, goals, bound_goal):
        words = FILTERS[task]
        contestants = [self.engine(f"grep {' '.join(words)} | replace the THE", text),
                       self.pipe("grep | sed", ["grep", "-a", *words, text], REPLACE, **goals.get("grep", {}))]
        if shutil.which("rg"):
            rg = ["rg", "-j2", "-a", "--no-unicode", *words, text]
            contestants.append(self.pipe("ripgrep | sed", rg, REPLACE, **goals.get("rg", {})))
        fold = ["fold"] if "-i" in words else []
        contestants += self.peers(["filter", words[-1], *fold], text, "bytes", **goals)
        extra = fold or ["copy"]
        contestants += self.bound(f"bound: two-thread scan{'' if fold else ' and copy'}",
                                  ["scan", text, words[-1], *extra], "lines", goal=bound_goal)
        return contestants

    def selective(self):
        text = self.texts.base()
        goals = {"grep": {"step": 1, "goal": 3}, "rg": {"goal": 1}}
        return Row("A2-W1", f"filter and replace, selective (W1), {self.texts.base_mb} MB", self.bytes_of(text), "GB/s",
                   self.filtered(text, "W1", goals, 0.6))

    def selective_large(self):
        text = self.texts.copies(10)
        goals = {"grep": {"step": 1, "goal": 3}, "rg": {"goal": 1}}
        return Row("A2-W1-10x", "filter and replace, selective (W1), ten copies", self.bytes_of(text), "GB/s",
                   self.filtered(text, "W1", goals, 0.6))

    def dense(self):
        text = self.texts.base()
        goals = {"grep": {"step": 3, "goal": 5}, "duckdb": {"goal": 5}, "polars": {"goal": 5}}
        return Row("A2-W1t", f"filter and replace, dense (W1t), {self.texts.base_mb} MB", self.bytes_of(text), "GB/s",
                   self.filtered(text, "W1t", goals, 0.4), goal_rate=1)

    def dense_large(self):
        text = self.texts.copies(10)
        goals = {"grep": {"step": 3, "goal": 5}, "duckdb": {"goal": 5}, "polars": {"goal": 2}}
        return Row("A2-W1t-10x", "filter and replace, dense (W1t), ten copies", self.bytes_of(text), "GB/s",
                   self.filtered(text, "W1t", goals, 0.4), goal_rate=1)

    def filter_count(self):
        text = self.texts.base()
        contestants = [self.engine("grep -i science | words | count", text),
                       self.pipe("grep | mawk", ["grep", "-a", "-i", "science", text], ["mawk", COUNT_WORDS],
                                 answer="sorted", goal=3)]
        contestants += self.peers(["filter-count", "science", "fold"], text, "sorted")
        contestants.append(self.engine("grep -i science | replace the THE", text, "RainStorm's A2-W1", "scratch/a2",
                                       answer="nothing", goal=0.8))
        return Row("A3", f"filter and count (W2), {self.texts.base_mb} MB", self.bytes_of(text), "GB/s", contestants)

    def stage(self, name, title, argv, state, goal, rate=None):
        """A program as a stage against the same program between two pipes."""
        text = self.texts.base()
        contestants = [self.engine(shlex.join(argv), text, state=state),
                       self.pipe("bare pipe", ["cat", text], argv, ["cat"], goal=goal)]
        form, end = ("batch by batch, --state", "-state") if state else ("one process", "")
        lines = lines_in(self.place.path(text)) / 1e6
        return Row(name + end, f"{title}, {form}", lines, "M lines/s", contestants, goal_rate=rate)

    def c_program(self, state):
        return self.stage("B1-c", "unmodified C program (sed)", REPLACE, state, 0.85 if state else 0.95)

    def awk_program(self, state):
        argv = ["mawk", "{ print NF, $1 }"]
        return self.stage("B1-awk", "unmodified awk program (mawk)", argv, state, 0.85 if state else 0.95)

    def line_loop(self, state):
        argv = [sys.executable, self.place.source("programs", "upper.py")]
        return self.stage("B2-upper", "Python line loop", argv, state, 0.9, rate=0.5)

    def tokenizer(self, state):
        argv = [sys.executable, self.place.source("programs", "words.py")]
        return self.stage("B2-words", "Python tokenizer", argv, state, 0.9)

    def enough_copies(self, stages):
        for copies in COPIES[:-1]:
            probe = self.engine(stages, self.texts.copies(copies))
            if min(run_once(self.place, probe).seconds for _ in range(3)) >= LEAST_S:
                return copies
        return COPIES[-1]

    def price(self, id, title, stages, keyed, judged=True):
        """C1: the same plan with and without a state, on an input on which the plain run takes a second."""
        targets = {"goal": 1 / 1.03, "step": 1 / 1.1} if judged else {}
        plain = self.engine(stages, self.texts.base(), "without --state", "scratch/plain",
                            answer="sorted" if keyed else "bytes", **targets)
        copies = 2 if self.place.short else self.enough_copies(stages)
        text = self.texts.copies(copies)
        plain.pipeline = self.engine(stages, text, output="scratch/plain").pipeline
        contestants = [self.engine(stages, text, "with --state", state=True), plain]
        note = "" if judged else "Reported only: each byte of the output is written twice."
        title = f"price of exactly-once, {title}, {copies} x {self.texts.base_mb} MB"
        return Row(id, title, self.bytes_of(text), "GB/s", contestants, note=note, is_price=True)

    def catalogue(self, full):
        """{id: how to make the row}"""
        rows = {"A1": self.word_count, "A2-W1": self.selective, "A2-W1t": self.dense, "A3": self.filter_count}
        if full:
            rows |= {"A1-10x": self.word_count_large, "A2-W1-10x": self.selective_large, "A2-W1t-10x": self.dense_large}
        for state in (False, True):
            end = "-state" if state else ""
            rows |= {
                "B1-c" + end: lambda s=state: self.c_program(s),
                "B1-awk" + end: lambda s=state: self.awk_program(s),
                "B2-upper" + end: lambda s=state: self.line_loop(s),
                "B2-words" + end: lambda s=state: self.tokenizer(s),
            }
        return rows | {
            "C1-A1": lambda: self.price("C1-A1", "word count", "words | count", True),
            "C1-A2-W1t": lambda: self.price("C1-A2-W1t", "W1t", "grep the | replace the THE", False),
            "C1-copy": lambda: self.price("C1-copy", "copy all", "identity", False, judged=False),
            "C1-A2-W1": lambda: self.price("C1-A2-W1", "W1", "grep -i science | replace the THE", False),
            "C1-A3": lambda: self.price("C1-A3", "W2", "grep -i science | words | count", True),
        }
