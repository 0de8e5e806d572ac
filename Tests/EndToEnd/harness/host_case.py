"""What tests of host checks share: Custos with one check that looks five times a second, and what it tells."""

import functools
import json
import unittest

from . import names, receiver
from .custos import Custos, brief
from .machine import Machine
from .waiting import eventually


class Observations(dict):
    """Those of a check's entry in a report, by measure and target."""

    def __init__(self, entry):
        super().__init__({(seen["measure"], seen["target"]): seen for seen in entry["observations"]})
        self._entry = entry

    def __missing__(self, key):
        raise AssertionError(f"no {key} in {json.dumps(self._entry)[:3000]}")


class HostCase(unittest.TestCase):
    """Custos watches this host, unless `environment` names another."""

    switches_on = False
    """Whether the check is switched on by name; else it runs by itself, or for one of its settings."""

    reaches_webhooks = True
    """Whether alerts are heard at a webhook, or on the output of a Custos whose network has no receiver."""

    def setUp(self):
        self.environment = {}

    @functools.cached_property
    def hook(self):
        hook = receiver.Receiver()
        self.addCleanup(hook.close)
        return hook

    def installed(self, check, environment=None, **settings):
        """Custos with one check and `settings` of it, not started yet."""
        own = {"EVERY": "200ms", "GONE_AFTER": "1", **settings}
        custos = Custos({
            **names.UNLIMITED, **({names.WEBHOOK: self.hook.url} if self.reaches_webhooks else {}),
            **self.environment, **names.only(check), **({f"CUSTOS_{check}": "on"} if self.switches_on else {}),
            **{f"CUSTOS_{check}__{key}": value for key, value in own.items()}, **(environment or {}),
        })
        self.addCleanup(custos.close)
        return custos

    def watching(self, check, environment=None, under=(), **settings):
        """Custos with one check, started, `under` another command."""
        self.custos = self.installed(check, environment, **settings)
        self.custos.under = list(under)
        return self.custos.started()

    def report(self, check, environment=None, **settings):
        """What one pass over one check says: its entry in the report, and its observations by measure and target."""
        custos = self.installed(check, environment, **settings)
        done = custos.command("check", "--kind", check.lower(), "--output", "json")
        self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)
        entry, = json.loads(done.stdout)["checks"]
        return entry, Observations(entry)

    def alerts(self, **fields):
        return (self.hook if self.reaches_webhooks else self.custos.output).alerts(**fields)

    def heard(self, timeout=20, **fields):
        """The first alert with these fields."""
        return eventually(lambda: f"{fields}; heard {brief(self.alerts())}", lambda: self.alerts(**fields), timeout)[0]

    def told(self):
        """Every alert so far: measure, target and reason, in the order of arrival."""
        return [(event["measure"], event["target"], event["reason"]) for event in self.alerts()]


class MachineCase(HostCase):
    """Custos watches a machine that the test changes as it likes."""

    def setUp(self):
        super().setUp()
        self.machine = Machine()
        self.addCleanup(self.machine.close)
        self.environment |= self.machine.environment
