"""Real clusters on loopback, ours and hashicorp/memberlist, behind one face: start, kill, what the lists learned."""
import calendar
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

from place import ROOT, say

sys.path.insert(0, os.path.join(ROOT, "test"))
from node_client import ask, holder  # noqa: E402

PATIENCE_S = 60


@dataclass
class Failure:
    """One list calls one node failed."""
    at_ns: int
    observer: str
    subject: str


def eventually(what, holds):
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > PATIENCE_S:
            raise RuntimeError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.05)


def names_of(nodes):
    return [f"n{i}" for i in range(1, nodes + 1)]


class Rainstorm:
    LINE = re.compile(r"(\d+-\d+-\d+T\d+:\d+:\d+)\.(\d+)Z \w+ fail node=(\S+)")

    def __init__(self, binary, mode, suspicion):
        self.binary = binary
        self.protocol = {"mode": mode, "suspicion": suspicion}
        self.name = f"RainStorm {mode}{'+suspicion' if suspicion else ''}"

    def start(self, nodes, drop=0.0):
        self.folder = tempfile.mkdtemp(prefix="rs-bench-")
        self.names = names_of(nodes)
        subprocess.run([self.binary, "dev", "cluster", str(nodes), "--dir", self.folder, "--detach", "--quiet"],
                       check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.call("n1", "PUT", "/api/v1/protocol", self.protocol)
        self.call("n1", "PUT", "/api/v1/drop", {"fraction": drop, "all": True})
        for name in self.names:
            eventually("the mode", lambda name=name: self.call(name, "GET", "/api/v1/protocol") == self.protocol)
            eventually("the drop", lambda name=name: self.call(name, "GET", "/api/v1/drop")["fraction"] == drop)

    def call(self, name, method, path, body=None):
        status, answer = ask(os.path.join(self.folder, name, "api.sock"), method, path, body)
        if status != 200:
            raise RuntimeError(f"{method} {path} at {name}: {status} {answer}")
        return answer

    def pid(self, name):
        """Of the process that holds the lock of the node; else it may be anybody's."""
        pid = holder(os.path.join(self.folder, name, "lock"))
        if pid is None:
            raise RuntimeError(f"{name} does not run")
        return pid

    def kill(self, names):
        for pid in [self.pid(name) for name in names]:
            os.kill(pid, signal.SIGKILL)

    def failures(self):
        for name in self.names:
            for path in glob.glob(os.path.join(self.folder, name, "log", "node.log*")):
                with open(path, encoding="utf-8") as file:
                    for match in map(self.LINE.match, file):
                        if match:
                            at = calendar.timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))
                            yield Failure(at * 10**9 + int(match[2]) * 10**6, name, match[3])

    def sent(self):
        """Bytes of all nodes since their start: datagrams and exchanges, payload alone."""
        line = re.compile(r'rainstorm_member_(?:datagram|exchange)_bytes_total\{direction="out"\} (\d+)')
        return sum(int(n) for name in self.names for n in line.findall(self.call(name, "GET", "/metrics")))

    def stop(self):
        subprocess.run([self.binary, "dev", "stop", "--dir", self.folder, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Memberlist:
    FIRST_PORT = 17801

    def __init__(self, program, config):
        self.program = program
        self.config = config
        self.name = f"memberlist {config}"

    def start(self, nodes, drop=0.0):
        self.names = names_of(nodes)
        self.lines = []
        self.processes = {}
        for number, name in enumerate(self.names):
            argv = [self.program, "--name", name, "--port", str(self.FIRST_PORT + number), "--config", self.config,
                    "--drop", str(drop)]
            if number:
                argv += ["--join", f"127.0.0.1:{self.FIRST_PORT}"]
            self.processes[name] = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            threading.Thread(target=self.read, args=(name,), daemon=True).start()
        eventually("all joined", lambda: all(len({line[3] for line in list(self.lines) if line[1:3] == [name, "join"]})
                                             == nodes for name in self.names))

    def read(self, name):
        for line in self.processes[name].stdout:
            at, kind, what = line.split()
            self.lines.append([int(at), name, kind, what])

    def kill(self, names):
        for name in names:
            self.processes[name].kill()

    def failures(self):
        for at, observer, kind, what in list(self.lines):
            if kind == "leave":
                yield Failure(at, observer, what)

    def sent(self):
        time.sleep(1.1)  # each tells once a second
        last = {name: int(what) for _, name, kind, what in list(self.lines) if kind == "sent"}
        return sum(last.values())

    def stop(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


def build_memberlist(folder):
    """The program, or None where there is no Go or no way to its modules."""
    go = shutil.which("go") or "/usr/local/go/bin/go"
    program = os.path.join(folder, "bin", "memberlist")
    os.makedirs(os.path.dirname(program), exist_ok=True)
    try:
        subprocess.run([go, "build", "-o", program, "."], check=True, capture_output=True, text=True,
                       cwd=os.path.join(ROOT, "bench", "peers", "memberlist"))
    except (OSError, subprocess.CalledProcessError) as failure:
        say(f"bench: without memberlist: {getattr(failure, 'stderr', None) or failure}")
        return None
    return program
