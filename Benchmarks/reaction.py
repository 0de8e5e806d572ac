#!/usr/bin/env python3
"""From the engine's own time of a `die` (first process killed from the host) to the webhook's first bytes.

Custos runs in the hardened container, with its defaults but for the limits that would bundle deaths; the journal is on
the engine's disk, and each decision is synced before it is sent.

Twice: the dying containers share the host's network, or have the bridge's. For a bridged one the engine walks the
kernel's whole table of connections (`nf_conntrack_buckets`) just then, with soft interrupts off on its CPU; on a disk
with one queue, whose completion that CPU handles, the journal's sync waits for it. The first figure is without that
wait, the second shows it.
"""

import collections
import json
import os
import signal
import subprocess
import sys
import time

from figures import figure, finish, percentile, say
from harness import children, names, shared
from harness.custos import HardenedCustos

DEATHS = int(os.environ.get("REACTION_DEATHS", 200))
CONTAINERS = 20


def fsyncs(folder):
    """What one synchronous write costs where the journal is: each death's decision waits for one."""
    times = []
    path = os.path.join(folder, "probe")
    with open(path, "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    os.unlink(path)
    return f"fdatasync median {percentile(times, 50):.2f} p99 {percentile(times, 99):.2f} ms"


class Receipt:
    """The receiver's process."""

    def __init__(self, host):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "receipt.py")
        self.process = children.start([sys.executable, program, host], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = f"http://{host}:{int(self.process.stdout.readline())}/hook"

    def close(self):
        """Ends it; what it received, as (nanoseconds since 1970, event)."""
        output, _ = self.process.communicate(timeout=60)
        children.end(self.process)
        return [(line["arrived_ns"], line["event"]) for line in map(json.loads, output.splitlines())]


def measure(engine, network):
    """Milliseconds from each `die` to the webhook, sorted by container."""
    receiver = Receipt(engine.gateway)
    environment = {names.WEBHOOK: receiver.url, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", **names.UNLIMITED}
    custos = HardenedCustos(engine, engine.socket, environment)
    pool = [engine.service(f"react-{network}", f"s{number}", restart="no", host={"NetworkMode": network})
            for number in range(CONTAINERS)]
    try:
        custos.started()
        mark, happened = time.time(), []
        for number in range(DEATHS):
            container = pool[number % CONTAINERS]
            pid = container.pid
            # Neither in step with anything that Custos does periodically, nor beside work of ours.
            time.sleep(0.1 + (number * 37 % 100) / 1000)
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.25)
            container.until("exited")
            container.start()
            if number % CONTAINERS == CONTAINERS - 1 or number == DEATHS - 1:
                # The engine remembers 256 events.
                until = time.time()
                happened += engine.events(mark, until)
                mark = until
        time.sleep(1)
        say(f"journal: {fsyncs(custos.folder)}")
        return delays(happened, receiver.close())
    finally:
        custos.close()
        for container in pool:
            container.remove()


def delays(happened, received):
    died, told = collections.defaultdict(list), collections.defaultdict(list)
    for event in {event["timeNano"]: event for event in happened}.values():
        attributes = event["Actor"]["Attributes"]
        if event["Action"] == "die" and attributes["name"].startswith("react-"):
            parts = ("project", "service", "container-number")
            died["/".join(attributes[f"com.docker.compose.{part}"] for part in parts)].append(event["timeNano"])
    for arrived, event in received:
        if event.get("measure") == names.DEATH and event["status"] == "firing":
            told[event["target"]].append(arrived)
    found = []
    for target, moments in died.items():
        assert len(moments) == len(told[target]), (target, len(moments), len(told[target]))
        found += [(arrived - moment) / 1e6 for moment, arrived in zip(sorted(moments), sorted(told[target]))]
    assert len(found) == DEATHS, len(found)
    return found


def main():
    engine = shared.engine_with_custos()
    for network, name in (("host", "reaction"), ("bridge", "reaction_bridged")):
        times = measure(engine, network)
        say(f"{network}: {len(times)} deaths of {CONTAINERS} containers, min {min(times):.2f} max {max(times):.2f} ms")
        for share in (50, 90, 99):
            figure(f"{name}_{'median' if share == 50 else f'p{share}'}_ms", percentile(times, share))
    finish()


if __name__ == "__main__":
    main()
