"""A private engine with much going on, one thing at a time, and what of it a watchdog may tell.

Each thing notes its causes: which measure of which target may be told because of it, and the deaths that must be.
"""

import collections
import json
import random
import threading
import time
import urllib.parse

from harness import names, unix_http
from harness.waiting import eventually

PROJECT = "soak"
SECOND = 1_000_000_000


class Unrest:
    def __init__(self, engine, receiver, seed):
        self.engine, self.receiver, self.chance = engine, receiver, random.Random(seed)
        self.causes = collections.defaultdict(list)
        self.crashes = collections.Counter()
        self.done = collections.Counter()
        self.count = 0
        self.lonely = [self._service(f"lonely{n}", restart="no") for n in range(4)]
        self.tended = [self._service(f"tended{n}", restart="always") for n in range(6)]
        probe = {"Test": ["CMD-SHELL", "test -f /ok"], "Interval": 2 * SECOND, "Timeout": 20 * SECOND, "Retries": 1}
        self.frail = [self._service(f"frail{n}", restart="always", command=["sh", "-c", "touch /ok; sleep 100000"],
                                    config={"Healthcheck": probe}) for n in range(3)]
        for container in self.frail:
            container.until_health("healthy", 60)
        threading.Thread(target=self._listen, daemon=True).start()

    def something(self):
        """Does one thing, so that it is over when this returns; its name."""
        weights = {
            self.come_and_go: 6, self.job: 4, self.failing_job: 2, self.lonely_crash: 3, self.tended_crash: 3,
            self.stop_and_start: 4, self.kill_and_start: 2, self.restart: 3, self.ill_and_well: 2, self.network: 4,
            self.exec: 6, self.pause: 1, self.burst: 1, self.deaf: 0.3,
        }
        action, = self.chance.choices(list(weights), list(weights.values()))
        action()
        self.done[action.__name__] += 1
        return action.__name__

    # What raises nothing

    def come_and_go(self):
        container = self._service(self._fresh(), restart=self.chance.choice(["no", "always"]))
        container.run_inside("true")
        container.remove()

    def burst(self):
        made = [self._service(self._fresh(), restart="no") for _ in range(5)]
        for container in made:
            container.remove()

    def job(self):
        container = self.engine.run(["true"], name=self._fresh(), auto_remove=True)
        eventually("the job is gone", lambda: container.id not in {row["Id"] for row in self.engine.list()}, 60)

    def stop_and_start(self):
        container = self._any()
        container.stop()
        container.start()

    def kill_and_start(self):
        container = self.chance.choice(self.lonely)
        container.kill()
        container.until("exited", 60)
        container.start()

    def restart(self):
        self._any().restart()

    def network(self):
        name, container = self._fresh(), self._any()
        self.engine.call("POST", "/networks/create", {"Name": name})
        self.engine.call("POST", f"/networks/{name}/connect", {"Container": container.id})
        self.engine.call("POST", f"/networks/{name}/disconnect", {"Container": container.id})
        self.engine.call("DELETE", f"/networks/{name}")

    def exec(self):
        for _ in range(3):
            self._any().run_inside("cat", "/proc/uptime")

    def deaf(self):
        """The webhook is gone for a while: nothing may be lost."""
        self.receiver.down()
        time.sleep(3)
        self.receiver.up()

    # What has to be told

    def lonely_crash(self):
        container = self.chance.choice(self.lonely)
        self._crashing(container.target, names.RUNNING)
        container.crash()
        container.until("exited", 60)
        container.start()

    def tended_crash(self):
        container = self.chance.choice(self.tended)
        self._crashing(container.target, names.RUNNING)
        before = container.inspect()["State"]["StartedAt"]
        container.crash()

        def back():
            state = container.inspect()["State"]
            return state["Running"] and state["StartedAt"] != before
        eventually("the engine starts it again", back, 90, every=0.1)

    def failing_job(self):
        name = self._fresh()
        self._crashing(name)
        container = self.engine.run(["sh", "-c", "exit 3"], name=name)
        container.wait()
        container.remove()

    def ill_and_well(self):
        container = self.chance.choice(self.frail)
        container.run_inside("rm", "/ok")
        container.until_health("unhealthy", 60)
        container.run_inside("touch", "/ok")
        container.until_health("healthy", 60)

    def pause(self):
        container = self.chance.choice(self.tended)
        self._cause(container.target, names.RUNNING)
        self.engine.call("POST", f"/containers/{container.id}/pause")
        self._cause(container.target, names.RUNNING)
        self.engine.call("POST", f"/containers/{container.id}/unpause")

    # The judge

    def unexplained(self, alerts):
        """The alerts that nothing of the above accounts for. An alert's own time is compared, not its arrival."""
        return [alert for alert in alerts if alert["check_kind"] == "docker" and not self._explained(alert)]

    def _explained(self, alert):
        moments = self.causes[alert["target"], alert["measure"]]
        if alert["status"] == "resolved" or alert["measure"] == names.RESTARTS:
            return bool(moments)
        told = alert["epoch"]
        return any(moment - 2 <= told <= moment + 30 for moment in moments)

    def untold(self, alerts):
        """Targets whose crashes were not each told: every one is an event of its own, or is counted in one."""
        told = collections.Counter(alert["target"] for alert in alerts
                                   if alert["measure"] == names.DEATH and alert["reason"] in ("fired", "occurred"))
        return [f"{target}: {count} crashes, {told[target]} told"
                for target, count in self.crashes.items() if told[target] != count]

    def _crashing(self, target, *measures):
        self.crashes[target] += 1
        for measure in (names.DEATH, names.RESTARTS, *measures):
            self._cause(target, measure)

    def _cause(self, target, measure):
        self.causes[target, measure].append(time.time())

    def _listen(self):
        """Health is what the engine says it is: its own timeouts are not ours to foresee on a loaded machine."""
        filters = urllib.parse.quote(json.dumps({"type": ["container"], "event": ["health_status"]}))
        connection = unix_http.UnixConnection(self.engine.control, timeout=None)
        try:
            connection.request("GET", f"/v1.41/events?filters={filters}")
            for line in connection.getresponse():
                attributes = json.loads(line)["Actor"]["Attributes"]
                if service := attributes.get("com.docker.compose.service"):
                    self._cause(f"{PROJECT}/{service}/1", names.HEALTH)
        except (OSError, ValueError):
            pass  # the engine was stopped

    # Containers

    def _any(self):
        return self.chance.choice(self.lonely + self.tended + self.frail)

    def _fresh(self):
        self.count += 1
        return f"soak{self.count}"

    def _service(self, service, **options):
        container = self.engine.service(PROJECT, service, **options)
        container.target = f"{PROJECT}/{service}/1"
        return container
