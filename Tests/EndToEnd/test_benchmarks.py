"""The benchmarks' own consistency: what budgets.json limits is what the scripts print."""

import ast
import collections
import contextlib
import io
import json
import os
import re
import sys
import types
import unittest

from harness import images, names

FOLDER = os.path.join(images.REPOSITORY, "Benchmarks")


def tree(name):
    with open(os.path.join(FOLDER, f"{name}.py")) as file:
        return ast.parse(file.read())


def pattern(node):
    """A name as an expression of the source, as a pattern: what is put in at run time may be anything."""
    if isinstance(node, ast.Constant):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) if isinstance(part, ast.Constant) else "[a-z0-9_]+" for part in node.values)
    return None


def printed(name):
    """The patterns of the names of the figures that a script prints, and of the budgets they share."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "figure":
            yield from filter(None, (pattern(argument) for argument in (node.args[0], *node.args[2:])))


def scripts():
    """What `make bench` runs."""
    for node in tree("all").body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "SCRIPTS":
            return ast.literal_eval(node.value)
    raise AssertionError("all.py names no scripts")


class BenchmarkTests(unittest.TestCase):
    def test_every_budget_has_a_figure(self):
        with open(os.path.join(FOLDER, "budgets.json")) as file:
            budgets = json.load(file)
        patterns = [found for name in scripts() for found in printed(name)]
        self.assertGreater(len(patterns), 20)
        orphans = [name for name in budgets if not any(re.fullmatch(found, name) for found in patterns)]
        self.assertEqual(orphans, [])

    def test_every_budget_says_what_it_limits_and_how(self):
        with open(os.path.join(FOLDER, "budgets.json")) as file:
            for name, budget in json.load(file).items():
                self.assertEqual(len(budget.keys() & {"limit", "at_least"}), 1, name)
                self.assertTrue(budget["what"], name)
                self.assertLessEqual(budget.keys(), {"limit", "at_least", "what", "needs"}, name)

    def test_every_script_that_prints_figures_is_run(self):
        found = {name[:-3] for name in os.listdir(FOLDER) if name.endswith(".py") and any(printed(name[:-3]))}
        self.assertEqual(found, set(scripts()))


class SoakJudgeTests(unittest.TestCase):
    def setUp(self):
        sys.path.append(FOLDER)
        self.addCleanup(sys.path.remove, FOLDER)
        from unrest import Unrest

        # Its judge alone: no engine.
        self.unrest = Unrest.__new__(Unrest)
        self.unrest.causes, self.unrest.crashes = collections.defaultdict(list), collections.Counter()
        self.unrest._crashing("soak/web/1")
        self.moment = self.unrest.causes["soak/web/1", names.DEATH][0]

    def death(self, after=0.1, target="soak/web/1"):
        return {"check_kind": "docker", "target": target, "measure": names.DEATH, "status": "firing", "reason": "fired",
                "epoch": self.moment + after}

    def test_a_told_crash_has_its_cause(self):
        self.assertEqual(self.unrest.unexplained([self.death()]), [])
        self.assertEqual(self.unrest.untold([self.death()]), [])

    def test_an_alert_without_cause_is_found(self):
        self.assertTrue(self.unrest.unexplained([self.death(target="soak/other/1")]))
        self.assertTrue(self.unrest.unexplained([self.death(after=60)]), "too late to be about this crash")

    def test_what_grows_is_found(self):
        from soak import grown

        def samples(**growing):
            flat = {"anonymous": 4, "descriptors": 20, "threads": 7, "journal": 1, "log": 0.1}
            return [types.SimpleNamespace(**{name: value + growing.get(name, 0) * minute / 100
                                             for name, value in flat.items()}) for minute in range(100)]
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(grown(samples(), 100), [])
            for name, amount in (("anonymous", 4), ("descriptors", 20), ("threads", 5), ("journal", 100), ("log", 100)):
                found = grown(samples(**{name: amount}), 100)
                self.assertEqual([name in text for text in found], [True], (name, found))

    def test_a_crash_that_was_not_told_or_told_twice_is_found(self):
        self.assertTrue(self.unrest.untold([]))
        self.assertTrue(self.unrest.untold([self.death(), self.death()]))


if __name__ == "__main__":
    unittest.main()
