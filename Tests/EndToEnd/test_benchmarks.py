"""The benchmarks' own consistency: what budgets.json limits is what the scripts print."""

import ast
import json
import os
import re
import unittest

from harness import images

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


if __name__ == "__main__":
    unittest.main()
