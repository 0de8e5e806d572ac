"""The images that the tests run, made here as tar archives: there is no registry."""

import io
import os
import shutil
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


BUILD_BASE_PACKAGES = ["ca-certificates", "git", "libc6-dev", "libcurl4", "libncurses6", "libsqlite3-0", "libuuid1",
                       "libxml2"]
"""What a Swift toolchain needs beside itself, as Swift's own images have it; the C++ library comes on top."""

# What builds for elsewhere, debugs, edits or formats: half of a toolchain, and nothing that a build runs.
UNUSED_TOOLS = ["lib/swift/embedded", "lib/swift_static/embedded", "lib/liblldb*", "lib/libLTO*", "lib/libclang.so*",
                "lib/libsourcekitd*", "bin/lldb*", "bin/sourcekit-lsp", "bin/clangd", "bin/docc", "bin/wasmkit",
                "bin/swift-format", "bin/swift-build-sdk-interfaces"]


def build_base(folder):
    """A stand-in for Swift's image in `folder`: this Debian's smallest system and this machine's toolchain.

    Returns the path of a tar archive and the changes for its import."""
    tools = os.path.dirname(os.path.dirname(shutil.which("swift")))
    root, archive = os.path.join(folder, "root"), os.path.join(folder, "base.tar")
    codename = _output("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME")
    sources = _output("apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)",
                      "Created-By: Packages", "Origin: Debian").splitlines()
    library = _output("dpkg-query", "--search", os.path.realpath(_output(f"{tools}/bin/clang",
                                                                         "-print-file-name=libstdc++.a")))
    packages = ",".join([*BUILD_BASE_PACKAGES, library.split(":")[0]])
    _output("debootstrap", "--variant=minbase", f"--include={packages}", codename, root, sources[0].split()[1])
    with open(os.path.join(root, "etc", "apt", "sources.list"), "w") as file:
        file.write("\n".join(dict.fromkeys(sources)) + "\n")
    _output("tar", "-C", root, "--exclude=./var/cache/apt/archives/*.deb", "-cf", archive, ".")
    unused = [f"--exclude={tools.lstrip('/')}/{name}" for name in UNUSED_TOOLS]
    _output("tar", "-C", "/", "-rf", archive, *unused, *[path.lstrip("/") for path in [tools, *_git_mirrors()]])
    return archive, [f"ENV PATH={tools}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]


def _git_mirrors():
    """Folders that git was told, for all users, to use instead of addresses: mirrors of a machine behind a firewall."""
    # From a folder that is no repository: git refuses to say anything in a broken one.
    told = subprocess.run(["git", "config", "--system", "--get-regexp", r"^url\..*\.insteadof$"], cwd="/",
                          capture_output=True, text=True, check=False).stdout
    folders = {line.split(".insteadof ")[0].removeprefix("url.") for line in told.splitlines()}
    folders = {folder for folder in folders if os.path.isdir(folder)}
    return ["/etc/gitconfig", *sorted(folders)] if folders else []


def _output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout.strip()


def _folder(archive, name, mode):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry)


def _file(archive, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
