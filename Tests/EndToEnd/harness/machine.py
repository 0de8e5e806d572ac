"""A host as Custos sees it: mounts and network of its own, other figures the real ones unless a test replaces them."""

import os
import shutil
import subprocess
import tempfile

from . import children
from .waiting import eventually

HANG = """
import ctypes, os, sys
queue = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={queue},rootmode=40000,user_id=0,group_id=0".encode()
if ctypes.CDLL(None, use_errno=True).mount(b"nowhere", sys.argv[1].encode(), b"fuse.hang", 0, options):
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
"""

TALK = """
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for port in range(int(sys.argv[1])):
    sender.sendto(b"x", ("127.0.0.1", 20000 + port))
"""


class Machine:
    """The first process, in mount and network namespaces of its own, and a procfs that names it process 1."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="custos-machine-")
        self.first = children.start(["unshare", "--mount", "--net", "--propagation", "private", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/mnt")
        eventually("the namespaces are there", lambda: self._namespace() not in (None, own))
        for name in ["2", "loadavg", "meminfo", "stat", "uptime", "vmstat", "sys/fs", "sys/kernel"]:
            self.link(name, "/proc/" + name)
        self.link("1", f"/proc/{self.first.pid}")
        self.run("ip", "link", "set", "lo", "up")
        self._hanging = []

    def _namespace(self):
        with open(f"/proc/{self.first.pid}/comm") as file:
            return os.readlink(f"/proc/{self.first.pid}/ns/mnt") if file.read().strip() == "sleep" else None

    @property
    def root(self):
        """The machine's root directory, as we and Custos can reach it."""
        return f"/proc/{self.first.pid}/root"

    @property
    def environment(self):
        return {"HOST_PROC": f"{self.folder}/proc", "HOST_ROOT": self.root}

    def close(self):
        for server in self._hanging:
            children.end(server)
        children.end(self.first)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, **options):
        """Runs a command on the machine; its output."""
        inside = ["nsenter", "--target", str(self.first.pid), "--mount", "--net", "--", *map(str, command)]
        done = subprocess.run(inside, capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    # The kernel's files

    def link(self, name, to):
        place = self._place(name)
        os.symlink(to, place)

    def write(self, name, text):
        """Replaces a file of the procfs, in one step."""
        place = self._place(name)
        with open(place + ".new", "w") as file:
            file.write(text)
        os.replace(place + ".new", place)

    def _place(self, name):
        place = os.path.join(self.folder, "proc", name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        return place

    # Filesystems

    def disk(self, name, *make, size=64 << 20, options="defaults"):
        """Mounts a new ext4 filesystem; where the machine has it."""
        image, point = f"{self.folder}/{name}.img", f"{self.folder}/mnt/{name}"
        with open(image, "wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-F", *make, image], check=True, stdout=subprocess.DEVNULL)
        os.makedirs(point)
        self.run("mount", "-o", "loop," + options, image, point)
        return point

    def path(self, point, *more):
        """What the machine has at `point`, as we reach it."""
        return os.path.join(self.root + point, *more)

    def fill(self, point, share):
        """Fills a filesystem until this share of what programs may take is used."""
        facts = os.statvfs(self.path(point))
        used = facts.f_blocks - facts.f_bfree
        wanted = int(share * (used + facts.f_bavail)) - used
        with open(self.path(point, f"fill-{wanted}"), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, wanted * facts.f_frsize)

    def break_filesystem(self, point):
        """Has the kernel find an error in an ext4 filesystem, which its option `errors` says what to do about."""
        device = self.run("findmnt", "-n", "-o", "SOURCE", point).strip()
        with open(f"/sys/fs/ext4/{os.path.basename(device)}/trigger_fs_error", "w") as file:
            file.write("a test")

    def hang(self, name):
        """Mounts a filesystem whose server never answers; where, and the server."""
        point = f"{self.folder}/mnt/{name}"
        os.makedirs(point)
        inside = ["nsenter", "--target", self.first.pid, "--mount", "--", "python3", "-c", HANG, point]
        server = children.start(inside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._hanging.append(server)
        assert server.stdout.readline() == "mounted\n", "the kernel has no FUSE"
        return point, server

    # Connections

    def track(self, count):
        """Makes `count` connections that are tracked, until their time is over."""
        self.run("python3", "-c", TALK, count)
