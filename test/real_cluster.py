"""Real nodes on loopback for tests: each test has a cluster of its own, started by `rainstorm dev cluster`. It polls
through the public API until what must hold does hold, with a bound that only a broken node exceeds; how long that took
is reported and never asserted (the simulator does that). Processes are found by the locks they hold, and at the end of
each test none is left.
"""
import argparse
import ctypes
import glob
import json
import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from node_client import ask, holder

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATIENCE_S = 60


class Failed(Exception):
    """Something does not hold."""


def check(holds, what):
    if not holds:
        raise Failed(what)


class Writings:
    """Wakes who waits when a file of a watched folder is written, made or renamed: most of what is awaited is logged."""
    MODIFY, MOVED_TO, CREATE = 0x2, 0x80, 0x100  # inotify(7)
    LOOK_AGAIN_S = 0.02                          # for what is in no log

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        check(self.fd >= 0, f"inotify: {os.strerror(ctypes.get_errno())}")

    def watch(self, folder):
        added = self.libc.inotify_add_watch(self.fd, os.fsencode(folder), self.MODIFY | self.MOVED_TO | self.CREATE)
        check(added >= 0, f"inotify of {folder}: {os.strerror(ctypes.get_errno())}")

    def wait(self):
        if select.select([self.fd], [], [], self.LOOK_AGAIN_S)[0]:
            os.read(self.fd, 1 << 16)


WRITINGS = Writings()


def eventually(what, holds, patience=PATIENCE_S):
    """Seconds until it held; what `holds` answers last is part of the failure."""
    start = time.monotonic()
    while True:
        answer = holds()
        if answer is True:
            return time.monotonic() - start
        if time.monotonic() - start > patience:
            raise Failed(f"{what}: not within {patience} s; {answer}")
        WRITINGS.wait()


class Cluster:
    def __init__(self, binary):
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="rs-nodes-")
        self.names = []
        self.told = []  # times, for the report
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("RAINSTORM_")}
        self.environment["RAINSTORM_CLUSTER"] = self.folder

    def run(self, *words, wanted=0, env=None):
        done = subprocess.run([self.binary, *words], env=env or self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=2 * PATIENCE_S)
        check(done.returncode == wanted,
              f"{' '.join(words)}: exit {done.returncode}, not {wanted}: {done.stdout}{done.stderr}")
        return done

    def start(self, count):
        self.names = [f"n{i}" for i in range(1, count + 1)]
        done = self.run("dev", "cluster", str(count), "--detach", "--json")
        check(json.loads(done.stdout) == {"cluster": self.folder, "nodes": self.names}, done.stdout)
        for name in self.names:
            WRITINGS.watch(self.path(name, "log"))
        return self

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def pid(self, name):
        return holder(self.path(name, "lock"))

    def signal(self, name, number):
        pid = self.pid(name)
        check(pid is not None, f"{name} runs")
        os.kill(pid, number)

    def call(self, name, method, path, body=None, wanted=200):
        status, answer = ask(self.path(name, "api.sock"), method, path, body)
        check(status == wanted, f"{method} {path} at {name}: {status} {answer}")
        return answer

    def list(self, name):
        return {node["name"]: node for node in self.call(name, "GET", "/api/v1/nodes")["nodes"]}

    def see(self, observers, subjects, state):
        """True, or who sees what else."""
        for observer in observers:
            try:
                seen = self.list(observer)
            except OSError as error:
                return f"{observer}: {error}"
            for subject in subjects:
                found = seen.get(subject, {}).get("state", "unknown")
                if found != state:
                    return f"{observer} sees {subject} {found}"
        return True

    def await_state(self, subjects, state, observers=None):
        if observers is None:
            observers = [name for name in self.names if name not in subjects or state == "alive"]
        seconds = eventually(f"{'+'.join(subjects)} {state} in all lists", lambda: self.see(observers, subjects, state))
        self.told.append(f"{'+'.join(subjects)} {state} after {seconds:.1f} s")

    def await_all_alive(self):
        self.await_state(self.names, "alive")

    def identity(self, name):
        with open(self.path(name, "identity"), encoding="ascii") as file:
            words = file.read().split()
        return words[words.index("node") + 1], int(words[words.index("generation") + 1])

    def log(self, name):
        text = ""
        for path in sorted(glob.glob(self.path(name, "log", "node.log*")), reverse=True):
            with open(path, encoding="utf-8") as file:
                text += file.read()
        return text.splitlines()

    def await_line(self, name, *words):
        eventually(f"a line of {name}'s log with {words}",
                   lambda: any(all(word in line for word in words) for line in self.log(name)) or self.log(name)[-3:])

    def metric(self, name, metric):
        for line in self.call(name, "GET", "/metrics").splitlines():
            if line.startswith(metric + " "):
                return float(line.split()[1])
        raise Failed(f"{name} has no metric {metric}")

    def locks(self):
        return [self.path("dev.lock"), *glob.glob(self.path("*", "lock"))]

    def await_none(self):
        """All processes have ended."""
        eventually("all ended", lambda: not any(map(holder, self.locks())) or list(map(holder, self.locks())))

    def end(self, keep):
        try:
            if holder(self.path("dev.lock")):
                self.run("dev", "stop", "--quiet")
            self.await_none()
        finally:
            for lock in self.locks():
                pid = holder(lock)
                if pid:
                    os.kill(pid, signal.SIGKILL)
            if not keep:
                shutil.rmtree(self.folder)


