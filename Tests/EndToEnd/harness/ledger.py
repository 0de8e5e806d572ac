"""What Custos asked of engines in a whole run, held against the lists that are shipped for the socket proxy."""

import collections
import contextlib
import os
import re
import threading

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "compose", "proxy")

WATCHING, LOGS, HEALING = "watching", "logs", "healing"
"""The lists by their names: the first always holds, the others where a test switched them on."""

_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_CONTAINER = re.compile(r"^(/containers/)[^/]+(?=/)")
_ODDITIES_SHOWN = 20


def patterns(name):
    """The patterns of one list, each for a method and a path without its query."""
    with open(os.path.join(_FOLDER, name + ".list")) as file:
        return [re.compile(line.strip(), re.ASCII) for line in file if line.strip() and not line.startswith("#")]


class Ledger:
    """Every request, by its kind; and each that was not allowed when it was made, with the test that ran."""

    def __init__(self):
        self.is_kept = False
        self.test = None
        self.offences = []
        self._counts = collections.Counter()
        self._lists = {name: patterns(name) for name in (WATCHING, LOGS, HEALING)}
        self._on = collections.Counter([WATCHING])
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def switched_on(self, *names):
        """Within, the requests of these lists are allowed besides: enter it before Custos starts, leave it after its
        end."""
        with self._lock:
            self._on.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._on.subtract(names)

    def allows(self, method, target):
        """Whether a list that is switched on has this request."""
        asked = f"{method} {target.split('?')[0]}"
        on = [name for name, count in self._on.items() if count > 0]
        return any(pattern.fullmatch(asked) for name in on for pattern in self._lists[name])

    def took(self, method, target):
        """Takes one request, as its first line has it."""
        if not self.is_kept:
            return
        with self._lock:
            self._counts[kind(method, target)] += 1
            if not self.allows(method, target):
                self.offences.append((f"{method} {target}", self.test))

    def count(self, method, path):
        """How often this kind of request was made: `("GET", "/containers/{id}/json")`."""
        return self._counts[f"{method} {path}"]

    def lines(self):
        """What was asked, and what was not allowed, for people."""
        yield f"{self._counts.total()} engine requests"
        for name, count in sorted(self._counts.items()):
            yield f"{count:9}  {name}"
        for asked, test in self.offences[:_ODDITIES_SHOWN]:
            yield f"NOT ALLOWED by compose/proxy/*.list: {asked[:200]!r}, in {test}"
        if len(self.offences) > _ODDITIES_SHOWN:
            yield f"and {len(self.offences) - _ODDITIES_SHOWN} more"


def kind(method, target):
    """A request without its version, container and query."""
    path = _CONTAINER.sub(r"\1{id}", _VERSION.sub("", target.split("?")[0]))
    return f"{method} {path}"[:100]


LEDGER = Ledger()
"""The run's; `run.py` says when it is kept."""
