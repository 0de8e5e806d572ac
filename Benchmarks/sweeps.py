#!/usr/bin/env python3
"""A dead webhook delays no sweep and no other sink: sweeps against their schedule, and death to the good webhook,
with and without a webhook beside it that accepts and never answers."""

import itertools
import os
import re
import socket
import time
import urllib.request

from figures import figure, finish, percentile, say
from harness import names
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.receiver import SILENT, Receiver
from harness.waiting import eventually

SECONDS = int(os.environ.get("SWEEP_SECONDS", 120))
PERIOD = 0.5
"""So short that a moment in which the machine stood still is one turn of hundreds."""
METRIC = re.compile(r'^custos_check_last_success_timestamp_seconds\{([^}]*)\} ([0-9.e+]+)$', re.MULTILINE)


def measure(dead):
    """(lateness of sweeps, death to webhook), both in milliseconds."""
    stub, good, silent = EngineStub(), Receiver(), Receiver(behaviour=SILENT)
    for number in range(10):
        stub.service("sweep", f"s{number}", told=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        status = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {**names.UNLIMITED, names.EVERY: f"{PERIOD:g}s", names.DOCKER_HOST: "unix://" + stub.socket,
                   names.WEBHOOK: good.url, names.STATUS: status, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s"}
    if dead:
        environment.update(names.webhook("dead", silent.url))
    custos = Custos(environment)
    try:
        custos.started()
        moments, delays = {}, []
        until, number = time.monotonic() + SECONDS, 0
        next_death = time.monotonic() + 1
        while time.monotonic() < until:
            with urllib.request.urlopen(f"http://{status}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            for labels, value in METRIC.findall(text):
                moments.setdefault(labels, set()).add(float(value))
            if time.monotonic() > next_death:
                next_death += 0.5
                name = f"sweep-s{number % 10}-1"
                known = len(good.alerts(measure=names.DEATH, status="firing"))
                died = stub.die(name)["timeNano"]
                told = eventually("the death is told",
                                  lambda: good.alerts(measure=names.DEATH, status="firing")[known:], 5, every=0.001)
                delays.append((good.arrival(told[0]["id"]) - died) / 1e6)
                stub.start(name)
                number += 1
            time.sleep(0.1)
        late = [lateness for told in moments.values() for lateness in against_schedule(told)]
        assert late and delays, "nothing was seen"
        return late, delays
    finally:
        custos.close()
        for part in (good, silent, stub):
            part.close()


def against_schedule(moments):
    """How late each sweep of one check was, in milliseconds, by turns that are PERIOD apart; one that was left out, or
    not seen, counts as a whole turn."""
    moments = sorted(moments)
    turns = [round((moment - moments[0]) / PERIOD) for moment in moments]
    offsets = [moment - turn * PERIOD for moment, turn in zip(moments, turns)]
    usual = percentile(offsets, 50)
    left_out = sum(max(0, later - turn - 1) for turn, later in itertools.pairwise(turns))
    return [abs(offset - usual) * 1000 for offset in offsets] + [PERIOD * 1000] * left_out


def main():
    late, delays = measure(dead=False)
    say(f"without: {len(late)} sweeps, {len(delays)} deaths")
    figure("sweep_late_p99_ms", percentile(late, 99))
    figure("told_median_ms", percentile(delays, 50))
    late, delays = measure(dead=True)
    say(f"beside a webhook that never answers: {len(late)} sweeps, {len(delays)} deaths")
    figure("sweep_late_p99_beside_dead_webhook_ms", percentile(late, 99))
    figure("told_median_beside_dead_webhook_ms", percentile(delays, 50))
    finish()


if __name__ == "__main__":
    main()
