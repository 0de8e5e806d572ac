#!/usr/bin/env python3
"""Every benchmark, one after the other; fails when one missed a budget, or when nothing printed a figure that has one.

    all.py [NAME]...
"""

import subprocess
import sys

from figures import BUDGETS, FOLDER, recorded, say

SCRIPTS = ("size", "sweepcost", "hostcost", "start", "outbox", "peers", "memory", "sweeps", "reaction", "idle")


def main():
    names = sys.argv[1:] or SCRIPTS
    missed = []
    for name in names:
        say(f"-- {name}")
        if subprocess.run([sys.executable, f"{FOLDER}/{name}.py"], check=False).returncode != 0:
            missed.append(name)
    if names is SCRIPTS:
        judged = {figure["budget"] for taken in recorded().values() for figure in taken["figures"]}
        if unmeasured := [name for name, budget in BUDGETS.items() if name not in judged and "needs" not in budget]:
            say(f"never measured: {', '.join(unmeasured)}")
            missed.append("budgets.json")
        for name in BUDGETS:
            if name not in judged and "needs" in BUDGETS[name]:
                say(f"{name}: not measured with this binary: {BUDGETS[name]['needs']}")
    say(f"{'all within budget' if not missed else 'missed in: ' + ', '.join(missed)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
