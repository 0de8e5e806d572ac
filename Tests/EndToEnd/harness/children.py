"""Processes that the harness starts: each is known by its id and ends with the harness, also when that is killed."""

import atexit
import signal
import subprocess

_children = []


def start(arguments, when_we_die="KILL", **options):
    """Starts a process that gets the signal `when_we_die` when this one ends for whatever reason.

    `setpriv` replaces itself by the program, so the process id is the program's own.
    """
    child = subprocess.Popen(["setpriv", "--pdeathsig", when_we_die, "--", *map(str, arguments)], **options)
    _children.append(child)
    return child


def end(child, how=signal.SIGTERM, patience=20.0):
    """Ends one child and returns its exit status; SIGKILL when it does not listen."""
    if child.poll() is None:
        child.send_signal(how)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child in _children:
        _children.remove(child)
    return child.returncode


@atexit.register
def _end_all():
    for child in list(_children):
        end(child, patience=10)
