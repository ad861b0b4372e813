#!/usr/bin/env python3
"""./dev setup on machines that lack packages: with root, with sudo, with neither. The packager is a stub that takes notes."""
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOBODY = 65534
DPKG = """#!/bin/sh
for package; do :; done
case " $ABSENT " in *" $package "*) exit 1 ;; *) printf installed ;; esac
"""
NOTE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$NOTES"
"""
SUDO = NOTE + 'exec "$@"\n'
FAILING = NOTE + "exit 100\n"


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o777)
        self.bin = os.path.join(self.folder, "bin")
        self.notes = os.path.join(self.folder, "notes")
        os.mkdir(self.bin)
        shutil.copy(os.path.join(ROOT, "dev"), self.folder)
        for tool in ("bash", "sh", "env", "dirname", "basename", "cat"):
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.install("dpkg-query", DPKG)
        self.install("apt-get", NOTE)

    def install(self, name, script):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(path, 0o755)

    def dev(self, *arguments, absent="", user=None):
        """Runs ./dev with the stubs alone on PATH: (exit code, stderr, what the stubs were asked)."""
        done = subprocess.run([os.path.join(self.folder, "dev"), *arguments], capture_output=True, text=True, user=user,
                              env={"PATH": self.bin, "ABSENT": absent, "NOTES": self.notes})
        return done.returncode, done.stderr, self.asked()

    def asked(self):
        if not os.path.exists(self.notes):
            return []
        with open(self.notes, encoding="utf-8") as file:
            return file.read().splitlines()

    @property
    def person(self):
        return NOBODY if os.geteuid() == 0 else None

    def test_a_complete_machine_is_left_alone(self):
        self.assertEqual(self.dev("setup"), (0, "", []))

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_installs_only_what_is_missing(self):
        code, _, asked = self.dev("setup", absent="ninja-build libre2-dev")
        self.assertEqual(code, 0)
        self.assertEqual(asked, ["apt-get update -qq",
                                 "apt-get install -y --no-install-recommends ninja-build libre2-dev"])

    def test_a_person_installs_by_sudo(self):
        self.install("sudo", SUDO)
        code, _, asked = self.dev("setup", absent="ccache", user=self.person)
        self.assertEqual(code, 0)
        self.assertIn("apt-get install -y --no-install-recommends ccache", asked)
        self.assertEqual([line.split()[0] for line in asked], ["sudo", "apt-get", "sudo", "apt-get"])

    def test_without_root_and_sudo_it_says_what_to_run_and_stops(self):
        for command in ("setup", "build", "demo", "test"):
            code, told, asked = self.dev(command, absent="ccache cmake", user=self.person)
            self.assertEqual((code, asked), (1, []))
            self.assertEqual(told, "dev: needs root or sudo; as root: "
                                   "apt-get install -y --no-install-recommends cmake ccache\n")

    def test_a_packager_that_fails_is_said(self):
        self.install("sudo", SUDO)
        self.install("apt-get", FAILING)
        code, told, _ = self.dev("setup", absent="cmake", user=self.person)
        self.assertEqual(code, 1)
        self.assertIn("could not install the packages; as root: apt-get install", told)

    def test_another_system_is_told_what_is_needed(self):
        os.remove(os.path.join(self.bin, "dpkg-query"))
        code, told, _ = self.dev("setup")
        self.assertEqual(code, 1)
        self.assertIn("libabsl-dev", told)

    def test_an_unknown_command_shows_the_help(self):
        code, told, _ = self.dev("instal")
        self.assertEqual(code, 2)
        self.assertIn("no command 'instal'", told)
        self.assertIn("setup", told)


if __name__ == "__main__":
    unittest.main()
