"""SIGKILL at random moments under a storm of deaths, with a receiver that goes up and down: nothing is lost."""

import os
import random
import threading
import time
import unittest

from harness import names, proof, receiver
from harness.custos import Custos
from harness.engine_stub import EngineStub
from harness.waiting import eventually

EVENTS = int(os.environ.get("KILL_EVENTS", 150))
KILLS = int(os.environ.get("KILL_KILLS", 10))
SEED = int(os.environ.get("KILL_SEED", random.randrange(1_000_000)))
CONTAINERS = 20


class KillTests(unittest.TestCase):
    def test_nothing_is_lost(self):
        """S1 S2 every event that was decided arrives: in order, without a gap, RESOLVED included."""
        print(f"    seed {SEED} (KILL_SEED repeats it)", flush=True)
        chance = random.Random(SEED)
        stub = EngineStub()
        self.addCleanup(stub.close)
        hook = receiver.Receiver()
        self.addCleanup(hook.close)
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.EVERY: "200ms", names.WEBHOOK: hook.url,
                         names.DOCKER_HOST: "unix://" + stub.socket, names.WEBHOOK_TIMEOUT: "1s"})
        self.addCleanup(custos.close)
        for number in range(CONTAINERS):
            stub.service("storm", f"s{number}")
        custos.started()

        over = threading.Event()
        threads = [threading.Thread(target=self.storm, args=(stub, random.Random(SEED + 1), over)),
                   threading.Thread(target=self.moods, args=(hook, random.Random(SEED + 2), over))]
        for thread in threads:
            thread.start()
        try:
            kills = 0
            while kills < KILLS or self.decided(custos) < EVENTS:
                time.sleep(chance.uniform(0.02, 1.2) if kills < KILLS else 0.5)
                if kills < KILLS:
                    custos.kill()
                    kills += 1
                    if kills == KILLS:
                        # A slow answer to the last event would have it sent again, and nobody is there any more.
                        custos.environment[names.WEBHOOK_TIMEOUT] = "5s"
                    custos.start()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        hook.down()
        hook.up()
        hook.behave(receiver.OK)
        self.mend(stub)

        def told():
            return custos.waiting() == 0 and not proof.unresolved(hook.events)
        eventually(lambda: f"everything is told and resolved: {custos.waiting()} waiting, "
                           f"{proof.unresolved(hook.events)[:3]}\n{custos.output.log[-1500:]}", told, 90, every=0.2)
        self.assertEqual(custos.stop(), 0)
        eventually("the last event is told", lambda: custos.waiting() == 0, 5)

        decided, arrived = custos.decided(), hook.acknowledged
        for judge in (proof.gaps, proof.duplicates, proof.disorder, proof.unresolved, proof.repeated_firing):
            self.assertEqual(judge(unique(arrived) if judge is proof.repeated_firing else arrived), [], judge.__name__)
        # What stdout does not print again after a restart leaves a tombstone in its own stream only.
        due = [e for e in decided if (e.get("annotations") or {}).get("sink") != "stdout" or e["reason"] != "tombstone"]
        self.assertEqual(proof.lost(due, arrived), [])
        self.assertEqual(proof.invented(decided, arrived), [])
        self.assertEqual(proof.invented(decided, custos.output.events), [])
        resolved = sum(e["status"] == "resolved" for e in unique(arrived))
        self.assertGreaterEqual(len(decided), EVENTS)
        self.assertGreater(resolved, 0)
        print(f"    {len(decided)} events decided, {kills} kills, {len(unique(arrived))} told ({resolved} resolved), "
              f"{len(arrived) - len(unique(arrived))} told again, 0 lost", flush=True)

    @staticmethod
    def decided(custos):
        try:
            return len(custos.decided())
        except Exception:  # the journal is being opened or recovered
            return 0

    @staticmethod
    def storm(stub, chance, over):
        """Deaths, returns, ill health, removal and re-creation, about twenty a second."""
        while not over.wait(chance.uniform(0.01, 0.09)):
            name = f"storm-s{chance.randrange(CONTAINERS)}-1"
            container = stub.containers[name]
            if container.status != "running":
                stub.start(name)
            elif container.health == "unhealthy":
                stub.become(name, "healthy")
            elif chance.random() < 0.3:
                stub.become(name, "unhealthy")
            else:
                stub.die(name, code=chance.choice([1, 2, 137, 139]), oom=chance.random() < 0.1)

    @staticmethod
    def moods(hook, chance, over):
        """The receiver: well, down, slow, resetting, answering 500 or 429, or late."""
        while not over.wait(chance.uniform(0.1, 0.6)):
            mood = chance.choice(["ok", "ok", "ok", "down", "slow", "reset", "500", "429", "late"])
            if mood == "down":
                hook.down()
                over.wait(chance.uniform(0.1, 1.0))
                hook.up()
                continue
            hook.behave({
                "ok": receiver.OK, "slow": receiver.slow(0.2), "reset": receiver.RESET, "500": receiver.status(500),
                "429": receiver.status(429, Retry_After=1), "late": receiver.late(8),
            }[mood])

    @staticmethod
    def mend(stub):
        for name, container in list(stub.containers.items()):
            if container.status != "running":
                stub.start(name)
            if container.health == "unhealthy":
                stub.become(name, "healthy")


def unique(events):
    return list({event["id"]: event for event in events}.values())


if __name__ == "__main__":
    unittest.main()
