#!/usr/bin/env python3
"""What the tables of the bench say of known samples."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from contest import Contestant, Row, Sample  # noqa: E402
from place import Place  # noqa: E402
from report import (Figures, figures_summary, percentile, race_section, race_summary, table,  # noqa: E402
                    verdict, write_part)


def row_of(first, second, **options):
    contestants = [Contestant("ours", [["ours"]]),
                   Contestant("theirs", [["theirs", "a b"]], "out", to_stdout=True, step=2, goal=4)]
    row = Row("A1", "a race", 100, "MB/s", contestants, **options)
    row.samples = {"ours": [Sample(s, 1, "") for s in first], "theirs": [Sample(s, 1, "") for s in second]}
    return row


class Parts(unittest.TestCase):
    def test_a_part_replaces_itself_and_leaves_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.md")
            for part in ("# A\n\none\n", "# B\n\n## A\n\ntwo\n", "# A\n\nthree\n"):
                write_part(path, part)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "# A\n\nthree\n\n# B\n\n## A\n\ntwo\n")


class Report(unittest.TestCase):
    def setUp(self):
        self.place = Place.__new__(Place)
        self.place.binary = "../rainstorm"

    def test_a_ratio_is_the_median_of_rounds_not_the_ratio_of_medians(self):
        row = row_of([1.0, 2.0, 4.0], [9.0, 4.0, 12.0])
        self.assertEqual(row.ratios("theirs"), [9.0, 2.0, 3.0])
        self.assertEqual([line[3:] for line in race_summary(row)], [["theirs", "3", "≥ 2: yes", "≥ 4: **no**"]])

    def test_a_goal_rate_has_a_line_of_its_own(self):
        lines = list(race_summary(row_of([2.0], [2.0], goal_rate=60)))
        self.assertEqual(lines[0][-1], "≥ 60: **no**")
        self.assertEqual(len(lines), 2)

    def test_a_price_is_what_the_first_takes_more(self):
        row = row_of([1.1], [1.0], is_price=True)
        self.assertEqual(row.remark(), "The price is 10.0 %.")

    def test_a_section_shows_commands_and_wrong_answers(self):
        row = row_of([1.0], [2.0])
        row.wrong.append("theirs")
        text = race_section(self.place, row)
        self.assertIn("theirs 'a b' > out\n", text)
        self.assertRegex(text, r"\| theirs .*\| \*\*different\*\* \|")
        self.assertRegex(text, r"\| ours .*\| equal \|")

    def test_figures_are_better_when_less(self):
        figures = Figures("C2", "latency", ["x"], "ms", {"p50": (3, None), "p99": (10, 20)})
        figures.add("ours", [float(n) for n in range(1, 101)])
        self.assertEqual([line[-2:] for line in figures_summary(figures)],
                         [["", "≤ 3: **no**"], ["≤ 20: **no**", "≤ 10: **no**"]])
        self.assertRaises(RuntimeError, figures.add, "nobody", [])

    def test_percentiles_stay_within_the_values(self):
        self.assertEqual(percentile([3, 1, 2], 0.99), 3)
        self.assertEqual(percentile(range(1000), 0.99), 990)

    def test_a_target_is_reached_at_equality(self):
        self.assertEqual(verdict(4, 4, True), "≥ 4: yes")
        self.assertEqual(verdict(4, 4, False), "≤ 4: yes")
        self.assertEqual(verdict(4, None, True), "")

    def test_bars_in_cells_do_not_end_them(self):
        self.assertEqual(table(["a"], [["grep | sed"]]).splitlines()[-1], "| grep \\| sed |")


if __name__ == "__main__":
    unittest.main()
