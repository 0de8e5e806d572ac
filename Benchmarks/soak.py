#!/usr/bin/env python3
"""Custos in the hardened container beside a busy engine for as long as told: MINUTES (120), a thing each PAUSE s (2).

One line a minute. At the end it fails unless memory, descriptors, threads and journal stayed flat, every alert has its
cause, every crash was told, and nothing was lost, repeated or out of order. SHARED=1 lists alerts of the machine's own
checks without failing: others may use the machine.
"""

import datetime
import os
import statistics
import sys
import time

from figures import say
from harness import names, proof, shared
from harness.custos import HardenedCustos, brief
from harness.receiver import Receiver
from harness.waiting import eventually
from unrest import Unrest
from usage import Usage

MINUTES = float(os.environ.get("MINUTES", 120))
PAUSE = float(os.environ.get("PAUSE", 2))
SEED = int(os.environ.get("SEED", 1))
EVENTS_KEPT = 300
MIB = 1 << 20
# What is beyond EVENTS_KEPT is forgotten each hour; the log is cut back to 1 MiB at each checkpoint.
EVENT_MIB = 8 / 1024
LOG_MIB = 4


class Sample(Usage):
    """A minute's figures."""

    def __init__(self, pid, journal):
        super().__init__(pid)
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.journal = os.path.getsize(journal) / MIB
        log = journal + "-wal"
        self.log = os.path.getsize(log) / MIB if os.path.exists(log) else 0


def alerts(receiver):
    """The alerts told, each with the moment it speaks of."""
    found = receiver.alerts()
    for alert in found:
        moment = datetime.datetime.strptime(alert["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
        alert["epoch"] = moment.replace(tzinfo=datetime.timezone.utc).timestamp()
    return found


def line(minute, unrest, receiver, sample, cpu):
    say(f"{minute:6.0f} {sum(unrest.done.values()):8} {len(receiver.alerts()):7} {sample.anonymous:10.2f} "
        f"{sample.pss:8.1f} {sample.descriptors:5} {sample.threads:8} {sample.journal:9.2f} {sample.log:7.2f} "
        f"{cpu * 1000:8.0f}")


def soak(unrest, receiver, custos):
    """Keeps the engine busy; a sample a minute, and the descriptors seen at any time."""
    pid = custos.container.pid
    say("minute   things  alerts  anonymous      pss   fds  threads   journal     log   cpu ms")
    samples, began = [Sample(pid, custos.journal)], time.monotonic()
    while (now := time.monotonic()) < began + MINUTES * 60:
        if now >= began + len(samples) * 60:
            samples.append(Sample(pid, custos.journal))
            line(len(samples) - 1, unrest, receiver, samples[-1], samples[-1].since(samples[-2])[0])
        unrest.something()
        time.sleep(PAUSE)
    samples.append(Sample(pid, custos.journal))
    state = custos.container.inspect()
    assert state["RestartCount"] == 0 and state["State"]["Pid"] == pid, "Custos did not live through it"
    return samples


def part(values, number):
    """The median of one quarter of the time; the first is the warm-up."""
    size = max(1, len(values) // 4)
    return statistics.median(values[number * size:(number + 1) * size] or values[-1:])


def grown(samples, told):
    """What did not stay flat, `told` events in all."""
    hourly = told / max(1, MINUTES / 60) * 1.5
    def compare(name, allowed):
        values = [getattr(sample, name) for sample in samples]
        early, late = part(values, 1), part(values, 3)
        say(f"{name}: {early:.2f} in the second quarter, {late:.2f} in the last, at most {max(values):.2f}")
        return [f"{name} grew from {early:.2f} to {late:.2f}"] if late - early > allowed else []
    found = compare("anonymous", 0.75) + compare("descriptors", 2) + compare("threads", 1)
    # Until then it fills with the events that it keeps.
    if MINUTES >= 180:
        found += compare("journal", 1)
    for name, limit in (("journal", 1 + (EVENTS_KEPT + hourly) * EVENT_MIB), ("log", LOG_MIB)):
        most = max(getattr(sample, name) for sample in samples)
        say(f"{name}: at most {most:.2f} MiB")
        found += [f"the {name} reached {most:.2f} MiB of {limit:.2f}"] if most > limit else []
    return found


def judged(unrest, receiver, custos):
    """What was told that should not have been, or the other way round; Custos has ended."""
    told, events = alerts(receiver), receiver.events
    machine = [alert for alert in told if alert["check_kind"] != "docker"]
    if machine:
        say(f"of the machine itself: {brief(machine)[:10]}")
    found = [f"no cause: {brief([alert])}" for alert in unrest.unexplained(told)] + unrest.untold(told)
    found += [] if os.environ.get("SHARED") == "1" else [f"of the machine: {brief([alert])}" for alert in machine]
    for judge in (proof.gaps, proof.duplicates, proof.disorder, proof.repeated_firing):
        found += judge(events)
    # Those of this watchdog's targets; what the machine's own checks say may still be so.
    found += proof.unresolved([alert for alert in told if alert["check_kind"] == "docker"])
    printed = {event["id"] for event in custos.output.events}
    found += [f"not on stdout: {brief([event])}" for event in receiver.alerts() if event["id"] not in printed]
    found += [f"on stdout, not an event: {text}" for text in custos.output.stray[:3]]
    return found


def main():
    engine = shared.engine_with_custos()
    receiver = Receiver(engine.gateway)
    environment = {
        **names.UNLIMITED, names.WEBHOOK: receiver.url, "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s",
        "CUSTOS_DOCKER__DEATH_WINDOW": "1m", "CUSTOS_DOCKER__RESTART_WINDOW": "1m",
        "CUSTOS_JOURNAL__MAX_EVENTS": str(EVENTS_KEPT),
    }
    custos = HardenedCustos(engine, engine.socket, environment)
    try:
        unrest = Unrest(engine, receiver, SEED)
        custos.started(60)
        samples = soak(unrest, receiver, custos)

        def calm():
            return not proof.unresolved([alert for alert in receiver.alerts() if alert["check_kind"] == "docker"])
        eventually(lambda: f"all is resolved: {proof.unresolved(receiver.alerts())[:3]}", calm, 240, every=1)
        assert custos.stop() == 0, "Custos did not end well"
        found = judged(unrest, receiver, custos) + grown(samples, len(receiver.events))
        crashes, told = sum(unrest.crashes.values()), len(receiver.alerts())
        say(f"{MINUTES:g} minutes: {sum(unrest.done.values())} things ({dict(unrest.done)}), {crashes} crashes, "
            f"{told} alerts, {len(receiver.requests)} requests")
    finally:
        custos.close()
        receiver.close()
    for text in found:
        say(f"  {text}")
    say("all well" if not found else f"{len(found)} violations")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
