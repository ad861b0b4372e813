"""The tables of RESULTS.md."""
import datetime
import re
from dataclasses import dataclass, field
from statistics import median


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


STATISTICS = {"min": min, "p50": median, "p99": lambda values: percentile(values, 0.99), "max": max}


@dataclass
class Figures:
    """A row whose numbers are no race: latencies, memory, instructions. Less is better."""
    id: str
    title: str
    argv: list
    unit: str
    targets: dict  # statistic -> (goal, step)
    equal: bool = None
    note: str = ""
    values: list = field(default_factory=list)  # (name, [value], targets)

    def add(self, name, values, targets=None):
        if not values:
            raise RuntimeError(f"{self.id}: no values for {name}")
        self.values.append((name, values, self.targets if targets is None else targets))


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def three(values):
    return f"{number(min(values))} / {number(median(values))} / {number(max(values))}"


def reached(is_reached):
    return "yes" if is_reached else "**no**"


def verdict(value, target, at_least):
    """`>= 4: yes`, or nothing without a target."""
    if target is None:
        return ""
    sign, good = ("≥", value >= target) if at_least else ("≤", value <= target)
    return f"{sign} {target:.3g}: {reached(good)}"


def table(head, lines):
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def shown_pipeline(place, contestant):
    text = " | ".join(place.shown(argv) for argv in contestant.pipeline)
    return text + (f" > {contestant.output}" if contestant.to_stdout else "")


def answer_of(row, contestant):
    if contestant.name in row.wrong:
        return "**different**"
    return "equal" if contestant.answer != "nothing" else ""


def race_section(place, row):
    lines = []
    for contestant in row.contestants:
        seconds = row.seconds(contestant.name)
        rate = row.work / median(seconds)
        first = contestant is row.contestants[0]
        ratios = row.ratios(contestant.name)
        lines.append([contestant.name, three(seconds), number(rate), "" if first else three(ratios),
                      "" if first else verdict(median(ratios), contestant.step, True),
                      verdict(rate, row.goal_rate, True) if first else verdict(median(ratios), contestant.goal, True),
                      answer_of(row, contestant)])
    head = ["", "seconds: min / median / max", row.unit, "time ÷ first: min / median / max", "step", "goal", "answer"]
    commands = "\n".join(shown_pipeline(place, contestant) for contestant in row.contestants)
    note = f"{row.remark()}\n\n" if row.remark() else ""
    return f"### {row.id}: {row.title}\n\n{note}{table(head, lines)}\n\n```\n{commands}\n```\n"


def figures_section(place, figures):
    lines = []
    for name, values, targets in figures.values:
        cells = [number(STATISTICS[s](values)) for s in STATISTICS]
        verdicts = [[f"{s} {verdict(STATISTICS[s](values), target[kind], False)}" for s, target in targets.items()
                     if target[kind] is not None] for kind in (1, 0)]
        lines.append([name, str(len(values)), *cells, *(", ".join(v) for v in verdicts)])
    head = [figures.unit, "values", *STATISTICS, "step", "goal"]
    answer = {None: "", True: " The answer was exact.", False: " **The answer was wrong.**"}[figures.equal]
    note = (figures.note + answer).strip()
    return (f"### {figures.id}: {figures.title}\n\n" + (f"{note}\n\n" if note else "") +
            f"{table(head, lines)}\n\n```\n{place.shown(figures.argv)}\n```\n")


def race_summary(row):
    first = row.contestants[0]
    rate = row.rate()
    mine = [row.id, row.title, f"{number(median(row.seconds(first.name)))} s = {number(rate)} {row.unit}"]
    if row.goal_rate:
        yield mine + [row.unit, "", "", verdict(rate, row.goal_rate, True)]
    for contestant in row.contestants[1:]:
        ratio = median(row.ratios(contestant.name))
        yield mine + [contestant.name, number(ratio), verdict(ratio, contestant.step, True),
                      verdict(ratio, contestant.goal, True)]
        mine = ["", "", ""]


def figures_summary(figures):
    for name, values, targets in figures.values:
        for statistic, (goal, step) in targets.items():
            value = STATISTICS[statistic](values)
            if goal is not None or step is not None:
                yield [figures.id, f"{figures.title}: {name}", f"{statistic} {number(value)} {figures.unit}", "", "",
                       verdict(value, step, False), verdict(value, goal, False)]


def summary(sections):
    lines = []
    for section in sections:
        new = list(figures_summary(section) if isinstance(section, Figures) else race_summary(section))
        lines += new
    return table(["row", "what", "RainStorm", "against", "its time ÷ ours", "step", "goal"], lines)


INTRODUCTION = """\
Written by `{command}` on {date}, all rows in one run.
Each contestant is a whole process, its start included; the inputs lie in the page cache, outputs are written to files
on disk. After a round to warm up, in which all answers are compared, the contestants take turns; {rounds} rounds are
measured, and a ratio is the median of the ratios of each round. `LC_ALL=C` for all, in the
folder `build/bench`. *Step* is what this version aims at, *goal* what the project aims at; bounds are small programs
(`bench/bounds`) that do nothing but the heart of the task. Nobody but RainStorm syncs its output.
"""


def pairs(items):
    return table(["", ""], [[name, value] for name, value in items])


def write_part(path, part):
    """A report has parts, each of a command of its own, that begin with `# TITLE`: the others stay as they are."""
    try:
        with open(path, encoding="utf-8") as file:
            parts = [old for old in re.split(r"(?m)^(?=# )", file.read()) if old.strip()]
    except FileNotFoundError:
        parts = []
    title = part.split("\n", 1)[0]
    at = next((i for i, old in enumerate(parts) if old.split("\n", 1)[0] == title), len(parts))
    parts[at:at + 1] = [part]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(each.rstrip("\n") + "\n" for each in parts))


def render(place, sections, facts, command, rounds):
    """`facts`: machine, versions, inputs as lists of pairs."""
    races = [race_section(place, s) if not isinstance(s, Figures) else figures_section(place, s) for s in sections]
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    parts = ["# What was measured\n", INTRODUCTION.format(command=command, date=date, rounds=rounds)]
    for title, items in facts:
        parts.append(f"## {title}\n\n{pairs(items)}\n")
    parts.append(f"## Summary\n\n{summary(sections)}\n")
    if place.failures:
        parts.append("## What failed\n\n" + "\n".join(f"* {failure}" for failure in place.failures) + "\n")
    parts.append("## Rows\n")
    return "\n".join(parts + races)
