#!/usr/bin/env python3
"""Size of the stripped release binary, and of the image, if there is one (`make image`, or what CUSTOS_IMAGE names).

That no ICU is in the binary is checked when it is built (scripts/check-linkage).
"""

import gzip
import os
import shutil
import subprocess

from figures import ROOT, figure, finish, say
from harness import custos

IMAGE = os.environ.get("CUSTOS_IMAGE", "custos:dev")


class Count:
    """A file that only counts what is written to it."""

    size = 0

    def write(self, data):
        self.size += len(data)
        return len(data)

    def flush(self):
        pass


def is_present(revision):
    """Whether what an image is made of is now as it was at that commit."""
    made_of = ["Dockerfile", "Package.swift", "Sources", "scripts"]
    return subprocess.run(["git", "-C", ROOT, "diff", "--quiet", revision, "--", *made_of], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def image():
    """(unpacked, compressed) in bytes as the engine of this machine has it (DOCKER_HOST is another's), or None."""
    shape = '{{.Size}} {{index .Config.Labels "org.opencontainers.image.revision"}}'
    try:
        shown = subprocess.run(["docker", "image", "inspect", "--format", shape, IMAGE], capture_output=True,
                               text=True, check=False)
    except FileNotFoundError:
        return None
    if shown.returncode != 0:
        return None
    size, _, revision = shown.stdout.strip().partition(" ")
    if not is_present(revision):
        say(f"the image {IMAGE} was made of other sources ({revision or 'it does not say which'})")
        return None
    count = Count()
    with subprocess.Popen(["docker", "save", IMAGE], stdout=subprocess.PIPE) as saved:
        with gzip.GzipFile(fileobj=count, mode="wb", compresslevel=9) as packed:
            shutil.copyfileobj(saved.stdout, packed, 1 << 20)
    assert saved.returncode == 0, f"docker save {IMAGE} ended with {saved.returncode}"
    return int(size), count.size


def main():
    binary = custos.binary()
    # With `make shipped` the libraries are inside.
    needed = subprocess.run(["readelf", "--dynamic", binary], capture_output=True, text=True, check=True).stdout
    size = os.path.getsize(binary) / 1e6
    if "libcurl.so" in needed:
        figure("binary_mb", size)
    else:
        figure("shipped_mb", size)
    if found := image():
        figure("image_unpacked_mb", found[0] / 1e6)
        figure("image_compressed_mb", found[1] / 1e6)
    else:
        say(f"no image {IMAGE} here: `make image` makes one")
    finish()


if __name__ == "__main__":
    main()
