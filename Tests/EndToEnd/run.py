#!/usr/bin/env python3
"""Runs the black-box tests, one line each with its duration, and closes with what Custos asked of engines and a count.

    Tests/EndToEnd/run.py [-k PATTERN]... [MODULE]...
"""

import argparse
import os
import sys
import time
import unittest

from harness.ledger import LEDGER

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Lines(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        LEDGER.test = test.id()
        self.began = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        print(f"{time.monotonic() - self.began:7.1f} s  {test.id()}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed("FAIL ", test, self.failures)

    def addError(self, test, err):
        super().addError(test, err)
        self._failed("ERROR", test, self.errors)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            is_failure = issubclass(err[0], test.failureException)
            self._failed("FAIL ", subtest, self.failures if is_failure else self.errors)

    @staticmethod
    def _failed(word, test, where):
        print(f"{word}      {test.id()}\n{where[-1][1]}", flush=True)

    def printErrors(self):
        pass  # each was printed when it happened


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", action="append", metavar="PATTERN", help="only tests whose name contains this")
    parser.add_argument("modules", nargs="*", help="such as test_harness")
    options = parser.parse_args()
    sys.path.insert(0, FOLDER)
    loader = unittest.TestLoader()
    if options.k:
        loader.testNamePatterns = [p if "*" in p else f"*{p}*" for p in options.k]
    if options.modules:
        suite = loader.loadTestsFromNames(options.modules)
    else:
        suite = loader.discover(FOLDER, top_level_dir=FOLDER)
    LEDGER.is_kept = True
    began = time.monotonic()
    result = unittest.TextTestRunner(stream=open(os.devnull, "w"), resultclass=Lines).run(suite)
    print(*LEDGER.lines(), sep="\n")
    bad = len(result.failures) + len(result.errors)
    print(f"in {time.monotonic() - began:.0f} s")
    # A class that could not be set up counts as one failure, though none of its tests ran.
    passed = max(0, result.testsRun - bad)
    # What was asked and is on no list is one failure more, whatever the tests say.
    bad += bool(LEDGER.offences)
    print(f"{passed} passed, {bad} failed")
    return 1 if bad or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
