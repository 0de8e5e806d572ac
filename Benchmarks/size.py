#!/usr/bin/env python3
"""Size of the stripped release binary. That no ICU is in it is checked when it is built (scripts/check-linkage)."""

import os

from figures import figure, finish
from harness import custos


def main():
    figure("binary_mb", os.path.getsize(custos.binary()) / 1e6)
    finish()


if __name__ == "__main__":
    main()
