"""The rules of tidy: each is a function that takes the tree and yields (path, line, message)."""
import ast
import re
from statistics import median

FILE_MEDIAN, FILE_95, FILE_HARD = 150, 600, 800
FUNCTION_95, FUNCTION_HARD = 45, 70
PURE_VIRTUALS, CONSTRUCTOR_ARGUMENTS = 7, 6
LARGEST_FILE = 1_000_000
CHECKS = 15  # for each 1,000 lines of code
SMALL_TREE = 1_000  # lines of code; a ratio of fewer says nothing

REAL = "src/io/real/"  # the only place that touches the system
REAL_FILES = re.compile("^" + REAL + r"|^src/base/log\.cc$")  # the log stands below io and writes its own file
SYSTEM_HEADERS = re.compile(
    r"<(?:sys/.*|linux/.*|netinet/.*|arpa/.*|unistd\.h|fcntl\.h|pthread\.h|signal\.h|poll\.h|dirent\.h|spawn\.h|"
    r"sched\.h|time\.h|ctime|thread|random|filesystem|fstream|future|semaphore|barrier|latch)$")
SYSTEM_WORDS = re.compile(
    r"\b(?:steady_clock|system_clock|high_resolution_clock|random_device|mt19937\w*|default_random_engine|this_thread|"
    r"jthread|std::thread|std::async)\b|(?<![\w.>:])(?:std::|::)?(?:s?rand|fopen|popen|system|getpid|getenv|gettimeofday|"
    r"clock_gettime|fork|execve|mmap|sigaction|raise)\s*\(|(?<![\w.>:])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&)")