def play(test, options):
    cluster = Cluster(options.binary)
    start = time.monotonic()
    problem = None
    try:
        test(cluster)
    except (Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        problem = f"{type(error).__name__}: {error}"
    try:
        cluster.end(options.keep or problem is not None)
    except (Failed, OSError, subprocess.TimeoutExpired) as error:
        problem = problem or f"at its end: {error}"
    print(f"{'FAILED' if problem else 'ok    '} {test.__name__}  {time.monotonic() - start:.1f} s", flush=True)
    for line in cluster.told:
        print(f"         {line}")
    if problem:
        print(f"       {problem}\n       kept {cluster.folder}", flush=True)
    return problem is None


def main(tests, doc):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/release/rainstorm"))
    parser.add_argument("-k", default="", help="only tests with this word in their name")
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    chosen = [test for test in tests if options.k in test.__name__]
    if not chosen:
        parser.error(f"no test has {options.k} in its name")
    good = [play(test, options) for test in chosen]
    print(f"{sum(good)} of {len(good)} tests passed")
    return 0 if all(good) else 1


# What a person types and sees, checked: test/acceptance

def quoted(command):
    return f'"{command}"' if "'" in command else shlex.quote(command)


class Screen:
    """A cluster, and the screen on which its commands are seen."""

    def __init__(self, options):
        self.cluster = Cluster(options.binary)

    def __getattr__(self, name):
        return getattr(self.cluster, name)

    def show(self, text, most=3):
        lines = text.splitlines()
        for line in lines[:most]:
            print(f"      {line[:150]}")
        if len(lines) > most:
            print(f"      ... {len(lines) - most:,} more lines")
        sys.stdout.flush()

    def shell(self, command, node="", wanted=0, most=3):
        """What the classic command says, as seen through one node."""
        print(f"    $ rainstorm shell -c {quoted(command)}" + (f" --node {node}" if node else ""))
        done = self.run("shell", "-c", command, *(["--node", node] if node else []), wanted=wanted)
        self.show(done.stdout, most)
        self.show(done.stderr, most)
        return done

    def tell(self, text):
        print(f"    {text}", flush=True)


ROWS = []


def row(section, item):
    def enter(function):
        ROWS.append((section, item, function))
        return function
    return enter


def play_rows(screen):
    """How many rows do not hold."""
    failed, section = 0, None
    for of, item, function in ROWS:
        if of != section:
            print(f"\n{of}", flush=True)
            section = of
        begin = time.monotonic()
        print(f"  {item}", flush=True)
        try:
            function(screen)
            print(f"  ok       {item}  ({time.monotonic() - begin:.1f} s)", flush=True)
        except (Failed, OSError, ValueError, KeyError, TypeError, AttributeError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"  FAILED   {item}: {type(error).__name__}: {error}", flush=True)
    return failed


def accept(part, doc, count, screen_of):
    """Plays all rows on so many nodes."""
    parser = argparse.ArgumentParser(prog=f"./dev acceptance {part}", description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "release", "rainstorm"))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("-k", default="", help="only rows with this word in their section or name")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    ROWS[:] = [each for each in ROWS if options.k in f"{each[0]}: {each[1]}"]
    screen = screen_of(options)
    failed = len(ROWS)
    try:
        screen.start(count)
        failed = play_rows(screen)
    finally:
        screen.end(keep=failed > 0)
        if failed:
            print(f"kept {screen.folder}")
    print(f"\n{len(ROWS) - failed} of {len(ROWS)} rows hold")
    return 1 if failed else 0
