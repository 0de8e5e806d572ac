"""Other people's readers of our formats, from PyPI: installed once below `.build`, never into the system."""

import os
import subprocess
import sys

from . import images

FOLDER = os.path.join(images.REPOSITORY, ".build", "python-packages")
WANTED = ["cloudevents==2.2.0", "opentelemetry-proto==1.45.2"]


def provide():
    """Makes the packages importable."""
    stamp = os.path.join(FOLDER, "installed")
    if not os.path.exists(stamp) or open(stamp).read() != repr(WANTED):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "--root-user-action=ignore", "--upgrade", "--target", FOLDER, *WANTED],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with open(stamp, "w") as file:
            file.write(repr(WANTED))
    if FOLDER not in sys.path:
        sys.path.insert(0, FOLDER)
