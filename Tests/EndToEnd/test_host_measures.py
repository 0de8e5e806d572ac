"""Every measure of every check, seen from an unprivileged bridged container: what the host itself reads, or unknown."""

import collections
import json
import os
import re
import unittest

from harness import shared
from harness.custos import Custos, HardenedCustos, once

SHOW = bool(os.environ.get("SHOW"))
LOOKS = 6

# With these every kind has something to look at.
EVERYTHING = {
    "CUSTOS_DOCKER": "off", "CUSTOS_CPU__CORES": "true",
    "CUSTOS_MOUNT": "on", "CUSTOS_PROCFD": "on", "CUSTOS_PROCNUM__NAME": "*", "CUSTOS_SECMOD": "on",
    "CUSTOS_SYSCTL__CHANGES": "vm.swappiness,net.core.somaxconn,net.ipv4.ip_forward", "CUSTOS_SYSTEMD": "on",
}

# Each look measures a span of its own, so that two looks have nothing to agree on.
OWN_SPAN = re.compile("cpu_.*_ratio|diskio_.*")

# How far the container's look may lie outside of what the host read before and after it, as (part of it, absolute).
SLACK = {"total": (0, 0), "ratio": (0.05, 0.01), "bytes": (0.05, 64 << 20), "seconds": (0, 1), "none": (0.05, 3),
         "per_second": (0.05, 1)}

# What the container brings with it while it looks: its own threads and those of the shim, and what they have open.
BROUGHT = {"pids_threads": 32, "procnum_threads": 32, "filefd_allocated": 64}

# What the kernel shows nobody outside the host's own namespaces, and so must be said to be out of sight.
OUT_OF_SIGHT = {"pids_used_ratio", "sockstat_tcp_memory_ratio", "tcpstate_ports_used_ratio"}

Look = collections.namedtuple("Look", "before inside after")


def seen(report):
    """Every observation by kind, target and measure."""
    return {(check["check_kind"], o["target"], o["measure"]): o
            for check in report["checks"] for o in check["observations"]}


def said(observation):
    """A value or a state, for people."""
    if observation is None:
        return "-"
    text = observation["state"] if observation["value"] is None else f"{observation['value']:g}"
    return "unknown" if text is None else text[:24]


def agree(before, inside, after):
    """Whether the container saw what the host saw around it."""
    if inside["value"] is None:
        return inside["state"] is not None and inside["state"] in (before["state"], after["state"])
    if before["value"] is None or after["value"] is None:
        return False
    low, high = sorted((before["value"], after["value"]))
    if OWN_SPAN.fullmatch(inside["measure"]):
        return inside["value"] >= 0 and (inside["unit"] != "ratio" or inside["value"] <= 1)
    share, least = SLACK[inside["unit"]]
    brought = BROUGHT.get(inside["measure"], 0)
    return low - max(least, low * share) <= inside["value"] <= high + max(least, high * share, brought)


def is_hidden(observation):
    return observation["judgement"] in ("unknown", "not_applicable")


def is_expected(hidden):
    """Whether nobody could see it from a container: of kernel parameters, those of the network."""
    return hidden["measure"] in OUT_OF_SIGHT or hidden["target"].startswith("net.")


class HostMeasuresTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engine = shared.engine_with_custos()
        cls.container = HardenedCustos(engine, engine.socket, EVERYTHING)
        cls.addClassCleanup(cls.container.close)
        cls.host = Custos({**EVERYTHING, "HOST_PROC": "/proc", "HOST_SYS": "/sys", "HOST_ROOT": "/"})
        cls.addClassCleanup(cls.host.close)
        cls.looks = [cls.look()]

    @classmethod
    def look(cls):
        before = cls.on_the_host()
        code, output, log = cls.container.once("check", "--output", "json")
        assert code in (0, 1, 2, 3), (code, log)
        return Look(before, json.loads(output), cls.on_the_host())

    @classmethod
    def on_the_host(cls):
        done = cls.host.command("check", "--output", "json")
        assert done.returncode in (0, 1, 2, 3), done.stderr
        return json.loads(done.stdout)

    @property
    def standings(self):
        """What the container's first report says of each check."""
        return {check["check_kind"]: check for check in self.looks[0].inside["checks"]}

    def test_every_measure(self):
        """S29 what the container sees is what the host reads; what it cannot see it says, with a remedy."""
        open_keys, rows = None, {}
        for number in range(LOOKS):
            if number == len(self.looks):
                self.looks.append(self.look())
            before, inside, after = map(seen, self.looks[number])
            if open_keys is None:
                open_keys = set(before)
            for key in sorted(open_keys):
                kind = key[0]
                rows[key] = (said(before.get(key)), said(inside.get(key)), said(after.get(key)))
                if key not in inside:
                    # The target ended meanwhile, or all of the check says what it lacks.
                    check = self.standings[kind]
                    settled = key not in after or check["status"] == "degraded" and check["remedy"]
                elif is_hidden(inside[key]):
                    settled = inside[key]["because"] and (is_hidden(before[key]) or is_expected(inside[key]))
                else:
                    settled = key in after and agree(before[key], inside[key], after[key])
                if settled:
                    open_keys.discard(key)
            if not open_keys:
                break
        if SHOW:
            for (kind, target, measure), row in sorted(rows.items()):
                print(f"    {kind:10} {target[:24]:24} {measure:40} host {row[0]}, inside {row[1]}, host {row[2]}")
            for kind, check in sorted(self.standings.items()):
                if check["reason"]:
                    print(f"    {kind:10} {check['status']}: {check['reason']}; {check['remedy']}")
        self.assertEqual({key: rows[key] for key in open_keys}, {})

    def test_scope(self):
        """S29 nothing of the container's own is told, and nothing as the host's that is not."""
        for look in self.looks:
            found = seen(look.inside)
            strays = {key: o["scope"] for key, o in found.items() if o["scope"] != "host" and not is_hidden(o)}
            self.assertEqual(strays, {})
            self.assertLessEqual({key[0] for key in found}, {key[0] for key in seen(look.before)})

    def test_every_kind_looks_or_says_why_not(self):
        kinds = set(re.findall(r"^(\w+): ", once("docs", "--list").stdout, re.MULTILINE)) - {"docker"}
        self.assertEqual(set(self.standings), kinds)
        for kind, check in self.standings.items():
            self.assertTrue(check["reason"] or check["observations"], kind)
            for seen in check["observations"]:
                self.assertTrue(seen["value"] is not None or seen["state"] or seen["because"], seen)


if __name__ == "__main__":
    unittest.main()
