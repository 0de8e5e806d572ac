#!/usr/bin/env python3
"""From exec to the `started` event on stdout, which Custos writes when its first sweep is complete and judged.

A pipe wakes us: nothing is polled. Each run begins with an empty journal and an engine with 50 containers.
"""

import json
import os
import subprocess
import time

from figures import figure, finish, percentile, say
from harness import custos as program
from harness import names
from harness.custos import Custos
from harness.engine_stub import EngineStub

RUNS = int(os.environ.get("START_RUNS", 20))


def once(stub):
    """Milliseconds to the event, and what it says was watched."""
    custos = Custos({names.DOCKER_HOST: "unix://" + stub.socket})
    environment = {"PATH": os.environ["PATH"], **custos.environment}
    try:
        began = time.monotonic_ns()
        process = subprocess.Popen([program.binary(), "run"], env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        try:
            for line in process.stdout:
                took = (time.monotonic_ns() - began) / 1e6
                if json.loads(line)["reason"] == "started":
                    return took
            raise AssertionError("it ended before it had started")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    finally:
        custos.close()


def main():
    stub = EngineStub()
    for number in range(50):
        stub.service("start", f"s{number}", told=False)
    try:
        once(stub)  # warms the page cache
        times = []
        for _ in range(RUNS):
            before = len(stub.asked("/containers/json"))
            times.append(once(stub))
            assert len(stub.asked("/containers/json")) > before, "started without having seen the containers"
        say(f"{RUNS} starts, min {min(times):.1f} max {max(times):.1f} ms")
        figure("start_median_ms", percentile(times, 50))
        figure("start_p95_ms", percentile(times, 95))
    finally:
        stub.close()
    finish()


if __name__ == "__main__":
    main()
