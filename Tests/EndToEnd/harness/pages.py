"""Pages of documentation: their fenced blocks, and a shell that runs them as a reader would type them."""

import collections
import os
import re
import shutil
import signal
import subprocess
import tempfile

from . import children, custos, images
from .waiting import eventually

Block = collections.namedtuple("Block", "language words text shown line")
"""`words` is what follows the language; `shown` is the `text` block right behind, or None."""

_FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)

# Where there is a compose plugin it is the client; Debian's is a program of its own. The reader's own requests do not
# go where those of Custos are recorded.
_DOCKER = """#!/bin/sh
export DOCKER_HOST=${CONTROL:+unix://$CONTROL}
if [ "$1" = compose ]; then shift; exec /usr/bin/docker-compose "$@"; fi
exec /usr/bin/docker "$@"
"""

# The machine's own engine, control socket and journal are out of reach.
_APART = """
mount -t tmpfs none /run && mount -t tmpfs none /var/lib && mkdir -p /run/custos /var/lib/custos
if [ -n "$ENGINE" ]; then touch /run/docker.sock && mount --bind "$ENGINE" /run/docker.sock; fi
unset ENGINE
"""


def read(path):
    with open(os.path.join(images.REPOSITORY, path)) as file:
        return file.read()


def blocks(path):
    text = read(path)
    return [Block(match[1], match[2].split(), match[3], match[4], text.count("\n", 0, match.start()) + 1)
            for match in _FENCE.finditer(text)]


def fits(shown, output):
    """Whether an output is what the page shows: `…` stands for anything in a line, alone for any lines."""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += ".*".join(re.sub(r"(\\ )+", " +", re.escape(part)) for part in line.split("…")) + "[ ]*\n"
    return re.fullmatch(pattern, output if output.endswith("\n") else output + "\n") is not None


class Shell:
    """One bash for a whole page: what a block exports or starts is there for the next; perhaps with an engine."""

    def __init__(self, folder=None, engine=None, environment=None):
        self._own = tempfile.mkdtemp(prefix="custos-page-")
        self.folder = folder or os.path.join(self._own, "work")
        os.makedirs(self.folder, exist_ok=True)
        tools = os.path.join(self._own, "bin")
        os.mkdir(tools)
        os.symlink(custos.binary(), os.path.join(tools, "custos"))
        with open(os.open(os.path.join(tools, "docker"), os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
            file.write(_DOCKER)
        known = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": self._own, "TZ": "UTC",
                 "ENGINE": engine.socket if engine else "", "CONTROL": engine.control if engine else "",
                 "CUSTOS_STATUS__LISTEN": "off", **(environment or {})}
        self._bash = children.start(["unshare", "--mount", "--propagation", "private", "bash", "--norc"], env=known,
                                    cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        status, output = self.run(_APART)
        assert status == 0, output

    def run(self, text, timeout=180):
        """One block; the status of its last command, and stdout and stderr together. A command in between that
        fails makes the block fail."""
        script, output, status = (os.path.join(self._own, name) for name in ("script", "output", "status"))
        with open(script, "w") as file:
            file.write(text)
        self._bash.stdin.write(f"failed=0; trap 'failed=$?' ERR; . {script} > {output} 2>&1 < /dev/null; last=$?; "
                               f"trap - ERR; echo $((last ? last : failed)) > {status}-; mv {status}- {status}\n")
        self._bash.stdin.flush()
        eventually(f"the end of {text!r}", lambda: os.path.exists(status), timeout)
        with open(status) as file, open(output, errors="replace") as lines:
            outcome = int(file.read()), lines.read()
        os.remove(status)
        return outcome

    def close(self):
        # It leads a session of its own: what its blocks left in the background is in its group.
        try:
            os.killpg(self._bash.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        children.end(self._bash, signal.SIGKILL)
        self._bash.stdin.close()
        shutil.rmtree(self._own, ignore_errors=True)
