#!/usr/bin/env python3
"""Anonymous memory while much happens: 50 containers of a stand-in engine that die, return and fall ill about ten times
a second, every check each second (thirty times its default), a webhook that is told all of it.

The growth is that of the median from the second fifth of the time to the last; the first fifth warms up.
"""

import os
import random
import statistics
import time

from figures import figure, finish, say
from harness import names
from harness.custos import Custos
from harness.engine_stub import EngineStub
from outbox import Swallow
from usage import Usage

SECONDS = int(os.environ.get("MEMORY_SECONDS", 300))
CONTAINERS = 50


def disturb(stub, chance):
    """One thing that happens to one container."""
    name = f"memory-s{chance.randrange(CONTAINERS)}-1"
    container = stub.containers[name]
    if container.status != "running":
        stub.start(name)
    elif container.health == "unhealthy":
        stub.become(name, "healthy")
    elif chance.random() < 0.3:
        stub.become(name, "unhealthy")
    else:
        stub.die(name, code=chance.choice([1, 2, 137]))


def main():
    stub, swallow, chance = EngineStub(), Swallow(), random.Random(1)
    for number in range(CONTAINERS):
        stub.service("memory", f"s{number}", told=False)
    custos = Custos({**names.UNLIMITED, names.EVERY: "1s", names.DOCKER_HOST: "unix://" + stub.socket,
                     names.WEBHOOK: swallow.url, "CUSTOS_JOURNAL__MAX_EVENTS": "1000"})
    try:
        custos.started()
        samples, began = [], time.monotonic()
        while (now := time.monotonic()) < began + SECONDS:
            disturb(stub, chance)
            if now >= began + len(samples):
                samples.append(Usage(custos.process.pid))
            time.sleep(0.1)
        anonymous = [sample.anonymous for sample in samples]
        fifth = len(anonymous) // 5
        early, late = statistics.median(anonymous[fifth:2 * fifth]), statistics.median(anonymous[-fifth:])
        say(f"{swallow.told()['events']} events in {SECONDS} s; MiB by fifth: "
            + " ".join(f"{statistics.median(anonymous[n * fifth:(n + 1) * fifth]):.2f}" for n in range(5)))
        figure("memory_busy_anonymous_mib", late)
        figure("memory_growth_mib", late - early)
        figure("memory_busy_threads", max(sample.threads for sample in samples))
    finally:
        custos.close()
        swallow.close()
        stub.close()
    finish()


if __name__ == "__main__":
    main()
