#!/usr/bin/env python3
"""Charts of known points."""
import os
import sys
import unittest
from xml.dom import minidom

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plots import Chart, ticks  # noqa: E402


class Plots(unittest.TestCase):
    def test_ticks_are_round_and_reach_the_highest_value(self):
        self.assertEqual(ticks(5), [0, 1, 2, 3, 4, 5])
        self.assertEqual(ticks(0), [0, 1])
        for most in (0.03, 7, 313, 6126):
            self.assertGreaterEqual(ticks(most)[-1], most)
            self.assertLessEqual(len(ticks(most)), 7)

    def test_a_higher_value_stands_higher_and_a_later_one_further_right(self):
        chart = Chart("t", "x", "y", [("a", [(1, 0), (3, 10)], False)])
        self.assertLess(chart.y(10), chart.y(0))
        self.assertLess(chart.x(1), chart.x(3))

    def test_a_chart_is_xml_with_a_curve_for_each_line(self):
        chart = Chart("<t>", "x", "y", [("a & b", [(1, 1)], False), ("c", [(1, 2), (2, 3)], True)])
        self.assertEqual(len(minidom.parseString(chart.svg()).getElementsByTagName("polyline")), 2)


if __name__ == "__main__":
    unittest.main()
