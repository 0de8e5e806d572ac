#!/usr/bin/env python3
"""Every benchmark, one after the other; fails when one of them missed a budget."""

import subprocess
import sys

from figures import FOLDER, say


def main():
    missed = []
    for name in ("size", "start", "reaction", "sweeps", "idle"):
        say(f"-- {name}")
        if subprocess.run([sys.executable, f"{FOLDER}/{name}.py"], check=False).returncode != 0:
            missed.append(name)
    say(f"{'all within budget' if not missed else 'missed in: ' + ', '.join(missed)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
