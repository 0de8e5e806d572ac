#!/usr/bin/env python3
"""STORM containers (500) of a real engine, which were made before: each started and killed from the host, as fast as
the engine can, then all removed; twice. Every death must be told; from the engine's own time of the `die` to the
webhook's first bytes; memory afterwards, of Custos and of the engine.

Containers have the host's network (see reaction.py). Custos runs in the hardened container with its defaults but
for the limits that would bundle deaths.
"""

import concurrent.futures
import json
import os
import threading
import time
import urllib.parse

from figures import figure, finish, percentile, say
from harness import names, shared, unix_http
from harness.custos import HardenedCustos
from harness.waiting import eventually
from reaction import Receipt
from usage import Usage

COUNT = int(os.environ.get("STORM_COUNT", 500))
HANDS = int(os.environ.get("STORM_HANDS", 4))
SETTLE = int(os.environ.get("STORM_SETTLE", 30))


class Deaths:
    """Every `die` of the storm's containers by target, with the engine's own time; it remembers 256 events only."""

    def __init__(self, engine):
        self.at = {}
        filters = urllib.parse.quote(json.dumps({"type": ["container"], "event": ["die"]}))
        self._connection = unix_http.UnixConnection(engine.control, timeout=None)
        self._connection.request("GET", f"/v1.41/events?filters={filters}")
        self._stream = self._connection.getresponse()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        try:
            for line in self._stream:
                event = json.loads(line)
                attributes = event["Actor"]["Attributes"]
                if attributes.get("com.docker.compose.project") == "storm":
                    self.at[f"storm/{attributes['com.docker.compose.service']}/1"] = event["timeNano"]
        except (OSError, ValueError):
            pass  # the engine was stopped


def storm(engine, round_):
    """Starts and ends them all; how long that took, in seconds."""
    def made(number):
        return engine.service("storm", f"r{round_}n{number}", restart="no", host={"NetworkMode": "host"}, start=False)

    def one(container):
        container.start()
        container.crash()
        container.wait()

    with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
        containers = list(hands.map(made, range(COUNT)))
        began = time.monotonic()
        list(hands.map(one, containers))
        seconds = time.monotonic() - began
        list(hands.map(lambda container: container.remove(), containers))
    return seconds


def main():
    engine = shared.engine_with_custos()
    receiver, deaths = Receipt(engine.gateway), Deaths(engine)
    environment = {names.WEBHOOK: receiver.url, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", **names.UNLIMITED}
    custos = HardenedCustos(engine, engine.socket, environment)
    try:
        custos.started(60)
        after = []
        for round_ in range(2):
            seconds = storm(engine, round_)
            say(f"{COUNT} containers in {seconds:.0f} s")
            eventually("the engine told all", lambda: len(deaths.at) == COUNT * (round_ + 1), 60)
            time.sleep(SETTLE)
            after.append((Usage(custos.container.pid), Usage(engine.process.pid)))
        told = {event["target"]: arrived for arrived, event in receiver.close()
                if event.get("measure") == names.DEATH and event["reason"] == "fired"}
        delays = [(told[target] - moment) / 1e6 for target, moment in deaths.at.items() if target in told]
        figure("storm_containers_per_minute", COUNT / seconds * 60)
        figure("storm_lost_deaths", len(deaths.at.keys() - told.keys()))
        figure("storm_reaction_median_ms", percentile(delays, 50))
        figure("storm_reaction_p99_ms", percentile(delays, 99))
        (custos_first, engine_first), (custos_second, engine_second) = after
        figure("storm_custos_anonymous_mib", custos_second.anonymous)
        figure("storm_custos_growth_mib", custos_second.anonymous - custos_first.anonymous)
        figure("storm_engine_growth_mib", engine_second.anonymous - engine_first.anonymous)
    finally:
        custos.close()
    finish()


if __name__ == "__main__":
    main()
