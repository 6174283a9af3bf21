#!/usr/bin/env python3
"""Of a failed check's output the tests that failed are shown, whatever else it said."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from failing import EACH, LAST, MOST, failing  # noqa: E402


def tap(depth, number, name, *more):
    space = " " * depth
    return [f"{space}not ok {number} - {name}", f"{space}  ---", *(f"{space}  {line}" for line in more), f"{space}  ..."]


class Failing(unittest.TestCase):
    def shown(self, lines):
        told, count = failing("\n".join(lines))
        self.assertEqual(count, len(lines))
        return told

    def test_a_test_in_a_suite_is_shown_and_the_suite_is_not(self):
        inner = tap(4, 2, "bad", "error: |-", "  Expected", "", "stack: |-", "  a (file:1)")
        lines = ["TAP version 13", "# Subtest: suite", "    ok 1 - good", "      ---", "      ...", *inner, "    1..2",
                 *tap(0, 1, "suite", "failureType: 'subtestsFailed'"), "1..1", "# fail 2"]
        self.assertEqual(self.shown(lines), inner)

    def test_each_that_failed_is_shown_however_much_passed(self):
        first, second = tap(0, 1, "first", "error: 'x'"), tap(0, 300, "second", "error: 'y'")
        good = [line for n in range(2, 300) for line in (f"ok {n} - good", "  ---", "  duration_ms: 1", "  ...")]
        self.assertEqual(self.shown([*first, *good, *second, "# fail 2"]), first + second)

    def test_one_without_a_block_is_shown_by_its_line(self):
        self.assertEqual(self.shown(["not ok 1 - short", "ok 2 - good", "  ---", "  ..."]), ["not ok 1 - short"])

    def test_what_is_to_do_or_skipped_has_not_failed(self):
        bad = tap(0, 3, "bad", "error: 'x'")
        lines = [*tap(0, 1, "later # TODO", "error: 'y'"), "not ok 2 - elsewhere # SKIP no chromium", *bad]
        self.assertEqual(self.shown(lines), bad)

    def test_of_cmocka_what_failed_and_where(self):
        bad = ["[  ERROR   ] --- 0x1 != 0x2", "[   LINE   ] --- tests/unit/test_x.c:12: error: Failure!", "[  FAILED  ] b"]
        lines = ["[ RUN      ] a", "[       OK ] a", "[ RUN      ] b", *bad, "[==========] 2 test(s) run."]
        self.assertEqual(self.shown(lines), bad)

    def test_a_sanitizers_report_is_shown_from_its_beginning(self):
        said = ["==7==ERROR: AddressSanitizer: heap-use-after-free", *(f"    #{n} 0x1 in f" for n in range(2 * MOST))]
        passed = ["ok 1 - good", "  ---", "  ..."] * MOST
        self.assertEqual(self.shown([*passed, *said]), said[:MOST])
        bad = tap(0, 1, "bad", "error: 'closed'")
        self.assertEqual(self.shown([*bad, *passed, *said]), bad + said[:MOST])

    def test_of_anything_else_the_end(self):
        lines = [f"line {n}" for n in range(3 * LAST)]
        self.assertEqual(self.shown(lines), lines[-LAST:])

    def test_a_long_one_does_not_hide_the_next(self):
        first, second = tap(0, 1, "first", *["long"] * MOST), tap(0, 2, "second", "error: 'y'")
        self.assertEqual(self.shown(first + second), first[:EACH] + second)

    def test_there_is_an_end_to_it(self):
        lines = [line for n in range(MOST) for line in tap(0, n, "bad", "error: 'x'")]
        self.assertEqual(self.shown(lines), lines[:MOST])


if __name__ == "__main__":
    unittest.main()
