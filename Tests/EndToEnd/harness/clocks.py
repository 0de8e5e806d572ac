"""Those who know the time: a real chronyd that leaves this machine's clock alone, and a time server that may lie."""

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from . import children, images
from .waiting import eventually

CHRONY = f"{images.REPOSITORY}/.build/debian/chrony/usr"
"""Unpacked by scripts/install-deps: nobody's time daemon is replaced, and no profile of AppArmor is about this path."""
EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def free_ports():
    """Two UDP ports of 127.0.0.1 that nobody has at the moment."""
    with (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
          socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other):
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


class Chronyd:
    """Debian's chronyd with ports of its own; `-x` keeps its hands off the clock."""

    def __init__(self, *lines):
        self.folder = tempfile.mkdtemp(prefix="custos-chrony-")
        self.port, self.command_port = free_ports()
        self.command_socket = f"{self.folder}/run/chronyd.sock"
        os.mkdir(f"{self.folder}/run", 0o750)
        self.process = None
        self.configure(*lines)

    @property
    def address(self):
        return f"127.0.0.1:{self.command_port}"

    def configure(self, *lines):
        common = [f"port {self.port}", f"cmdport {self.command_port}", "bindaddress 127.0.0.1",
                  "bindcmdaddress 127.0.0.1", f"bindcmdaddress {self.command_socket}", "allow 127.0.0.1",
                  f"pidfile {self.folder}/pid"]
        with open(f"{self.folder}/chrony.conf", "w") as file:
            file.write("\n".join([*common, *lines]) + "\n")

    def start(self):
        command = [f"{CHRONY}/sbin/chronyd", "-x", "-d", "-u", "root", "-f", f"{self.folder}/chrony.conf"]
        with open(f"{self.folder}/log", "a") as log:
            self.process = children.start(command, stdout=log, stderr=log)
        eventually(self.log, lambda: self.tracking() is not None)
        return self

    def stop(self):
        children.end(self.process)

    def close(self):
        if self.process is not None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with open(f"{self.folder}/log") as file:
            return file.read()

    def tracking(self):
        """What chronyc says, as a list of fields; None where nobody answers."""
        command = [f"{CHRONY}/bin/chronyc", "-c", "-h", "127.0.0.1", "-p", str(self.command_port), "tracking"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip().split(",") if done.returncode == 0 else None

    def follows_a_source(self):
        fields = self.tracking()
        return fields is not None and fields[-1] == "Normal" and 0 < int(fields[2]) < 16


class TimeServer:
    """Answers SNTP as its fields say; each may be changed while it runs."""

    def __init__(self):
        self.ahead, self.stratum, self.leap, self.reference = 0.0, 2, 0, b"\xc0\x00\x02\x01"
        self.forges_origin = self.is_silent = False
        self.asked_at = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def close(self):
        self._ended.set()
        self._thread.join()
        self.socket.close()

    def _serve(self):
        while not self._ended.is_set():
            try:
                question, sender = self.socket.recvfrom(1024)
            except TimeoutError:
                continue
            self.asked_at.append(time.monotonic())
            if not self.is_silent:
                self.socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        now = time.time() + self.ahead + EPOCH
        stamp = struct.pack(">II", int(now) & 0xFFFFFFFF, int(now % 1 * 2**32))
        heard = struct.pack(">II", int(now - 30) & 0xFFFFFFFF, 0)
        origin = b"\x01" * 8 if self.forges_origin else question[40:48]
        head = struct.pack(">BBbbII", self.leap << 6 | 4 << 3 | 4, self.stratum, 6, -23, 655, 1310)
        return head + self.reference + heard + origin + stamp + stamp
