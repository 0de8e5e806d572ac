"""Receivers that misbehave: nothing is lost, nothing is told twice without need, and nobody else waits."""

import hashlib
import hmac
import time
import unittest

from harness import names, receiver
from harness.custos import Custos
from harness.shop import ShopCase
from harness.waiting import eventually


class SinkCase(ShopCase):
    def custos(self, **more):
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, names.DOCKER_HOST: "unix://" + self.stub.socket,
                         names.WEBHOOK: self.hook.url, names.WEBHOOK_TIMEOUT: "5s", **more})
        self.addCleanup(custos.close)
        return custos.started()

    def crash(self, code=1):
        self.stub.die("shop-web-1", code)

    def crash_for_good(self):
        """A service that nothing restarts dies."""
        self.stub.service("shop", "once", restart="no")
        self.stub.die("shop-once-1")

    def told(self, hook=None, timeout=15, **fields):
        hook = hook or self.hook
        return eventually(lambda: f"{fields}; the receiver has {[(e['reason'], e['measure']) for e in hook.events]}",
                          lambda: [e for e in hook.acknowledged
                                   if all(e.get(key) == value for key, value in fields.items())], timeout)[0]


class WebhookTests(SinkCase):
    def test_headers_and_body(self):
        """S5 an array of native events with an idempotency key."""
        self.custos(CUSTOS_WEBHOOK__SECRET="s3cret", CUSTOS_WEBHOOK__HEADERS="X-Team=ops")
        self.told(reason="started")
        headers = self.hook.requests[0].headers
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["X-Team"], "ops")
        self.assertRegex(headers["User-Agent"], r"^custos/")
        self.assertRegex(headers["Idempotency-Key"], r"^[0-9A-HJKMNP-TV-Z]{26}$")
        self.assertTrue(self.hook.requests[0].body.startswith(b"["))
        self.assertTrue(signed(headers["Custos-Signature"], self.hook.requests[0].body, b"s3cret"))

    def retried(self, *answers):
        """The receiver answers like this, then well: the death arrives all the same, under one key."""
        self.custos()
        self.told(reason="started")
        before = len(self.hook.requests)
        self.hook.behave(lambda number: answers[number - before] if number - before < len(answers) else receiver.OK)
        self.crash()
        self.told(measure=names.DEATH, reason="fired", timeout=30)
        tries = self.hook.requests[before:before + len(answers) + 1]
        self.assertEqual(len(tries), len(answers) + 1)
        self.assertEqual(len(receiver.matching(self.hook.events, measure=names.DEATH, reason="fired")), 1)
        self.assertEqual(len({r.headers["Idempotency-Key"] for r in tries}), 1)
        self.assertEqual(len({r.body for r in tries}), 1, "a batch is frozen at its first attempt")
        return tries

    def test_server_errors_are_retried(self):
        """S5 408, 425, 429 and 5xx: again, with the same key and the same body."""
        self.retried(receiver.status(500), receiver.status(503), receiver.status(408))

    def test_a_reset_is_retried(self):
        self.retried(receiver.RESET)

    def test_an_answer_that_comes_too_late_is_retried(self):
        self.retried(receiver.late(8))

    def test_retry_after_is_honoured(self):
        first, second = self.retried(receiver.status(429, Retry_After=3))
        self.assertGreaterEqual((second.arrived_ns - first.arrived_ns) / 1e9, 2.9)

    def test_authorisation_errors_are_retried(self):
        """S5 401, 403, 404: somebody may mend the token, the address."""
        self.retried(receiver.status(404), receiver.status(401))

    def test_a_receiver_that_is_down_is_told_later(self):
        custos = self.custos()
        self.told(reason="started")
        self.hook.down()
        self.crash()
        self.stub.start("shop-web-1")
        eventually("the first try has failed", lambda: "sink fails" in custos.output.log, 20)
        self.hook.up()
        self.told(measure=names.DEATH, reason="fired", timeout=30)
        self.told(measure=names.DEATH, status="resolved", timeout=30)

    def refused(self, answer):
        """One event is refused for good: a tombstone names its number, what follows is told."""
        self.custos()
        self.told(reason="started")
        before = len(self.hook.requests)
        self.hook.behave(lambda number: answer if number == before else receiver.OK)
        self.crash()
        stone = self.told(reason="tombstone", timeout=20)
        refused = self.hook.requests[before].events
        self.assertIn(str(refused[0]["sequence"]), stone["annotations"]["sequences"])
        self.told(measure=names.DEATH, status="resolved", timeout=20)
        self.assertEqual(sum(e["id"] == refused[0]["id"] for e in self.hook.events), 1)

    def test_a_bad_request_is_a_dead_letter(self):
        """S5 400, 413, 422: dead letter at once."""
        self.refused(receiver.status(400))

    def test_a_redirect_is_not_followed(self):
        """S5 a redirect that is not allowed is a dead letter: the events go where the operator said, nowhere else."""
        elsewhere = receiver.Receiver()
        self.addCleanup(elsewhere.close)
        self.refused(receiver.redirect(elsewhere.url))
        self.assertEqual(elsewhere.requests, [])


