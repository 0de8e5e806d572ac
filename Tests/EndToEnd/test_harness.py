"""The harness itself, without Custos: a proof is worth what its instruments are worth."""

import contextlib
import http.client
import os
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import children, kernel, proof, receiver, shared, unix_http
from harness.engine_stub import EngineStub
from harness.ledger import HEALING, LEDGER, LOGS, Ledger
from harness.proxy import Proxy
from harness.request_parser import UNREADABLE, RequestParser
from harness.waiting import eventually


def event(sequence, fingerprint="f", status="firing", reason="fired", identifier=None, **more):
    return {"id": identifier or f"id{sequence}", "kind": "alert", "stream": "s/w", "sequence": sequence,
            "fingerprint": fingerprint, "status": status, "reason": reason, **more}


class ProofTests(unittest.TestCase):
    def test_a_complete_history_has_no_violation(self):
        history = [event(1), event(2, "f", "resolved", "resolved"), event(3, "g"), event(4, "g", "resolved", "gone")]
        for judge in (proof.gaps, proof.duplicates, proof.disorder, proof.unresolved, proof.repeated_firing):
            self.assertEqual(judge(history + [history[0]]) if judge is proof.duplicates else judge(history), [], judge)
        self.assertEqual(proof.lost(history, history[::-1]), [])
        self.assertEqual(proof.invented(history, history), [])

    def test_a_missing_number_is_a_gap_unless_a_tombstone_names_it(self):
        self.assertTrue(proof.gaps([event(1), event(3)]))
        self.assertTrue(proof.gaps([event(2)]), "the first number is 1")
        stone = {**event(5), "reason": "tombstone", "annotations": {"sequences": "2-3,4"}}
        self.assertEqual(proof.gaps([event(1), stone]), [])

    def test_what_did_not_arrive_is_lost_and_what_was_never_decided_is_invented(self):
        self.assertTrue(proof.lost([event(1), event(2)], [event(1)]))
        self.assertTrue(proof.invented([event(1)], [event(1), event(2)]))

    def test_a_duplicate_with_other_content_or_other_id_is_found(self):
        self.assertTrue(proof.duplicates([event(1), {**event(1), "summary": "changed"}]))
        self.assertTrue(proof.duplicates([event(1), event(1, identifier="other")]))

    def test_turned_order_is_found_per_fingerprint_only(self):
        self.assertTrue(proof.disorder([event(2), event(1)]))
        self.assertEqual(proof.disorder([event(2, "g"), event(1)]), [])
        self.assertEqual(proof.disorder([event(1), event(2), event(1)]), [], "a repeated delivery is no disorder")

    def test_an_alert_that_stays_open_or_fires_twice_is_found(self):
        self.assertTrue(proof.unresolved([event(1)]))
        self.assertTrue(proof.repeated_firing([event(1), event(2)]))


