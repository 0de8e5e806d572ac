"""A real systemd with units of its own, behind a real dbus-daemon, where this machine itself runs none."""

import os
import shutil
import signal
import subprocess
import tempfile

from . import children
from .waiting import eventually

BUS_SERVICE = """[Unit]
Requires=dbus.socket
[Service]
Type=notify
ExecStart=dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation
"""

START = """
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/user/0/systemd
chmod 700 /run/user/0
# What it takes for the root of all groups is the one that was made for it.
umount -l -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
# Not as the first process: that one would be the system's instance.
/lib/systemd/systemd --user --log-target=console &
wait
"""


def unified():
    """Where the machine has version 2 of the groups, alone or beside version 1."""
    with open("/proc/self/mounts") as mounts:
        return next(fields[1] for fields in map(str.split, mounts) if fields[2] == "cgroup2")


class UserSystemd:
    """Debian's systemd as a user's instance: the system's interface, without the system's power."""

    def __init__(self, **units):
        """`units` maps a name with `_` in the place of the last dot to the unit file's text."""
        self.folder = tempfile.mkdtemp(prefix="custos-systemd-")
        # A user's instance moves whoever shares its group: it gets one of its own.
        self.group = f"{unified()}/{os.path.basename(self.folder)}"
        os.mkdir(self.group)
        for target in ["basic", "sockets", "timers", "shutdown"]:
            self.write(f"{target}.target", "[Unit]\nDefaultDependencies=no\n")
        self.write("dbus.socket", "[Socket]\nListenStream=/run/user/0/bus\n")
        self.write("dbus.service", BUS_SERVICE)
        names = {".".join(name.replace("__", "-").rsplit("_", 1)): text for name, text in units.items()}
        for name, text in names.items():
            self.write(name, text)
        wanted = " ".join(name for name, text in names.items() if "# not at start" not in text)
        self.write("default.target", f"[Unit]\nWants=dbus.socket {wanted}\n")
        environment = {"PATH": os.environ["PATH"], "HOME": "/root", "XDG_RUNTIME_DIR": "/run/user/0",
                       "SYSTEMD_UNIT_PATH": self.folder}
        # With their namespace everything that systemd has started ends.
        command = ["sh", "-c", f'echo $$ >{self.group}/cgroup.procs && exec "$@"', "sh", "unshare", "--mount", "--pid",
                   "--cgroup", "--fork", "--kill-child", "--mount-proc", "sh", "-c", START]
        with open(f"{self.folder}/log", "w") as log:
            self.process = children.start(command, env=environment, stdout=log, stderr=log)
        self.first = eventually("the namespace has its first process", self._first)
        eventually(self.log, lambda: self.control("is-active", "default.target", check=False).strip() == "active")

    @property
    def socket(self):
        """The bus, as we and Custos reach it."""
        return f"/proc/{self.process.pid}/root/run/user/0/bus"

    def _first(self):
        """The namespace's first process, as we count."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().strip()

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def control(self, *arguments, check=True):
        """systemctl's output."""
        inside = ["nsenter", "--target", self.first, "--mount", "--pid", "--", "env", "XDG_RUNTIME_DIR=/run/user/0",
                  "systemctl", "--user", *arguments]
        done = subprocess.run(inside, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def log(self):
        with open(f"{self.folder}/log") as file:
            return file.read()

    def close(self):
        children.end(self.process, signal.SIGKILL)
        # The innermost first.
        for folder, _, _ in os.walk(self.group, topdown=False):
            eventually(f"{folder} is empty", lambda folder=folder: self._removed(folder))
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _removed(folder):
        try:
            os.rmdir(folder)
        except OSError:
            return False
        return True
