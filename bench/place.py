"""Where a measurement happens: folders, programs, and what is known of the machine."""
import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ("duckdb", "polars")
BOUNDS = ("copy", "scan", "count")


def say(text, end="\n"):
    print(text, file=sys.stderr, end=end, flush=True)


def output_of(*argv, default="", cwd=ROOT):
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=True, cwd=cwd).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return default


def text_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


@dataclass
class Place:
    """Every program runs in `folder`, so that all paths in its command are short."""
    binary: str
    folder: str
    short: bool = False
    failures: list = field(default_factory=list)

    def __post_init__(self):
        self.binary = os.path.relpath(self.binary, self.folder)
        for name in ("data", "scratch", "bin"):
            os.makedirs(self.path(name), exist_ok=True)
        self.environment = {**os.environ, "LC_ALL": "C"}
        self.packages = set()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def source(self, *names):
        return os.path.relpath(os.path.join(ROOT, "bench", *names), self.folder)

    @property
    def venv_python(self):
        return "venv/bin/python"

    def shown(self, argv):
        """An argv as a person would type it in the folder of the bench."""
        words = ["rainstorm" if word == self.binary else word.replace(sys.executable, "python3") for word in argv]
        return " ".join(shlex.quote(word) for word in words)

    def build_bounds(self):
        """Bounds may use whatever this machine has; without AVX2 they are left out."""
        for name in BOUNDS:
            done = subprocess.run(["g++", "-std=c++20", "-O3", "-march=native", "-pthread",
                                   os.path.join(ROOT, "bench", "bounds", name + ".cc"), "-o", self.path("bin", name)],
                                  capture_output=True, text=True)
            if done.returncode:
                say(f"bench: bound {name} does not compile here: {done.stderr.strip().splitlines()[:1]}")

    def has_bound(self, name):
        return os.path.exists(self.path("bin", name))

    def install_peers(self):
        """DuckDB and Polars in a virtual environment of their own. Without a network the rows go without them."""
        python = self.path(self.venv_python)
        if not os.path.exists(python):
            say("bench: making build/bench/venv")
            subprocess.run([sys.executable, "-m", "venv", self.path("venv")], stdout=sys.stderr, check=False)
        for package in PACKAGES:
            if not output_of(python, "-c", f"import {package}; print(1)"):
                say(f"bench: installing {package}")
                subprocess.run([python, "-m", "pip", "install", "-q", package], stdout=sys.stderr, check=False)
        self.find_peers()

    def find_peers(self):
        self.packages = {p for p in PACKAGES if output_of(self.path(self.venv_python), "-c", f"import {p}; print(1)")}

    def clean(self):
        shutil.rmtree(self.path("scratch"), ignore_errors=True)


def first_value(text, name):
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith(name)), "unknown")


def machine(place):
    """[(what, value)] for the head of the report."""
    memory_gib = int(first_value(text_of("/proc/meminfo"), "MemTotal").split()[0]) / 2**20
    mount = output_of("df", "--output=source,fstype", place.folder).splitlines()[-1].split()
    return [
        ("processor", f"{first_value(text_of('/proc/cpuinfo'), 'model name')}, {os.cpu_count()} cores"),
        ("memory", f"{memory_gib:.1f} GiB"),
        ("disk of the outputs", " ".join(mount)),
        ("kernel", platform.release()),
        ("load when it began", " ".join(text_of("/proc/loadavg").split()[:3])),
    ]


def versions(place):
    python = place.path(place.venv_python)
    found = [("rainstorm", output_of(place.path(place.binary), "version") + ", commit " +
              output_of("git", "describe", "--always", "--dirty")),
             ("g++", output_of("g++", "-dumpfullversion")),
             ("python3", platform.python_version())]
    for package in sorted(place.packages):
        found.append((package, output_of(python, "-c", f"import {package}; print({package}.__version__)")))
    for name, option in (("grep", "--version"), ("sed", "--version"), ("mawk", "-Wversion"), ("rg", "--version")):
        said = output_of(name, option).splitlines()
        found.append((name, said[0] if said else "absent"))
    return found
