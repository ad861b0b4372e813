"""G2 (memory), G4 (instructions per word), the machine's own speed, and profiles."""
import os
import re
import shutil
import subprocess
from statistics import median

from contest import Failed, run_once
from inputs import words_in
from place import output_of, say
from report import Figures


def memory(place, rows):
    """G2: the resident set of a word count at its greatest."""
    title = f"greatest resident set of a word count, {rows.texts.base_mb} MB"
    figures = Figures("G2", title, [], "MB", {"max": (150, None)})
    for name, state in (("RainStorm", False), ("RainStorm, --state", True)):
        engine = rows.engine("words | count", rows.texts.base(), name, state=state)
        figures.argv = figures.argv or engine.pipeline[0]
        figures.add(name, [run_once(place, engine).rss_mb for _ in range(3)])
    for peer in rows.peers(["count"], rows.texts.base(), "nothing"):
        figures.add(peer.name, [run_once(place, peer).rss_mb for _ in range(3)], {"max": (None, None)})
    return figures


def instructions(place, rows):
    """G4: callgrind on one core, whole process; None without valgrind."""
    if not shutil.which("valgrind"):
        say("bench: G4 is left out: no valgrind")
        return None
    text = rows.texts.of_megabytes(1 if place.short else 10)
    engine = rows.engine("words | count", text)
    argv = ["taskset", "-c", "0", "valgrind", "--tool=callgrind", "--callgrind-out-file=scratch/callgrind",
            *engine.pipeline[0]]
    done = subprocess.run(argv, cwd=place.folder, env=place.environment, capture_output=True, text=True)
    collected = re.findall(r"Collected : (\d+)", done.stderr)
    if done.returncode or not collected:
        raise Failed(f"callgrind: exit {done.returncode}: {done.stderr[-300:]}")
    words = words_in(place.path(text))
    figures = Figures("G4", f"instructions a word, word count of {words / 1e6:.2f} M words", argv, "instructions",
                      {"max": (120, None)},
                      note="All instructions of the process, start and output included, by the words of the input.")
    figures.add("RainStorm", [int(collected[-1]) / words])
    return figures


def physics(place):
    """[(what, value)]: what this machine can do at the moment of the run."""
    if not place.has_bound("copy"):
        return []
    def rate(threads):
        return median(float(output_of(place.path("bin", "copy"), str(threads), default="0")) for _ in range(3))
    return [("memcpy", f"{rate(1):.1f} GB/s on one core, {rate(2):.1f} GB/s on two")]


def profile(place, contestant):
    """Where the time of a row's first contestant goes, as text."""
    if not shutil.which("perf"):
        return "no perf on this machine"
    data = place.path("scratch/perf.data")
    run_once(place, contestant)
    sample = run_once(place, contestant)
    for name in (contestant.output, *contestant.leaves):
        if name and os.path.isfile(place.path(name)):
            os.unlink(place.path(name))
        elif name:
            shutil.rmtree(place.path(name), ignore_errors=True)
    subprocess.run(["perf", "record", "-q", "-F", "4999", "-e", "cpu-clock", "-o", data, "--", *contestant.pipeline[0]],
                   cwd=place.folder, env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    texts = [f"{place.shown(contestant.pipeline[0])}\n{sample.seconds:.3f} s"]
    for keys, least in (("dso", "0.5"), ("comm", "0.5"), ("comm,symbol", "0.8")):
        report = output_of("perf", "report", "-i", data, "--stdio", "-g", "none", "--sort", keys,
                           "--percent-limit", least)
        lines = (re.sub(r"(\s+-)+\s*$", "", line)[:160] for line in report.splitlines() if line and line[0] != "#")
        texts.append("\n".join(lines))
    return "\n\n".join(texts)
