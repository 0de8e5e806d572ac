#!/usr/bin/env python3
"""What watching costs the engine: Custos, which listens to its events, beside a poller as most watchers are made,
which lists, inspects and asks `/stats` of each container every 30 s. 1, 50, 200 and 500 idle containers of a real
engine, without a network: the bridge has no addresses for so many. A poller that needs longer than its 30 s for one
round asks less than it wants to.

The engine's cost is the CPU clock of dockerd and its containerd. The poller's own cost is left out: it is a few
lines of Python.
"""

import concurrent.futures
import os
import threading
import time

from figures import figure, finish, say
from harness import names, shared, unix_http
from harness.custos import HardenedCustos
from harness.proxy import Proxy
from harness.receiver import Receiver

SECONDS = int(os.environ.get("POLLING_SECONDS", 120))
SETTLE = int(os.environ.get("POLLING_SETTLE", 20))
COUNTS = [int(count) for count in os.environ.get("POLLING_COUNTS", "1,50,200,500").split(",")]
EVERY = 30


def engine_cpu(engine):
    """CPU seconds so far of dockerd and of what it has started itself: containerd."""
    own = str(engine.process.pid)
    processes = [own]
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read()
        except OSError:
            continue  # it has ended
        if fields.partition(" (")[2].partition(")")[0] == "containerd" and fields.rpartition(") ")[2].split()[1] == own:
            processes.append(name)
    return sum(time.clock_gettime((~int(process) << 3) | 2) for process in processes)


class Poller:
    """Asks through `socket` until it is closed."""

    def __init__(self, socket):
        self.socket = socket
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._end.set()
        self._thread.join()

    def _run(self):
        with concurrent.futures.ThreadPoolExecutor(8) as hands:
            while not self._end.is_set():
                began = time.monotonic()
                listed = unix_http.request(self.socket, "GET", "/v1.41/containers/json")[2]
                list(hands.map(self._ask, self._identifiers(listed)))
                self._end.wait(max(0, EVERY - (time.monotonic() - began)))

    @staticmethod
    def _identifiers(listed):
        return [row.split(b'"', 1)[0].decode() for row in listed.split(b'{"Id":"')[1:]]

    def _ask(self, identifier):
        unix_http.request(self.socket, "GET", f"/v1.41/containers/{identifier}/json")
        unix_http.request(self.socket, "GET", f"/v1.41/containers/{identifier}/stats?stream=false&one-shot=true")


def measure(engine, proxy, count, watcher):
    """One watcher for a while: what it asks, and what that costs."""
    time.sleep(SETTLE)
    began, before = time.monotonic(), engine_cpu(engine)
    time.sleep(SECONDS)
    minutes = (time.monotonic() - began) / 60
    cpu, requests = engine_cpu(engine) - before, len(proxy.since(began))
    figure(f"polling_{count}_{watcher}_requests_per_minute", requests / minutes)
    figure(f"polling_{count}_{watcher}_engine_cpu_seconds_per_minute", cpu / minutes)


def main():
    engine = shared.engine_with_custos()
    receiver, running = Receiver(engine.gateway), 0
    for count in sorted(COUNTS):
        for number in range(running, count):
            engine.service("polled", f"s{number}", host={"NetworkMode": "none"})
        running = count
        say(f"{count} containers")
        proxy = Proxy(engine.control)
        time.sleep(SETTLE)
        before, began = engine_cpu(engine), time.monotonic()
        time.sleep(SECONDS)
        figure(f"polling_{count}_nobody_engine_cpu_seconds_per_minute",
               (engine_cpu(engine) - before) / (time.monotonic() - began) * 60)
        custos = HardenedCustos(engine, proxy.socket, {names.WEBHOOK: receiver.url})
        custos.started(60)
        measure(engine, proxy, count, "custos")
        custos.close()
        poller = Poller(proxy.socket)
        measure(engine, proxy, count, "poller")
        poller.close()
        proxy.close()
    receiver.close()
    finish()


if __name__ == "__main__":
    main()
