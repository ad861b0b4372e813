"""The pipelines of the crash test. Each knows the answer by other means than rainstorm, and what a reader may have
seen of it at any moment."""
import collections
import os
import subprocess
from dataclasses import dataclass, field

SPACES = b" \t\n\v\f\r"
C_LOCALE = dict(os.environ, LC_ALL="C")


def shell(line, source):
    """What a Unix pipe makes of the file. Exit 1 is grep's, when it finds nothing."""
    with open(source, "rb") as file:
        done = subprocess.run(["bash", "-c", line], stdin=file, stdout=subprocess.PIPE, env=C_LOCALE, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{line}: exit {done.returncode}")
    return done.stdout


def lines_of(path):
    with open(path, "rb") as file:
        text = file.read()
    return text.removesuffix(b"\n").split(b"\n") if text else []


def words_of(line):
    return line.translate(bytes.maketrans(SPACES, b" " * len(SPACES))).split(b" ")


def word_counts(lines):
    counts = collections.Counter(word for line in lines for word in words_of(line))
    del counts[b""]
    return counts


def sums_by_group(lines):
    sums = collections.Counter()
    for line in lines:
        _, group, number = line.split(b",")
        sums[group] += int(number)
    return sums


def keyed(table):
    return sorted(b"%b\t%d" % item for item in table.items())


class Mismatch(Exception):
    """The output is not the answer: lost, twice, or neither."""

    def __init__(self, lost, twice, what):
        super().__init__(what)
        self.lost, self.twice = lost, twice


def compare_lines(got, wanted):
    """Multisets of lines."""
    if got == wanted:
        return
    more, less = collections.Counter(got), collections.Counter(wanted)
    twice, lost = more - less, less - more
    raise Mismatch(lost.total(), twice.total(), f"lost {list(lost)[:3]}, too much {list(twice)[:3]}")


@dataclass
class Job:
    name: str
    line: str                       # IN and OUT stand for paths
    options: list = field(default_factory=list)
    reads: str = "text"             # or "csv": numbers in columns, or "keys": few of many lines are equal
    stdin: bool = False             # its input comes through a pipe, each time from the start
    appends: bool = True            # the output grows as epochs commit; else it appears whole, once

    @property
    def tail(self):
        """Its input grows while it runs, and it never ends by itself."""
        return self.reads == "tail"

    def answer(self, source):
        """What check() needs, computed without rainstorm."""
        raise NotImplementedError

    def check(self, output, answer):
        if output != answer:
            compare_lines(output.split(b"\n"), answer.split(b"\n"))
            raise Mismatch(0, 0, "the lines are in another order")


@dataclass
class PipeJob(Job):
    """Keeps the order of its input: the answer is that of a Unix pipe, byte for byte."""
    pipe: str = ""

    def answer(self, source):
        made = shell(self.pipe, source)
        return made if made.endswith(b"\n") or not made else made + b"\n"


@dataclass
class TableJob(Job):
    """One line for each key, in no order."""
    appends: bool = False
    fold: object = word_counts

    def answer(self, source):
        return keyed(self.fold(lines_of(source)))

    def check(self, output, answer):
        compare_lines(sorted(output.split(b"\n")[:-1]), answer)


@dataclass
class TopJob(Job):
    """The greatest numbers; which of equal ones is open."""
    appends: bool = False
    top: int = 20

    def answer(self, source):
        return word_counts(lines_of(source))

    def check(self, output, answer):
        rows = [line.split(b"\t") for line in output.split(b"\n")[:-1]]
        compare_lines([int(number) for _, number in rows], sorted(answer.values(), reverse=True)[:self.top])
        compare_lines([(word, int(number)) for word, number in rows],
                      [(word, answer[word]) for word, _ in rows])


@dataclass
class ChangesJob(Job):
    """A line for each change: the numbers of a key only rise, and its last one is the answer."""

    def answer(self, source):
        return word_counts(lines_of(source))

    def check(self, output, answer):
        last = {}
        for line in output.split(b"\n")[:-1]:
            word, number = line.split(b"\t")
            if int(number) <= last.get(word, 0):
                raise Mismatch(0, 1, f"{line} after {last[word]}")
            last[word] = int(number)
        compare_lines(keyed(last), keyed(answer))


JOBS = [
    PipeJob("filter, replace", "file:IN | grep -i science | replace the THE > file:OUT",
            pipe="grep -a -i science | sed s/the/THE/g"),
    PipeJob("every line", "file:IN | replace -E 'a(.)' 'A\\1' > file:OUT", pipe=r"sed -E 's/a(.)/A\1/g'"),
    PipeJob("columns", "file:IN | transform csv:3,1 > file:OUT", reads="csv", pipe="awk -F, '{print $3 \",\" $1}'"),
    PipeJob("program for each batch", "file:IN | exec sed s/the/THE/g > file:OUT", pipe="sed s/the/THE/g"),
    PipeJob("two programs", "file:IN | 3x exec tr a-z A-Z | exec sed s/THE/the/g > file:OUT",
            pipe="tr a-z A-Z | sed s/THE/the/g"),
    PipeJob("stages apart", "file:IN | 2x grep -v zz | 3x replace e EE > file:OUT", options=["--no-chain"],
            pipe="grep -a -v zz | sed s/e/EE/g"),
    PipeJob("tail", "tail:IN | grep -v zz > file:OUT", reads="tail", pipe="grep -a -v zz"),
    PipeJob("standard input", "grep -v zz > file:OUT", options=["--stdin=resend"], stdin=True, pipe="grep -a -v zz"),
    TableJob("standard input, count", "words | count > file:OUT", options=["--stdin=resend"], stdin=True),
    TableJob("words, count", "file:IN | words | count > file:OUT"),
    TableJob("parallel count", "file:IN | 3x words | 4x count > file:OUT", options=["--no-chain"]),
    TableJob("sum by column", "file:IN | by csv:2 | sum csv:3 > file:OUT", reads="csv", fold=sums_by_group),
    TableJob("program, count", "file:IN | exec tr ' ' '\\n' | words | count > file:OUT"),
    TableJob("many keys", "file:IN | count > file:OUT", reads="keys", fold=collections.Counter),
    TopJob("top", "file:IN | words | count | top 20 > file:OUT"),
    ChangesJob("changes", "file:IN | words | count > file:OUT", options=["--emit", "changes"]),
]
