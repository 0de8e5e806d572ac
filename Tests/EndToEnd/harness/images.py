"""The images that the tests run, made here as tar archives: there is no registry."""

import io
import os
import subprocess
import tarfile
import tempfile

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def busybox(path="/bin/busybox"):
    """Debian's static busybox with a link for each of its applets."""
    applets = subprocess.run([path, "--list"], check=True, capture_output=True, text=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder, mode in [("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777), ("proc", 0o755), ("sys", 0o755)]:
            _folder(archive, folder, mode)
        archive.add(path, "bin/busybox")
        for applet in applets:
            if applet != "busybox":
                link = tarfile.TarInfo("bin/" + applet)
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
        _file(archive, "etc/passwd", b"root:x:0:0:root:/:/bin/sh\n")
    return buffer.getvalue()


def root_of(binary):
    """An image's archive with `/rootfs`, the tree that the build stage makes with `scripts/runtime-root`."""
    with tempfile.TemporaryDirectory(prefix="custos-root-") as folder:
        subprocess.run([os.path.join(REPOSITORY, "scripts", "runtime-root"), binary, folder], check=True)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.add(folder, "rootfs")
        return buffer.getvalue()


def runtime_stage(base):
    """A build context whose Dockerfile is the repository's, but that `base` stands in for the build stage."""
    with open(os.path.join(REPOSITORY, "Dockerfile")) as file:
        text = file.read()
    arguments = "".join(line + "\n" for line in text.split("\nFROM ")[0].splitlines() if line.startswith("ARG"))
    stage = "FROM ${RUNTIME_BASE} AS runtime" + text.split("FROM ${RUNTIME_BASE} AS runtime", 1)[1]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        _file(archive, "Dockerfile", f"{arguments}FROM {base} AS build\n{stage}".encode())
    return buffer.getvalue()


def _folder(archive, name, mode):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry)


def _file(archive, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
