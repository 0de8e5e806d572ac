"""Figures against budgets.json: printed one a line, and an exit status that says whether all are within."""

import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(FOLDER), "Tests", "EndToEnd"))

with open(os.path.join(FOLDER, "budgets.json")) as _file:
    BUDGETS = json.load(_file)

_missed = []


def say(text):
    print(text, flush=True)


def figure(name, value):
    """Prints one figure and judges it if it has a budget."""
    budget = BUDGETS.get(name)
    if budget is None:
        say(f"{name:45} {value:10.3f}")
        return
    within = value <= budget["limit"]
    if not within:
        _missed.append(name)
    say(f"{name:45} {value:10.3f}   target <= {budget['limit']:<6g} {'ok' if within else 'MISSED'}")


def percentile(values, share):
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def finish():
    """Ends the program: 1 when a budget was missed."""
    if _missed:
        say(f"missed: {', '.join(_missed)}")
    sys.exit(1 if _missed else 0)
