#!/usr/bin/env python3
"""STORM containers (500) of a real engine, which were made before: each started and killed from the host, as fast as
the engine can, then all removed; twice. Every death must be told; from the engine's own time of the `die` to the
webhook's first bytes; memory afterwards, of Custos and of the engine.

Containers are as bare as can be, with the host's network (see reaction.py). Custos runs in the hardened container with
its defaults but for the limits that would bundle deaths.
"""

import concurrent.futures
import os
import time

from figures import figure, finish, percentile, say
from harness import names, shared
from harness.custos import HardenedCustos
from harness.engine_events import EngineEvents
from harness.waiting import eventually
from reaction import Receipt
from usage import Usage

COUNT = int(os.environ.get("STORM_COUNT", 500))
HANDS = int(os.environ.get("STORM_HANDS", 4))
SETTLE = int(os.environ.get("STORM_SETTLE", 90))
"""Every minute Custos gives back what it does not need."""
BARE = {
    "NetworkMode": "host", "IpcMode": "host", "MaskedPaths": [], "ReadonlyPaths": [],
    "SecurityOpt": ["seccomp=unconfined"], "LogConfig": {"Type": "none"},
}
"""As little of a container as can be: what the engine spends on each is the storm's pace."""


def storm(engine, round_):
    """Starts and ends them all; how long that took, in seconds."""
    def made(number):
        return engine.service("storm", f"r{round_}n{number}", restart="no", host=BARE, start=False)

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


def of_storm(deaths):
    """Those of the storm's own containers."""
    return [death for death in deaths.seen
            if death["Actor"]["Attributes"].get("com.docker.compose.project") == "storm"]


def target_of(event):
    """What Custos calls the container that an event of the engine is about."""
    attributes = event["Actor"]["Attributes"]
    return f"{attributes['com.docker.compose.project']}/{attributes['com.docker.compose.service']}/1"


def main():
    engine = shared.engine_with_custos()
    receiver, deaths = Receipt(engine.gateway), EngineEvents(engine, "die")
    environment = {names.WEBHOOK: receiver.url, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", **names.UNLIMITED}
    custos = HardenedCustos(engine, engine.socket, environment)
    try:
        custos.started(60)
        after = []
        for round_ in range(2):
            seconds = storm(engine, round_)
            say(f"{COUNT} containers in {seconds:.0f} s")
            eventually("the engine told all", lambda: len(of_storm(deaths)) == COUNT * (round_ + 1), 60)
            time.sleep(SETTLE)
            after.append((Usage(custos.container.pid), Usage(engine.process.pid)))
        told = {event["target"]: arrived for arrived, event in receiver.close()
                if event.get("measure") == names.DEATH and event["reason"] == "fired"}
        died = {target_of(event): event["timeNano"] for event in of_storm(deaths)}
        delays = [(told[target] - moment) / 1e6 for target, moment in died.items() if target in told]
        figure("storm_containers_per_minute", COUNT / seconds * 60)
        figure("storm_lost_deaths", len(died.keys() - told.keys()))
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
