#!/usr/bin/env python3
"""What Custos costs when nothing happens: 1, 50, 200 and 500 running containers, all checks at their defaults.

It runs in the hardened container; a proxy on the engine's socket counts what it asks. From IDLE_STUB containers on
(500) they are those of a stand-in engine, which have no processes: 500 real ones would burden the machine, not Custos.
"""

import os
import time

from figures import figure, finish, say
from harness import names, shared
from harness.custos import HardenedCustos
from harness.engine_stub import EngineStub
from harness.proxy import Proxy
from harness.receiver import Receiver
from usage import Usage, calm

SECONDS = int(os.environ.get("IDLE_SECONDS", 120))
SETTLE = int(os.environ.get("IDLE_SETTLE", 30))
COUNTS = [int(count) for count in os.environ.get("IDLE_COUNTS", "1,50,200,500").split(",")]
STUB = int(os.environ.get("IDLE_STUB", 500))


def surroundings():
    """What else decides about CPU time: how fast a shared machine is just now, and how much is mounted."""
    began = time.thread_time()
    for _ in range(20_000):
        with open("/proc/uptime", "rb") as file:
            file.read()
    work = time.thread_time() - began
    with open("/proc/1/mountinfo", "rb") as file:
        return f"/proc/uptime is read 20,000 times in {work * 1000:.0f} ms, {len(file.readlines())} mounts"


def measure(engine, count, watched):
    proxy, receiver = Proxy(watched), Receiver(engine.gateway)
    custos = HardenedCustos(engine, proxy.socket, {names.WEBHOOK: receiver.url})
    try:
        custos.started(60)
        time.sleep(SETTLE)
        calm()
        pid = custos.container.pid
        began, before = time.monotonic(), Usage(pid)
        time.sleep(SECONDS)
        after, minutes = Usage(pid), (time.monotonic() - began) / 60
        cpu, wakeups = after.since(before)
        requests = len(proxy.since(began))
        say(f"{count} containers, {minutes * 60:.0f} s; resident {after.resident:.1f} MiB; {surroundings()}")
        figure(f"idle_{count}_cpu_seconds_per_minute", cpu / minutes)
        figure(f"idle_{count}_anonymous_mib", after.anonymous)
        figure(f"idle_{count}_pss_mib", after.pss)
        figure(f"idle_{count}_threads", after.threads)
        figure(f"idle_{count}_wakeups_per_minute", wakeups / minutes)
        figure(f"idle_{count}_engine_requests_per_minute", requests / minutes)
        noise = [event["summary"] for event in receiver.alerts()]
        if noise:
            say(f"told meanwhile: {noise[:5]}")
    finally:
        custos.close()
        proxy.close()
        receiver.close()


def main():
    engine = shared.engine_with_custos()
    running = 0
    for count in sorted(COUNTS):
        if count >= STUB:
            measure_stub(engine, count)
            continue
        for number in range(running, count):
            engine.service("idle", f"s{number}")
        running = count
        measure(engine, count, engine.socket)
    finish()


def measure_stub(engine, count):
    stub = EngineStub()
    for number in range(count):
        stub.service("idle", f"s{number}", told=False)
    try:
        measure(engine, count, stub.socket)
    finally:
        stub.close()


if __name__ == "__main__":
    main()
