"""The program under test, and which kinds of checks it has."""

import os
import re
import subprocess
import tempfile

from . import images


def binary():
    """CUSTOS_BINARY, or the release build of this checkout."""
    path = os.environ.get("CUSTOS_BINARY") or os.path.join(images.REPOSITORY, ".build", "custos")
    if not os.access(path, os.X_OK):
        raise AssertionError(f"{path} is missing: `make release` builds it, or set CUSTOS_BINARY")
    return os.path.abspath(path)


def kinds_by_default():
    """The kinds that run without any configuration, as the program's own reference lists them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary(), "docs", folder], check=True, capture_output=True, timeout=60)
        with open(f"{folder}/checks.md") as file:
            kinds = re.findall(r"^\| \[`(\w+)`\]\(.*\| yes \|$", file.read(), re.MULTILINE)
    assert "docker" in kinds, kinds
    return kinds
