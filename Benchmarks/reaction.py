#!/usr/bin/env python3
"""From the engine's own time of a `die` (first process killed from the host) to the webhook's receipt.

Custos runs in the hardened container, with its defaults but for the limits that would bundle deaths.
"""

import collections
import os
import time

from figures import figure, finish, percentile, say
from harness import names, shared
from harness.custos import HardenedCustos
from harness.receiver import Receiver
from harness.waiting import eventually

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


def main():
    engine = shared.engine_with_custos()
    receiver = Receiver(engine.gateway)
    environment = {names.WEBHOOK: receiver.url, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", **names.UNLIMITED}
    custos = HardenedCustos(engine, engine.socket, environment)
    pool = [engine.service("reaction", f"s{number}", restart="no") for number in range(CONTAINERS)]
    try:
        custos.started()
        eventually("the webhook was told of the start", lambda: receiver.events)
        mark, happened = time.time(), []
        for number in range(DEATHS):
            container = pool[number % CONTAINERS]
            container.crash()
            container.until("exited")
            container.start()
            # Not in step with anything that Custos does periodically.
            time.sleep(0.05 + (number * 37 % 100) / 1000)
            if number % CONTAINERS == CONTAINERS - 1 or number == DEATHS - 1:
                # The engine remembers 256 events.
                until = time.time()
                happened += engine.events(mark, until)
                mark = until

        def deaths():
            return [e for e in receiver.alerts(measure=names.DEATH, status="firing")]
        eventually(lambda: f"{DEATHS} deaths are told; {len(deaths())} are", lambda: len(deaths()) >= DEATHS, 30)

        died, told = collections.defaultdict(list), collections.defaultdict(list)
        for event in {event["timeNano"]: event for event in happened}.values():
            name = event["Actor"]["Attributes"]["name"]
            if event["Action"] == "die" and name.startswith("reaction-"):
                died[name.replace("-", "/")].append(event["timeNano"])
        for event in deaths():
            told[event["target"]].append(receiver.arrival(event["id"]))
        delays = []
        for target, moments in died.items():
            assert len(moments) == len(told[target]), (target, len(moments), len(told[target]))
            delays += [(arrived - moment) / 1e6 for moment, arrived in zip(sorted(moments), sorted(told[target]))]
        say(f"journal: {fsyncs(custos.folder)}")
        say(f"{len(delays)} deaths, {CONTAINERS} containers, min {min(delays):.2f} max {max(delays):.2f} ms")
        figure("reaction_median_ms", percentile(delays, 50))
        figure("reaction_p90_ms", percentile(delays, 90))
        figure("reaction_p99_ms", percentile(delays, 99))
    finally:
        custos.close()
        receiver.close()
    finish()


if __name__ == "__main__":
    main()
