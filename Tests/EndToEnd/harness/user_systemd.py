"""A real systemd with units of its own, behind a real dbus-daemon, where this machine itself runs none."""

import contextlib
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


# A user's instance moves whoever shares its group: it gets one of its own, in a hierarchy (version 2) that is mounted
# for nobody else. With their namespaces everything that systemd has started ends.
GROUPED = """
set -e
mkdir -p "$1/groups"
mount -t cgroup2 none "$1/groups"
mkdir "$1/groups/$2"
echo $$ >"$1/groups/$2/cgroup.procs"
exec unshare --mount --pid --cgroup --fork --kill-child --mount-proc sh -c "$3"
"""

# The innermost first.
EMPTY = """
mount -t cgroup2 none "$1/groups" || exit
[ ! -d "$1/groups/$2" ] || find "$1/groups/$2" -depth -type d -exec rmdir {} +
"""


class UserSystemd:
    """Debian's systemd as a user's instance: the system's interface, without the system's power."""

    def __init__(self, **units):
        """`units` maps a name with `_` in the place of the last dot to the unit file's text."""
        self.folder = tempfile.mkdtemp(prefix="custos-systemd-")
        self.group = os.path.basename(self.folder)
        self.process = None
        try:
            self._start(units)
        except BaseException:
            self.close()
            raise

    def _start(self, units):
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
        with open(f"{self.folder}/log", "w") as log:
            self.process = children.start(["unshare", "--mount", "sh", "-c", GROUPED, "sh", self.folder, self.group,
                                           START], env=environment, stdout=log, stderr=log)
        self.first = eventually(self.log, self._first)
        eventually(self.log, lambda: self.control("is-active", "default.target", check=False).strip() == "active")

    @property
    def socket(self):
        """The bus, as we and Custos reach it."""
        return f"/proc/{self.process.pid}/root/run/user/0/bus"

    def _first(self):
        """The namespaces' first process, as we count; before them, what mounts and makes the group."""
        process = f"/proc/{self.process.pid}"
        with contextlib.suppress(OSError), open(f"{process}/task/{self.process.pid}/children") as file:
            child = file.read().strip()
            return child if child and os.readlink(f"/proc/{child}/ns/pid") != os.readlink(f"{process}/ns/pid") else None
        return None

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
        if self.process is not None:
            children.end(self.process, signal.SIGKILL)
            eventually(f"the group {self.group} is empty", self._emptied)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _emptied(self):
        os.makedirs(f"{self.folder}/groups", exist_ok=True)
        command = ["unshare", "--mount", "sh", "-c", EMPTY, "sh", self.folder, self.group]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