class KernelTests(unittest.TestCase):
    def setUp(self):
        self.parameter = f"{self.enterContext(tempfile.TemporaryDirectory())}/parameter"
        with open(self.parameter, "w") as file:
            file.write("usual\n")

    def test_a_parameter_is_changed_and_restored(self):
        with kernel.changed(self.parameter, "other"):
            self.assertEqual(kernel.read(self.parameter), "other")
        self.assertEqual(kernel.read(self.parameter), "usual")

    def test_it_is_restored_when_the_harness_is_killed(self):
        program = "import sys\nfrom harness import kernel\n" \
                  "with kernel.changed(sys.argv[1], 'other'):\n    print('changed', flush=True)\n    sys.stdin.read()"
        harness = children.start([sys.executable, "-c", program, self.parameter], cwd=os.path.dirname(__file__),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(harness.stdin.close)
        self.addCleanup(harness.stdout.close)
        self.assertEqual(harness.stdout.readline(), "changed\n")
        self.assertEqual(kernel.read(self.parameter), "other")
        children.end(harness, signal.SIGKILL)
        eventually("it is restored", lambda: kernel.read(self.parameter) == "usual")


class ReceiverTests(unittest.TestCase):
    def setUp(self):
        self.receiver = receiver.Receiver()
        self.addCleanup(self.receiver.close)

    def post(self, content, timeout=5):
        request = urllib.request.Request(self.receiver.url, json.dumps(content).encode(), {"X-Test": "1"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status

    def test_it_records_events_with_the_time_of_their_arrival(self):
        before = time.time_ns()
        self.assertEqual(self.post([event(1), event(2)]), 200)
        self.assertEqual([e["sequence"] for e in self.receiver.events], [1, 2])
        self.assertTrue(before < self.receiver.arrival("id2") < time.time_ns())
        self.assertEqual(self.receiver.requests[0].headers["X-Test"], "1")

    def test_a_refused_event_arrived_but_was_not_acknowledged(self):
        self.receiver.behave(receiver.status(503, Retry_After=2))
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            self.post([event(1)])
        self.assertEqual((refusal.exception.code, refusal.exception.headers["Retry-After"]), (503, "2"))
        self.assertEqual((len(self.receiver.events), len(self.receiver.acknowledged)), (1, 0))

    def test_a_reset_reaches_the_sender_as_a_reset(self):
        self.receiver.behave(receiver.RESET)
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.post([event(1)])

    def test_down_refuses_and_up_listens_on_the_same_port(self):
        port = self.receiver.port
        self.receiver.down()
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)
        self.receiver.up()
        self.assertEqual(self.receiver.port, port)
        self.assertEqual(self.post([event(1)]), 200)

    def test_slow_and_silent_hold_the_sender(self):
        self.receiver.behave(receiver.slow(0.3))
        began = time.monotonic()
        self.assertEqual(self.post([event(1)]), 200)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        self.receiver.behave(receiver.SILENT)
        with self.assertRaises(OSError):
            self.post([event(2)], timeout=0.2)


class EngineStubTests(unittest.TestCase):
    def setUp(self):
        self.stub = EngineStub()
        self.addCleanup(self.stub.close)

    def get(self, target):
        return unix_http.request(self.stub.socket, "GET", target, timeout=3)

    def test_it_lists_and_inspects_what_was_scripted(self):
        self.stub.service("shop", "web")
        self.stub.die("shop-web-1", code=3)
        rows = json.loads(self.get("/v1.41/containers/json?all=1")[2])
        self.assertEqual([(r["Names"], r["State"]) for r in rows], [(["/shop-web-1"], "exited")])
        self.assertEqual(json.loads(self.get("/containers/shop-web-1/json")[2])["State"]["ExitCode"], 3)
        self.assertEqual(self.get("/containers/none/json")[0], 404)
        self.assertEqual(self.get("/v1.99/containers/json")[0], 400)

    def test_the_event_stream_replays_since_filters_and_ends_when_cut(self):
        began = time.time()
        self.stub.add("one")
        connection = unix_http.UnixConnection(self.stub.socket, timeout=5)
        self.addCleanup(connection.close)
        filters = urllib.parse.quote(json.dumps({"type": ["container"], "event": ["die", "health_status"]}))
        connection.request("GET", f"/v1.41/events?since={began:.9f}&filters={filters}")
        stream = connection.getresponse()
        eventually("the stream is open", lambda: self.stub.listeners == 1)
        self.stub.die("one", 9)
        self.stub.start("one")
        self.stub.become("one", "unhealthy")
        actions = [json.loads(stream.readline())["Action"] for _ in range(2)]
        self.assertEqual(actions, ["die", "health_status: unhealthy"])
        self.stub.cut()
        eventually("the stream is gone", lambda: self.stub.listeners == 0)

    def test_its_faults(self):
        self.stub.add("one")
        self.stub.mode = "forbidden"
        self.assertEqual(self.get("/_ping")[0], 403)
        self.stub.mode = "html"
        self.assertIn(b"<html>", self.get("/version")[2])
        self.stub.mode = "halfway"
        with self.assertRaises(http.client.IncompleteRead):
            self.get("/containers/json")
        self.stub.mode = "hang"
        with self.assertRaises(TimeoutError):
            unix_http.request(self.stub.socket, "GET", "/_ping", timeout=0.2)


class RequestParserTests(unittest.TestCase):
    def parsed(self, *pieces):
        parser = RequestParser()
        return [request for piece in pieces for request in parser.feed(piece)]

    def test_requests_are_found_wherever_the_pieces_end(self):
        sent = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n" \
               b"POST /x/restart?t=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        wanted = [("GET", "/_ping"), ("POST", "/x/restart?t=1")]
        self.assertEqual(self.parsed(sent), wanted)
        self.assertEqual(self.parsed(*(bytes([byte]) for byte in sent)), wanted)

    def test_after_a_body_or_a_tunnel_nothing_is_believed(self):
        for header in (b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Upgrade: tcp", b"content-length : 5"):
            sent = b"GET /info HTTP/1.1\r\n" + header + b"\r\n\r\nGET /_ping HTTP/1.1\r\n\r\n"
            self.assertEqual(self.parsed(sent, sent), [UNREADABLE], header)
        for sent in (b"\x16\x03\x01\r\n\r\n", b"GET /a b HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n", b"x" * 70000):
            self.assertEqual(self.parsed(sent), [UNREADABLE], sent[:20])


class LedgerTests(unittest.TestCase):
    def run_of(self, test):
        """Exit status and output of the whole runner with one test."""
        folder = os.path.dirname(os.path.abspath(__file__))
        done = subprocess.run([sys.executable, f"{folder}/run.py", f"harness.unlisted.Requests.{test}"],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def test_an_unlisted_request_fails_the_run(self):
        """Also where every test has passed; the line names the request and the test."""
        for test, asked in [("test_unlisted", "GET /images/json"), ("test_unlisted_through_the_proxy", "PUT /info"),
                            ("test_not_switched_on", "GET /containers/web/logs?tail=5")]:
            status, output = self.run_of(test)
            self.assertEqual(status, 1, output)
            self.assertIn(f"NOT ALLOWED by compose/proxy/*.list: {asked!r}, in harness.unlisted.Requests.{test}",
                          output)
            self.assertIn("1 passed, 1 failed", output)

    def test_listed_requests_are_counted(self):
        status, output = self.run_of("test_listed")
        self.assertEqual(status, 0, output)
        for line in ("3 engine requests", "1  GET /containers/json", "1  GET /containers/{id}/logs",
                     "1  POST /containers/{id}/restart"):
            self.assertIn(line, output)

    def test_only_what_is_switched_on_is_allowed(self):
        ledger = Ledger()
        logs, restart = ("GET", "/v1.52/containers/a/logs"), ("POST", "/containers/a/restart?t=10")
        self.assertEqual((ledger.allows(*logs), ledger.allows(*restart)), (False, False))
        with ledger.switched_on(LOGS), ledger.switched_on(LOGS, HEALING):
            self.assertEqual((ledger.allows(*logs), ledger.allows(*restart)), (True, True))
        self.assertEqual((ledger.allows(*logs), ledger.allows(*restart)), (False, False))
        for other in [("GET", "/containers/a/json\n"), ("GET", "/v1.41/v1.41/info"), ("POST", "/info"), UNREADABLE,
                      ("GET", "/containers/../images/json"), ("HEAD", "/_ping"), ("GET", "//info"), ("GET", "/info/")]:
            self.assertFalse(ledger.allows(*other), other)


class RealEngineTests(unittest.TestCase):
    """What the scenarios assume of the engine."""

    def setUp(self):
        self.engine = shared.engine()
        self.began = time.time()

    def actions(self, container):
        return [(e["Action"], e["Actor"]["Attributes"].get("exitCode")) for e in self.engine.events(self.began)
                if e["id"] == container.id and not e["Action"].startswith("exec_")]

    def test_a_crash_is_a_die_without_a_kill_and_a_stop_has_one_before_it(self):
        crashed, stopped = self.engine.service("h", "crash"), self.engine.service("h", "stop")
        self.addCleanup(crashed.remove)
        self.addCleanup(stopped.remove)
        crashed.crash()
        self.assertEqual(crashed.wait(), 137)
        stopped.stop()
        self.assertEqual(self.actions(crashed), [("create", None), ("start", None), ("die", "137")])
        order = [action for action, _ in self.actions(stopped)]
        self.assertLess(order.index("kill"), order.index("die"))
        self.assertLess(order.index("die"), order.index("stop"))

    def test_what_custos_is_given_is_recorded(self):
        """The socket for Custos leads through the recorder, with the engine's own rights; the tests' own does not."""
        listed = "GET", "/containers/{id}/json"
        before = LEDGER.count(*listed)
        for path in (self.engine.control, self.engine.socket):
            self.assertEqual(unix_http.request(path, "GET", "/v1.41/containers/nobody/json")[0], 404)
        self.assertEqual(LEDGER.count(*listed), before + 1)
        self.assertTrue(LEDGER.is_kept)
        one, other = os.stat(self.engine.control), os.stat(self.engine.socket)
        self.assertEqual((one.st_mode, one.st_uid, one.st_gid), (other.st_mode, other.st_uid, other.st_gid))

    def test_memory_is_limited(self):
        eater = self.engine.run(["tail", "/dev/zero"], memory=16 << 20)
        self.addCleanup(eater.remove)
        self.assertEqual(eater.wait(), 137)
        eventually("it says so", lambda: eater.inspect()["State"]["OOMKilled"])
        eventually("its event", lambda: "oom" in [action for action, _ in self.actions(eater)])

    def test_health_follows_its_probe(self):
        container = self.engine.run(["sh", "-c", "touch /ok; sleep 1000"], health="test -f /ok")
        self.addCleanup(container.remove)
        container.until_health("healthy")
        container.run_inside("rm", "/ok")
        container.until_health("unhealthy")

    def test_a_container_reaches_the_receiver_and_has_a_network_namespace_of_its_own(self):
        target = receiver.Receiver(self.engine.gateway)
        self.addCleanup(target.close)
        script = f"wget -q -O /dev/null {target.url} && readlink /proc/self/ns/net"
        container = self.engine.run(["sh", "-c", script])
        self.addCleanup(container.remove)
        self.assertEqual(container.wait(), 0, container.output())
        self.assertEqual(len(target.requests), 1)
        inside = container.output()[0].strip()
        self.assertRegex(inside, r"^net:\[\d+\]$")
        self.assertNotEqual(inside, os.readlink("/proc/self/ns/net"))

    def test_the_proxy_counts_requests_and_cuts_streams(self):
        proxy = Proxy(self.engine.control)
        self.addCleanup(proxy.close)
        self.assertEqual(unix_http.request(proxy.socket, "GET", "/_ping")[0], 200)
        opened, ended = threading.Event(), threading.Event()

        def follow():
            connection = unix_http.UnixConnection(proxy.socket)
            connection.request("GET", "/events")
            answer = connection.getresponse()
            opened.set()
            with contextlib.suppress(http.client.IncompleteRead):
                answer.read()
            connection.close()
            ended.set()

        threading.Thread(target=follow, daemon=True).start()
        self.assertTrue(opened.wait(15))
        self.assertEqual([r.target for r in proxy.requests], ["/_ping", "/events"])
        self.assertFalse(ended.is_set())
        proxy.cut()
        self.assertTrue(ended.wait(5))


if __name__ == "__main__":
    unittest.main()
