#!/usr/bin/env python3
"""Shows for each rule of tidy a tree that breaks it, and one beside it that does not."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy")
MODULES = """rs_module(base LIBS absl::status)
rs_module(io USES base)
rs_module(engine USES io LIBS re2)
rs_module(node USES engine)
"""
MARK, NAP = "TO" + "DO", "sl" + "eep"  # tidy reads this file too


def function(name, lines):
    return f"int {name}() {{\n" + "  step();\n" * (lines - 2) + "}\n"


class Tidy(unittest.TestCase):
    def run_tidy(self, files, report=False):
        """The breaches that tidy tells of these files, and its exit code; or its report."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {"CMakeLists.txt": MODULES, **files}.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([TIDY, "--root", root], capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout if report else (done.stderr.splitlines(), done.returncode)

    def breaks(self, rule, files, *places):
        """`files` break `rule` at each of `places` ("file:line"), and no other rule."""
        found, code = self.run_tidy(files)
        self.assertEqual(code, 1, "no breach was found")
        self.assertEqual([line.split(": ")[0] for line in found], list(places), found)
        for line in found:
            self.assertTrue(line.endswith(f"[{rule}]"), line)

    def keeps(self, files):
        self.assertEqual(self.run_tidy(files), ([], 0))

    def test_edges(self):
        upward = '#include <vector>\n#include "engine/log.h"\n'
        self.breaks("edges", {"src/io/a.h": upward}, "src/io/a.h:2")
        self.breaks("edges", {"src/engine/a.h": '#include "log.h"\n'}, "src/engine/a.h:1")
        self.breaks("edges", {"src/base/a.h": '#include "sim/world.h"\n', "src/sim/world.h": ""}, "src/base/a.h:1")
        self.keeps({"src/engine/a.h": '#include "base/x.h"\n#include "absl/status/status.h"\n#include "engine/b.h"\n'})
        self.keeps({"src/io/a.h": '// an #include "engine/log.h" would close a circle\n'})

    def test_edges_without_circles(self):
        self.breaks("edges", {"CMakeLists.txt": "rs_module(a USES b)\nrs_module(b USES a)\n"}, "CMakeLists.txt:1",
                    "CMakeLists.txt:1")

    def test_halves(self):
        real = '#include "io/real/file.h"\n'
        self.breaks("halves", {"src/engine/a.cc": real}, "src/engine/a.cc:1")
        self.keeps({"src/node/a.cc": real, "src/io/real/a.cc": real, "src/engine/a_test.cc": real})

    def test_file_length(self):
        short = {f"src/base/s{i}.h": "" for i in range(20)}
        self.breaks("file_length", {"src/base/a.h": "\n" * 801, **short}, "src/base/a.h:800")
        self.breaks("file_length", {f"src/base/a{i}.h": "\n" * 151 for i in range(3)}, "tree:0")
        self.breaks("file_length", {"src/base/a.h": "\n" * 601, "src/base/b.h": "\n" * 601, **short}, "src/base/a.h:600")
        self.keeps({"src/base/a.h": "\n" * 601, "docs/long.md": "\n" * 2000, **short})

    def test_function_length(self):
        short = "int s() { return 1; }\n" * 40
        self.breaks("function_length", {"src/base/a.cc": short + function("f", 71)}, "src/base/a.cc:41")
        self.breaks("function_length", {"src/base/a.cc": function("f", 46) + function("g", 3)}, "src/base/a.cc:1")
        self.breaks("function_length", {"test/a.py": "def f():\n" + "    f()\n" * 70, "src/base/a.cc": short}, "test/a.py:1")
        self.keeps({"src/base/a.cc": short + function("f", 70)})

    def test_function_length_knows_functions(self):
        long = "  step();\n" * 80
        heads = {
            "template <class T>\nrequires Small<T>\nvoid f(T x) {\n": "}\n",
            "class X : public Y {\n public:\n  X(int a) : a_{a}, b_(2) {\n": "}\n};\n",
            "bool X::operator<(const X& o) const {\n": "}\n",
            "TEST(A, B) {\n": "}\n",
            "namespace rs {\nnamespace {\nauto f() -> std::string {\n": "}\n}\n}\n",
        }
        short = "int s() { return 1; }\n" * 40
        for head, tail in heads.items():
            found, _ = self.run_tidy({"src/base/a.cc": short + head + long + tail})
            self.assertEqual(len(found), 1, head)
            self.assertIn("no function has more than 70", found[0])
        self.keeps({"src/base/a.cc": "namespace rs {\nclass X {\n" + "  int a;\n" * 100 + "};\n}\n"})
        self.keeps({"src/base/a.cc": "constexpr int kTable[] = {\n" + "  1,\n" * 100 + "};\n"})
        self.keeps({"src/base/a.cc": 'const char* text = R"(void f() {\n' + "\n" * 100 + '})";\n'})

    def test_interfaces(self):
        def interface(count):
            return "class I {\n" + "".join(f"  virtual int f{i}() const = 0;\n" for i in range(count)) + "};\n"
        self.breaks("interfaces", {"src/base/a.h": "\n" + interface(8)}, "src/base/a.h:2")
        self.keeps({"src/base/a.h": interface(7), "src/base/b.h": interface(7)})

    def test_constructors(self):
        def maker(arguments):
            return f"class X {{\n  explicit X({arguments});\n}};\n"
        self.breaks("constructors", {"src/base/a.h": maker("int a, int b, int c, int d, int e, int f, int g")},
                    "src/base/a.h:1")
        self.keeps({"src/base/a.h": maker("std::map<int, int> a, F<void(int, int)> b, int c, int d, int e, int f")})

    def test_door(self):
        for line in ("#include <sys/stat.h>", "#include <unistd.h>", "#include <fcntl.h>", "#include <thread>",
                     "#include <random>", "#include <filesystem>", "auto t = std::chrono::steady_clock::now();",
                     "int x = rand();", "int x = ::time(nullptr);", "std::thread t;", "char* v = std::getenv(name);"):
            self.breaks("door", {"src/engine/a.cc": "\n" + line + "\n"}, "src/engine/a.cc:2")
            self.keeps({"src/io/real/a.cc": line, "src/engine/a_test.cc": line, "src/engine/test_a.h": line,
                        "test/a.cc": line})
        self.keeps({"src/engine/a.cc": "// rand() is not for us\nint operand(int);\nf(o.time(0), clock->system());\n"
                                       "#include <chrono>\nstd::chrono::seconds s;\nconst char* w = \"rand()\";\n"})

    def test_sharing(self):
        for line in ("#include <mutex>", "#include <atomic>", "std::atomic<int> n;", "std::mutex m;"):
            self.breaks("sharing", {"src/engine/task.cc": line}, "src/engine/task.cc:1")
            self.keeps({"src/engine/batch_queue.h": line, "src/base/log.cc": line, "src/io/real/a.cc": line})

    def test_endings(self):
        for line in ("throw 1;", "std::exit(1);", "_exit(code);", "std::abort();"):
            self.breaks("endings", {"src/engine/a.cc": f"void f() {{ {line} }}\n"}, "src/engine/a.cc:1")
        self.keeps({"src/main/main.cc": "void f() { exit(1); }\n",
                    "src/io/child.h": "struct C {\n  virtual ChildExit exit() = 0;\n};\nint f(C* c) { return c->exit(); }\n"})

    def test_names(self):
        for path in ("src/base/util.h", "src/base/string_helper.h", "src/base/common.cc", "tools/misc.py"):
            self.breaks("names", {path: ""}, f"{path}:1")
        for name in ("TaskManager", "ManagerOfTasks", "HelperBase", "Utils"):
            self.breaks("names", {"src/base/a.h": f"\nclass {name} {{}};\n"}, "src/base/a.h:2")
        self.keeps({"src/base/a.h": "class Utility2Code;\nclass Commonplace {};\nclass Miscount {};\n"})

    def test_unfinished(self):
        self.breaks("unfinished", {"docs/a.md": f"fine\n{MARK}: the rest\n"}, "docs/a.md:2")
        self.keeps({"src/base/a.h": "// mktemp makes a.XX" "XXXX\n"})

    def test_dead_code(self):
        for line in ("// return x + 1;", "// if (done) {", "// }", "//   count = next(count);", "// flush(all);",
                     '// #include "base/x.h"', "// a->b();"):
            self.breaks("dead_code", {"src/base/a.cc": f"int a;\n{line}\n"}, "src/base/a.cc:2")
        self.breaks("dead_code", {"src/base/a.cc": "#if 0\nint a;\n#endif\n"}, "src/base/a.cc:1")
        self.keeps({"src/base/a.cc": "// Where x = 1 it waits; at once (see E7)\n// a call: f(x)\n// return of credits\n"
                                     "const char* url = \"http://x; return y;\";\n"})

    def test_machine_paths(self):
        self.breaks("machine_paths", {"docs/a.md": "cd /ho" "me/ann/rain\n"}, "docs/a.md:1")
        self.keeps({"docs/a.md": "https://example.org/home/x and src/" "work/x and /usr/bin/env\n"})

    def test_sleeping_tests(self):
        self.breaks("sleeping_tests", {"src/io/a_test.cc": f"void f() {{ std::this_thread::{NAP}_for(x); }}\n"},
                    "src/io/a_test.cc:1")
        self.breaks("sleeping_tests", {"test/a_test.py": f"import time\ntime.{NAP}(1)\n"}, "test/a_test.py:2")
        self.keeps({"src/io/a_test.cc": f"// never {NAP}()s\nvoid f() {{ clock.advance(1); }}\n"})

    def test_assertions(self):
        def code(lines, checks):
            return 'RS_CHECK(true, "RS_CHECK(");\n' * checks + "int a;  // RS_CHECK(\n" * (lines - checks)
        self.breaks("assertions", {f"src/base/a{i}.h": code(100, 1) for i in range(10)}, "tree:0")
        self.keeps({f"src/base/a{i}.h": code(100, 2) for i in range(10)})
        self.keeps({"src/base/small.h": code(100, 0)})
        others = {f"src/base/{name}": code(100, 0) for name in ("a_test.cc", "rig.h", "b_rig.h", "test_c.h")}
        self.keeps({**{f"src/base/a{i}.h": code(100, 2) for i in range(10)}, **others, "src/sim/d.h": code(100, 0)})

    def test_lines_of_tests(self):
        def ratio(files):
            return self.run_tidy({"src/base/a.h": "int a;\n" * 10, **files}, report=True)
        for path in ("src/base/a_test.cc", "src/base/rig.h", "test/a.py", "fuzz/a.cc", "test/jobs/a.test"):
            self.assertIn("tests : code = 0.50", ratio({path: "x = 1\n" * 5 + "\n"}), path)
        for path in ("docs/a.md", "test/a.txt", "bench/a.cc", "src/sim/a.h"):
            self.assertIn("tests : code = 0.00", ratio({path: "x = 1\n" * 5}), path)

    def test_large_files(self):
        self.breaks("large_files", {"docs/a.txt": "x" * 1_000_001}, "docs/a.txt:1")
        self.keeps({"docs/a.txt": "x" * 1_000_000})

    def test_an_exception_needs_its_reason(self):
        self.keeps({"src/io/a.cc": "// tidy-allow(door): the loader forks before it knows io\n#include <unistd.h>\n"})
        for mark in ("// tidy-allow(door):", "// tidy-allow(sharing): a reason for another rule", "// tidy-allow"):
            self.breaks("door", {"src/io/a.cc": f"{mark}\n#include <unistd.h>\n"}, "src/io/a.cc:2")


if __name__ == "__main__":
    unittest.main()