SHARED_HEADERS = re.compile(r"<(?:mutex|shared_mutex|atomic|condition_variable|stdatomic\.h)$")
SHARED_WORDS = re.compile(r"\bstd::(?:atomic\w*|mutex|shared_mutex|condition_variable\w*)\b|\babsl::Mutex\b")
SHARED_FILES = re.compile(r"^src/io/real/|^src/base/log|(?:^|[/_])(?:queue|metrics|buffer)")
ENDINGS = re.compile(r"(?<![\w.>:])(?:std::|::)?(?:_?exit|_Exit|quick_exit|abort|terminate)\s*\((?!\s*\)\s*(?:=|const|override|\{))")
ENDING_FILES = ("src/main/", REAL, "src/base/check.cc")
VAGUE = "Util|Utils|Utility|Helper|Helpers|Common|Manager|Misc"
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:home|root|work|Users|mnt|media)/\w")
SLEEP = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|SleepFor)\b|(?<!\w)(?:time\.)?sleep\s*\(")
DEAD_CODE = re.compile(
    r"^#\s*(?:include|define|if|ifdef|ifndef|endif|else|pragma)\b|^[{}]+;?$|^(?:return|break|continue|goto|delete)\b.*;$|"
    r"^(?:if|for|while|switch)\s*\(.*\)\s*\{?$|^[\w:<>*&\[\]. ]+\s[-+|&]?=\s.*;$|^[\w:>.\-]+\(.*\);$")


def offences(source, text, pattern):
    """(line, what matched) of a pattern in a text that has the lines of the source."""
    return [(text.count("\n", 0, m.start()) + 1, m.group().strip()) for m in pattern.finditer(text)]


def modules_of(tree):
    """{module: what it names as USES} from CMakeLists.txt."""
    text = next((s.text for s in tree if s.path == "CMakeLists.txt"), "")
    modules = {}
    for m in re.finditer(r"^\s*rs_module\(([^)]*)\)", text, re.M):
        name, *words = m.group(1).split()
        uses = words[words.index("USES") + 1:] if "USES" in words else []
        modules[name] = uses[:uses.index("LIBS")] if "LIBS" in uses else uses
    return modules


def reach(modules, name, seen=()):
    """What `name` may include. None: it reaches itself."""
    found = {name}
    for used in modules.get(name, []):
        below = None if used in seen + (name,) else reach(modules, used, seen + (name,))
        if below is None:
            return None
        found |= below
    return found


def edges(tree):
    modules = modules_of(tree)
    for name in modules:
        if reach(modules, name) is None:
            yield "CMakeLists.txt", 1, f"module {name} uses itself in a circle"
    known = modules.keys() | {s.module for s in tree}
    for source in tree:
        if source.module not in modules:
            continue
        allowed = reach(modules, source.module) or {source.module}
        for line, name in source.includes:
            target = name[1:].split("/")[0]
            if name[0] == '"' and "/" not in name:
                yield source.path, line, f"include {name[1:]} with its module: \"{source.module}/...\""
            elif name[0] == '"' and target in known and target not in allowed:
                yield source.path, line, f"{source.module} may not use {target} (rs_module in CMakeLists.txt)"


def halves(tree):
    """Only who puts a process together chooses between the real and the simulated half of io."""
    for source in tree:
        if not source.module or source.is_unit_test:
            continue
        for line, name in source.includes:
            if name.startswith('"io/real/') and source.module not in ("node", "main", "sim") \
                    and not source.path.startswith(REAL):
                yield source.path, line, "only node and main know the real half of io"


def file_length(tree):
    files = [s for s in tree if s.is_code]
    if not files:
        return
    for source in files:
        if len(source.lines) > FILE_HARD:
            yield source.path, FILE_HARD, f"{len(source.lines)} lines; no file has more than {FILE_HARD}"
    middle = median(len(s.lines) for s in files)
    if middle > FILE_MEDIAN:
        yield "", 0, f"the median file has {middle:.0f} lines; at most {FILE_MEDIAN}"
    long = [s for s in files if len(s.lines) > FILE_95]
    if len(long) > len(files) * 0.05:
        yield long[0].path, FILE_95, f"{len(long)} of {len(files)} files have more than {FILE_95} lines; at most 5 %"


def functions(tree):
    """(path, name, first line, length) of every function."""
    for source in tree:
        if source.is_cpp:
            yield from ((source.path, b.name, b.first, b.length) for b in source.blocks if b.kind == "function")
        elif source.is_python:
            yield from ((source.path, n.name, n.lineno, n.end_lineno - n.lineno + 1)
                        for n in ast.walk(ast.parse(source.text)) if isinstance(n, ast.FunctionDef))


def function_length(tree):
    found = list(functions(tree))
    for path, name, line, length in found:
        if length > FUNCTION_HARD:
            yield path, line, f"{name} has {length} lines; no function has more than {FUNCTION_HARD}"
    long = [f for f in found if f[3] > FUNCTION_95]
    if len(long) > len(found) * 0.05:
        path, name, line, _ = long[0]
        yield path, line, f"{name} and others: {len(long)} of {len(found)} functions have more than {FUNCTION_95} " \
                          "lines; at most 5 %"


def interfaces(tree):
    for source in tree:
        for block in source.blocks if source.is_cpp else []:
            pure = len(re.findall(r"\bvirtual\b[^;{}]*=\s*0\s*;", block.body)) if block.kind == "class" else 0
            if pure > PURE_VIRTUALS:
                yield source.path, block.first, f"{block.name} has {pure} pure virtuals; at most {PURE_VIRTUALS}"


def argument_count(text, start):
    """Commas + 1 between the parenthesis that opens at `start` and its end; 0 for ()."""
    depth, count, empty = 0, 1, True
    for c in text[start:]:
        depth += (c in "([{<") - (c in ")]}>")
        if depth == 0:
            break
        count += c == "," and depth == 1
        empty = empty and (c.isspace() or c == "(")
    return 0 if empty else count


def constructors(tree):
    for source in tree:
        for block in source.blocks if source.is_cpp else []:
            if block.kind != "class" or not block.name:
                continue
            for m in re.finditer(rf"(?<![\w~]){re.escape(block.name)}\s*(?=\()", block.body):
                count = argument_count(block.body, m.end())
                if count > CONSTRUCTOR_ARGUMENTS:
                    yield source.path, block.first, f"the constructor of {block.name} takes {count} arguments; at most " \
                                                    f"{CONSTRUCTOR_ARGUMENTS}, then an options struct"


def uses(tree, allowed, headers, words, why):
    """Where the modules use such headers or words, but in files that may."""
    for source in tree:
        if not source.module or source.is_unit_test or source.is_fixture or allowed.search(source.path):
            continue
        for line, name in source.includes:
            if headers.match(name):
                yield source.path, line, f"{name}>: {why}"
        for line, word in offences(source, source.code, words):
            yield source.path, line, f"{word.rstrip('( ')}: {why}"


def door(tree):
    return uses(tree, REAL_FILES, SYSTEM_HEADERS, SYSTEM_WORDS,
                f"clocks, chance, threads and system calls come through io: only {REAL} touches the system")


def sharing(tree):
    return uses(tree, SHARED_FILES, SHARED_HEADERS, SHARED_WORDS,
                f"locks and atomics live in queues, buffers, log, metrics and {REAL}")


def endings(tree):
    for source in tree:
        if not source.module or source.is_unit_test:
            continue
        for line, _ in offences(source, source.code, re.compile(r"\bthrow\b")):
            yield source.path, line, "throw: errors are values (base/status.h)"
        if source.path.startswith(ENDING_FILES):
            continue
        for line, word in offences(source, source.code, ENDINGS):
            yield source.path, line, f"{word.rstrip('( ')}: only main ends the process, only RS_CHECK aborts"


def names(tree):
    for source in tree:
        stem = source.path.split("/")[-1].split(".")[0]
        if source.is_code and re.search(rf"(?:^|[_-])(?:{VAGUE})(?:[_-]|$)", stem, re.I):
            yield source.path, 1, "the name of the file says nothing: which noun of the field is it?"
        for block in source.blocks if source.is_cpp else []:
            if block.kind == "class" and re.search(rf"(?:{VAGUE})(?![a-z])", block.name):
                yield source.path, block.first, f"the name {block.name} says nothing: which noun of the field is it?"


def unfinished(tree):
    for source in tree:
        for line, word in offences(source, source.text, UNFINISHED):
            yield source.path, line, f"{word}: finish it, or say it in an issue"


def dead_code(tree):
    for source in tree:
        for line, text in source.comments if source.is_cpp else []:
            if DEAD_CODE.search(text):
                yield source.path, line, "commented-out code: git remembers it"
        for line, _ in offences(source, source.code, re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b", re.M)) if source.is_cpp else []:
            yield source.path, line, "#if 0: git remembers it"


def machine_paths(tree):
    for source in tree:
        for line, word in offences(source, source.text, MACHINE_PATH):
            yield source.path, line, f"{word}...: a path of one machine"


def sleeping_tests(tree):
    for source in tree:
        if not source.is_unit_test:
            continue
        for line, _ in offences(source, source.code if source.is_cpp else source.text, SLEEP):
            yield source.path, line, "a test that sleeps is slow on good days and wrong on bad ones"


def measured(tree):
    """Lines of code, lines of tests, assertions. The simulator is neither code of the product nor a test."""
    code = [s for s in tree if s.module and not s.is_test and s.module != "sim"]
    tests = sum(s.code_lines for s in tree if s.is_job_test or (s.is_code and s.is_test))
    checks = sum(len(re.findall(r"\bRS_CHECK\(", s.code)) for s in code)
    return sum(s.code_lines for s in code), tests, checks


def assertions(tree):
    lines, _, checks = measured(tree)
    if lines >= SMALL_TREE and checks * 1000 < CHECKS * lines:
        yield "", 0, f"{checks} RS_CHECKs in {lines} lines of code; at least {CHECKS} in 1,000"


def large_files(tree):
    for source in tree:
        if source.size > LARGEST_FILE:
            yield source.path, 1, f"{source.size} bytes: no tracked file has more than {LARGEST_FILE}"


RULES = (edges, halves, file_length, function_length, interfaces, constructors, door, sharing, endings, names, unfinished,
         dead_code, machine_paths, sleeping_tests, assertions, large_files)
