"""What tests and benchmarks ask of a running node: its process, by the lock it holds, and its API, by its socket."""
import fcntl
import http.client
import json
import socket


def holder(lock):
    """The process that holds a lock; None: nobody."""
    try:
        with open(lock, "r+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return None
            except BlockingIOError:
                words = file.read().split()
                return int(words[1]) if words[:1] == ["pid"] else None
    except FileNotFoundError:
        return None


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path_of_socket, method, path, body=None):
    """(status, body): JSON comes as what it says, all else as text."""
    connection = UnixConnection(path_of_socket)
    try:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    return answer.status, json.loads(text) if "json" in (answer.headers["Content-Type"] or "") else text
