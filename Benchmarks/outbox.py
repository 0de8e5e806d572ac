#!/usr/bin/env python3
"""How fast the outbox tells a fast receiver, the journal on disk.

A backlog: deaths that a dead webhook left waiting, told when Custos starts again; per format, each from a copy of one
journal. Live: deaths as fast as the stand-in engine tells them, each inspected, judged and synced before it is sent.
"""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

from figures import FOLDER, figure, finish, say
from harness import children, names
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually
from usage import Usage

EVENTS = int(os.environ.get("OUTBOX_EVENTS", 4000))
CONTAINERS = 100
SYNC = re.compile(r"^\d+ +(?:fsync|fdatasync)\(", re.M)


class Swallow:
    """The receiver's process."""

    def __init__(self):
        self.process = children.start([sys.executable, f"{FOLDER}/swallow.py"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/hook"

    def told(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        children.end(self.process)
        self.process.stdout.close()


def environment(stub, url, **more):
    return {**names.UNLIMITED, names.EVERY: "1h", names.DOCKER_HOST: "unix://" + stub.socket, names.WEBHOOK: url,
            "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s", **more}


def waiting(custos):
    """How many deliveries the webhook's outbox holds; a look through a connection that locks nothing for long."""
    with sqlite3.connect(f"file:{custos.journal}?mode=ro", uri=True, timeout=10) as database:
        query = "SELECT count(*) FROM delivery WHERE state = 'queued' AND sink = 'webhook'"
        count = database.execute(query).fetchone()[0]
    database.close()
    return count


def storm(stub, deaths):
    """So many deaths and returns, each container in its turn."""
    for number in range(deaths):
        name = f"storm-s{number % CONTAINERS}-1"
        stub.die(name)
        stub.start(name)
        if number % CONTAINERS == CONTAINERS - 1:
            time.sleep(0.02)


def backlog(stub):
    """A folder with the journal of a Custos that could not tell its deaths, and how many events wait in it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        custos = Custos(environment(stub, f"http://127.0.0.1:{closed.getsockname()[1]}/hook"))
        custos.started()
        while (before := waiting(custos)) < EVENTS:
            storm(stub, CONTAINERS)
            eventually("deaths wait in the outbox", lambda: waiting(custos) >= before + CONTAINERS, 60)
        custos.kill()
    return custos


def drain(stub, filled, form, under=()):
    """Tells the backlog; (events waiting, what the receiver counted, CPU seconds, syncs)."""
    swallow = Swallow()
    custos = Custos(environment(stub, swallow.url, CUSTOS_WEBHOOK__FORMAT=form))
    custos.under = [part.replace("FOLDER", custos.folder) for part in under]
    try:
        for name in os.listdir(filled.folder):
            if name.startswith("journal.db"):
                shutil.copy(os.path.join(filled.folder, name), custos.folder)
        held = waiting(custos)
        custos.started(60)
        eventually(lambda: f"all is told; {waiting(custos)} wait", lambda: waiting(custos) == 0, 120, every=0.2)
        cpu = Usage(custos.process.pid).cpu
        custos.stop(60)
        told, syncs = swallow.told(), 0
        if under:
            with open(f"{custos.folder}/calls", errors="replace") as file:
                syncs = len(SYNC.findall(file.read()))
        return held, told, cpu, syncs
    finally:
        custos.close()
        swallow.close()


def live(stub):
    """Events a second from the first death to the last one's receipt."""
    swallow = Swallow()
    custos = Custos(environment(stub, swallow.url))
    try:
        custos.started()
        eventually("the webhook was told of the start", lambda: swallow.told()["events"])
        before, began = swallow.told()["events"], time.monotonic_ns()
        usage = Usage(custos.process.pid)
        storm(stub, EVENTS // 2)
        eventually("every death is told", lambda: swallow.told()["events"] >= before + EVENTS // 2, 120, every=0.2)
        eventually("nothing waits", lambda: waiting(custos) == 0, 30, every=0.2)
        cpu, _ = Usage(custos.process.pid).since(usage)
        told = swallow.told()
        count = told["events"] - before
        return count, count / (told["last"] - began) * 1e9, cpu * 1000 / count
    finally:
        custos.close()
        swallow.close()


def main():
    stub = EngineStub()
    for number in range(CONTAINERS):
        stub.service("storm", f"s{number}", told=False)
    try:
        filled = backlog(stub)
        try:
            for form in ("native", "alertmanager"):
                held, told, cpu, _ = drain(stub, filled, form)
                assert told["events"] >= held, (told, held)
                seconds = (told["last"] - told["first"]) / 1e9
                say(f"{form}: {told['events']} events in {told['requests']} requests, {told['bytes'] / 1e6:.1f} MB, "
                    f"{seconds:.2f} s")
                figure(f"outbox_{form}_events_per_second", told["events"] / seconds)
                figure(f"outbox_{form}_cpu_ms_per_event", cpu * 1000 / told["events"])
            tool = ["strace", "-D", "-f", "-s", "0", "-e", "trace=fsync,fdatasync", "-o", "FOLDER/calls"]
            held, told, _, syncs = drain(stub, filled, "native", tool)
            say(f"{syncs} syncs for {told['requests']} requests with {told['events']} events, start and end included")
            figure("outbox_syncs_per_request", syncs / told["requests"])
        finally:
            filled.close()
        count, rate, cpu = live(stub)
        say(f"live: {count} events")
        figure("outbox_live_events_per_second", rate)
        figure("outbox_live_cpu_ms_per_event", cpu)
    finally:
        stub.close()
    finish()


if __name__ == "__main__":
    main()