class IsolationTests(SinkCase):
    def test_a_dead_webhook_delays_no_other_sink(self):
        """S7 stdout and a good webhook hear at once what a silent webhook never answers."""
        dead = receiver.Receiver(behaviour=receiver.SILENT)
        self.addCleanup(dead.close)
        custos = self.custos(**names.webhook("dead", dead.url), CUSTOS_WEBHOOK__DEAD__TIMEOUT="1m")
        eventually("the dead one was asked", lambda: dead.requests)
        began = time.monotonic()
        self.crash()
        self.told(measure=names.DEATH, reason="fired")
        custos.output.until(measure=names.DEATH, reason="fired")
        self.assertLess(time.monotonic() - began, 5)
        self.told(measure=names.DEATH, status="resolved")
        self.assertEqual(len(dead.requests), 1, "it was waited for all the time")

    def test_a_blocked_stdout_delays_no_webhook(self):
        """S7 a reader that stops reading blocks nothing."""
        custos = Custos({**names.QUICK, names.DOCKER_HOST: "unix://" + self.stub.socket, names.WEBHOOK: self.hook.url})
        self.addCleanup(custos.close)
        custos.start_unread()
        self.told(reason="started", timeout=20)
        for number in range(200):
            self.stub.die("shop-web-1", number % 100 + 1)
            self.stub.start("shop-web-1")

        def deaths():
            """As told: each event counts those of one moment."""
            told = receiver.matching(self.hook.events, measure=names.DEATH, status="firing")
            return sum(int(e["annotations"].get("occurrences", 1)) for e in told)
        eventually(lambda: f"200 deaths are told: {deaths()}", lambda: deaths() >= 200, 30)
        self.told(measure=names.DEATH, status="resolved")
        self.assertEqual(deaths(), 200)
        self.assertIsNone(custos.process.poll())

    def test_a_restart_tells_nothing_twice(self):
        """S7 a restart does not print its backlog again, and promise 3: firing alerts are not told again."""
        custos = self.custos()
        self.crash_for_good()
        first = custos.output.until(measure=names.RUNNING, reason="fired")
        self.told(measure=names.RUNNING, reason="fired")
        self.assertEqual(custos.stop(), 0)
        custos.start()
        eventually("a second start", lambda: len(self.hook.alerts()) and
                   len([e for e in self.hook.events if e["reason"] == "started"]) == 2, 20)
        self.stub.start("shop-once-1")
        custos.output.until(measure=names.RUNNING, status="resolved")
        fired = [e for e in custos.output.events if e["measure"] == names.RUNNING and e["status"] == "firing"]
        self.assertEqual([e["id"] for e in fired], [first["id"]])

    def test_what_ended_while_custos_was_down_is_resolved(self):
        custos = self.custos()
        self.crash_for_good()
        self.told(measure=names.RUNNING, reason="fired")
        custos.kill()
        self.stub.start("shop-once-1")
        custos.start()
        self.told(measure=names.RUNNING, status="resolved")
        unclean = self.told(reason="unclean_start")
        self.assertTrue(unclean["annotations"], "it says from when to when it was blind")


def signed(header, body, secret):
    fields = dict(part.split("=", 1) for part in header.split(","))
    want = hmac.new(secret, fields["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(fields["v1"], want)


if __name__ == "__main__":
    unittest.main()
