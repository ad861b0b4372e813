"""What tidy reads: the files of the tree, and just enough of C++ to find its functions and classes."""
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property

SKIPPED_FOLDERS = {".git", "build", "demo", "__pycache__"}
LITERALS = re.compile(
    r"""R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)" | "(?:\\.|[^"\\\n])*" | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
        | (?P<comment>//[^\n]* | /\*.*?\*/)""", re.X | re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M | re.S)
TEMPLATE = re.compile(r"template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>\s*(?:requires[^{;]*?(?=\b(?:class|struct)\b))?")
ACCESS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:\s*)+")
CLASS = re.compile(r"^\s*(?:class|struct|union)\b(?:\s*\[\[.*?\]\]|\s*alignas\(.*?\))*\s*(?P<name>[\w:]*)")
INITIALIZER = re.compile(r"\)[^:]*(?<!:):(?!:).*[\w>]\s*$", re.S)  # X() : member_ { ... the brace of a member


def blank(text):
    """The same lines, without what stood in them."""
    return "\n" * text.count("\n")


@dataclass
class Block:
    """A function or a class: lines from its head to its closing brace, counted from 1."""
    kind: str
    name: str
    first: int
    last: int
    body: str

    @property
    def length(self):
        return self.last - self.first + 1


class Source:
    def __init__(self, root, path):
        self.path = path
        full = os.path.join(root, path)
        self.size = os.path.getsize(full)
        self.text = ""
        if self.size <= 1_000_000:
            with open(full, encoding="utf-8", errors="replace") as file:
                self.text = file.read()
        self.lines = self.text.splitlines()

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    @property
    def is_cpp(self):
        return self.path.endswith((".cc", ".h", ".def"))

    @property
    def is_python(self):
        return self.path.endswith(".py") or self.text.startswith("#!/usr/bin/env python3")

    @property
    def is_code(self):
        return self.is_cpp or self.is_python or self.path.endswith(".sh") or self.text.startswith("#!/")

    @property
    def is_unit_test(self):
        return re.search(r"_test\.(cc|h|py)$", self.path) is not None

    @property
    def is_test(self):
        return self.is_unit_test or self.is_fixture or self.path.startswith(("test/", "fuzz/"))

    @property
    def is_fixture(self):
        """A header that only unit tests include: rig.h, task_rig.h, test_tree.h."""
        return re.search(r"(?:^|[/_])rig\.h$|(?:^|/)test_\w+\.h$", self.path) is not None

    @property
    def is_job_test(self):
        return self.path.startswith("test/") and self.path.endswith(".test")

    @property
    def module(self):
        """The module of a file below src/, else ""."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else ""

    @cached_property
    def without_comments(self):
        return LITERALS.sub(lambda m: blank(m.group()) or " " if m.group("comment") else m.group(), self.text)

    @cached_property
    def code(self):
        """The text without comments, and with "" for every literal. Lines stay where they are."""
        return LITERALS.sub(lambda m: blank(m.group()) or " " if m.group("comment") else '""' + blank(m.group()),
                            self.text)

    @cached_property
    def code_lines(self):
        """How many lines hold more than blanks and comments."""
        if self.is_cpp:
            return sum(1 for line in self.code.splitlines() if line.strip())
        return sum(1 for line in self.lines if line.strip() and not line.strip().startswith("#"))

    @cached_property
    def comments(self):
        """(line, text without the slashes) of each // comment."""
        return [(self.line_of(m.start()), m.group()[2:].strip()) for m in LITERALS.finditer(self.text)
                if m.group("comment") and m.group().startswith("//")]

    @cached_property
    def includes(self):
        return [(self.line_of_stripped(m.start()), m.group(1)) for m in
                re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"][^">\n]+)[">]', self.without_comments, re.M)]

    def line_of_stripped(self, offset):
        return self.without_comments.count("\n", 0, offset) + 1

    @cached_property
    def blocks(self):
        return find_blocks(PREPROCESSOR.sub(lambda m: blank(m.group()), self.code))


def kind_of(head, outer):
    """What the brace after `head` opens; `outer` are the kinds of the braces around it."""
    if any(kind not in ("scope", "class") for kind in outer):
        return "inner", ""
    head = ACCESS.sub("", TEMPLATE.sub("", head))
    if re.match(r"\s*(?:inline\s+)?namespace\b|\s*extern\s*\"\"\s*$", head):
        return "scope", ""
    named = CLASS.match(head)
    if named and "(" not in head[named.end():].split(":")[0]:
        return "class", named.group("name")
    if head.count("(") != head.count(")") or INITIALIZER.search(head):
        return "part", ""
    return ("function", head.split("(")[0].split()[-1]) if re.search(r"\w\s*\(|\boperator\b|\[.*\]\s*\(", head) else ("inner", "")


def find_blocks(code):
    found, open_blocks, head_start = [], [], 0
    for m in re.finditer(r"[{};]", code):
        if m.group() == ";":
            head_start = m.end()
        elif m.group() == "{":
            kind, name = kind_of(code[head_start:m.start()], [b[0] for b in open_blocks])
            open_blocks.append((kind, name, head_start, m.end()))
            head_start = m.end()
        elif open_blocks:
            kind, name, start, body = open_blocks.pop()
            head_start = start if kind == "part" else m.end()
            if kind in ("function", "class"):
                blanks = len(code[start:]) - len(code[start:].lstrip())
                found.append(Block(kind, name, code.count("\n", 0, start + blanks) + 1,
                                   code.count("\n", 0, m.start()) + 1, code[body:m.start()]))
    return found


def read_tree(root):
    """All files that are tracked or could be; without git, all files."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True)
    if listed.returncode == 0:
        paths = listed.stdout.decode().split("\0")
    else:
        paths = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
            paths += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return [Source(root, path) for path in sorted(set(paths)) if path and os.path.isfile(os.path.join(root, path))]
