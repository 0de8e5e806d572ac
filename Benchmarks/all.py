#!/usr/bin/env python3
"""Every benchmark, one after the other; fails when one missed a budget, or when nothing printed a figure that has one.

One that missed is measured once more, as a whole: what a shared machine does only adds to a time, and does not stay.

    all.py [NAME]...
"""

import os
import subprocess
import sys

from figures import AGAIN, BUDGETS, FOLDER, recorded, say

SCRIPTS = ("size", "sweepcost", "hostcost", "start", "outbox", "peers", "memory", "sweeps", "reaction", "storm", "idle",
           "polling")


def is_within(name, environment=()):
    run = subprocess.run([sys.executable, f"{FOLDER}/{name}.py"], env=os.environ | dict(environment), check=False)
    return run.returncode == 0


def main():
    names = sys.argv[1:] or SCRIPTS
    missed = []
    for name in names:
        say(f"-- {name}")
        if not is_within(name):
            say(f"-- {name}, once more")
            if not is_within(name, {AGAIN: "yes"}):
                missed.append(name)
    if names is SCRIPTS:
        judged = {figure["budget"] for taken in recorded().values() for figure in taken["figures"]}
        unmeasured = {name: budget.get("needs") for name, budget in BUDGETS.items() if name not in judged}
        for name, needs in unmeasured.items():
            say(f"{name}: never measured" + (f" with this binary: {needs}" if needs else ""))
        if None in unmeasured.values():
            missed.append("budgets.json")
    say(f"{'all within budget' if not missed else 'missed in: ' + ', '.join(missed)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
