#!/usr/bin/env python3
"""Every benchmark, one after the other; fails when one missed a budget, or when nothing printed a figure that has one.

    all.py [NAME]...
"""

import subprocess
import sys

from figures import BUDGETS, FOLDER, recorded, say

SCRIPTS = ("size", "sweepcost", "hostcost", "start", "outbox", "peers", "memory", "sweeps", "reaction", "storm", "idle",
           "polling")


def main():
    names = sys.argv[1:] or SCRIPTS
    missed = []
    for name in names:
        say(f"-- {name}")
        if subprocess.run([sys.executable, f"{FOLDER}/{name}.py"], check=False).returncode != 0:
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
