"""Custos behind the socket proxy: it works fully, and nothing but its six requests reaches the engine."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import tempfile
import unittest
import urllib.parse

from harness import images, manifests, names, shared, standins
from harness.compose import Composition
from harness.ledger import HEALING, LEDGER, LOGS
from harness.proxy import Proxy
from harness.receiver import Receiver, matching
from harness.waiting import eventually

# The list of the design, written again by hand beside compose/proxy/watching.list.
ALLOWED = [r"/_ping", r"/version", r"/info", r"/events", r"/containers/json", r"/containers/[0-9A-Za-z][\w.-]*/json"]
SHOW = bool(os.environ.get("SHOW"))


def allowed(method, target):
    path = re.sub(r"^/v1\.\d+(?=/)", "", urllib.parse.urlsplit(target).path)
    return method == "GET" and any(re.fullmatch(pattern, path, re.ASCII) for pattern in ALLOWED)


class ProxyTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = shared.server()
        standins.load(cls.engine, standins.HAPROXY)
        # Between the proxy and the engine: what is recorded here is what passed.
        cls.recording = Proxy(cls.engine.control)
        cls.addClassCleanup(cls.recording.close)
        cls.receiver = Receiver("0.0.0.0")
        cls.addClassCleanup(cls.receiver.close)
        cls.compose = Composition(
            cls.engine, "behind", "compose.proxy.yaml", HAPROXY_IMAGE=standins.HAPROXY, CUSTOS_NODE="behind",
            DOCKER_SOCKET=cls.recording.socket, DOCKER_GID=str(os.stat(cls.recording.socket).st_gid),
            CUSTOS_WEBHOOK__URL=f"http://{cls.engine.gateway}:{cls.receiver.port}/hook")
        cls.addClassCleanup(cls.compose.down)
        cls.compose.up()
        eventually(lambda: f"the webhook is told\n{cls.compose.logs()[-3000:]}",
                   lambda: matching(cls.receiver.events, reason="started"), 30)
        proxy = cls.compose.container("engine-proxy").inspect()
        cls.address = proxy["NetworkSettings"]["Networks"]["behind_engine"]["IPAddress"]

    def ask(self, method, target, body=None, headers=None):
        """The status of one request to the proxy, as whoever took Custos over could send it."""
        connection = http.client.HTTPConnection(self.address, 2375, timeout=10)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            return connection.getresponse().status
        finally:
            connection.close()

    def refused(self):
        """Who asked in vain: the address of the client, from each line of the proxy's log with 403."""
        return re.findall(r"\| ([\d.]+):\d+ \[.* 403 ", self.compose.logs("engine-proxy"))

    def test_custos_works_fully(self):
        """Deaths and health are told as with the socket itself, and the proxy let pass all that was asked."""
        event = matching(self.receiver.events, reason="started")[0]
        self.assertIn("docker", event["annotations"]["watched"])
        self.compose.container("custos").until_health("healthy", 60)
        sick = self.engine.service("ward", "sick", health="exit 1", restart="no")
        self.addCleanup(sick.remove)
        victim = self.engine.service("ward", "web", restart="no")
        self.addCleanup(victim.remove)
        victim.crash()
        eventually("the crash is told", lambda: self.receiver.alerts(measure=names.DEATH, target="ward/web/1"))
        eventually("ill health is told", lambda: self.receiver.alerts(measure=names.HEALTH, target="ward/sick/1"), 30)
        sick.remove()
        eventually("it is over", lambda: self.receiver.alerts(measure=names.HEALTH, target="ward/sick/1",
                                                             status="resolved"), 30)
        custos = self.compose.container("custos").inspect()["NetworkSettings"]["Networks"]["behind_engine"]["IPAddress"]
        self.assertEqual([client for client in self.refused() if client == custos], [], "nothing it asked was refused")
        paths = {re.sub("[0-9a-f]{64}", "ID", urllib.parse.urlsplit(request.target).path.split("/v1.")[-1])
                 for request in self.recording.requests}
        self.assertTrue(any(path.endswith("/events") for path in paths), paths)
        self.assertTrue(any(path.endswith("/containers/ID/json") for path in paths), paths)

    def test_only_the_allowed_requests_pass(self):
        """Each of the six passes; everything else is answered by the proxy with 403 and never reaches the engine."""
        identifier = self.compose.container("custos").id
        for target in ["/_ping", "/version", "/v1.41/info", "/containers/json?all=1", f"/containers/{identifier}/json",
                       f"/v1.41/containers/{identifier}/json"]:
            self.assertEqual(self.ask("GET", target), 200, target)
        refused = [
            ("POST", f"/containers/{identifier}/kill"), ("POST", "/containers/create"), ("POST", "/containers/json"),
            ("DELETE", f"/v1.41/containers/{identifier}"), ("HEAD", "/_ping"), ("PUT", "/info"), ("OPTIONS", "/info"),
            ("POST", f"/containers/{identifier}/exec"), ("GET", f"/containers/{identifier}/logs?stdout=1"),
            ("GET", f"/containers/{identifier}/archive?path=/"), ("GET", f"/containers/{identifier}/export"),
            ("GET", f"/containers/{identifier}/top"), ("GET", "/images/json"), ("GET", "/volumes"), ("GET", "/secrets"),
            ("POST", "/build"), ("POST", "/grpc"), ("POST", "/session"), ("GET", "/containers/../images/json"),
            ("GET", "/containers/x/../../secrets/json"), ("GET", "/containers/%2e%2e/json"), ("GET", "//info"),
            ("GET", "/v1.41//info"), ("GET", "/v1.41/v1.41/info"), ("GET", "/info/"), ("GET", "/INFO"),
            ("GET", "/containers/json%2f..%2f..%2fimages%2fjson"), ("GET", "/containers/a/b/json"), ("GET", "/"),
            ("GET", "/containers//json"), ("GET", "/v2.0/info"), ("GET", "/v1.41/_ping/json"), ("GET", "/plugins"),
            ("GET", "/swarm/unlockkey"), ("GET", "/containers/;/json"), ("GET", "/networks"), ("GET", "/system/df"),
        ]
        lines = len(self.refused())
        for method, target in refused:
            self.assertFalse(allowed(method, target), (method, target))
            self.assertEqual(self.ask(method, target), 403, (method, target))
        self.assertEqual(self.ask("GET", "/info", body=b"{}"), 403, "a body")
        upgrade = {"Connection": "Upgrade", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
        self.assertEqual(self.ask("GET", "/info", headers=upgrade), 403, "a tunnel")
        passed = [(request.method, request.target) for request in self.recording.requests]
        if SHOW:
            shown = {re.sub("[0-9a-f]{64}", "ID", f"{method} {target}")[:80] for method, target in passed}
            print("\nreached the engine:", *sorted(shown), sep="\n  ")
        self.assertGreater(len(passed), 8)
        self.assertEqual([request for request in passed if not allowed(*request)], [])
        eventually("a line for each that was refused", lambda: len(self.refused()) >= lines + len(refused))

    def test_nothing_is_smuggled(self):
        """A second request inside the first one's body, by either way of telling its length, does not pass."""
        hidden = b"POST /containers/smuggled/kill HTTP/1.1\r\nHost: x\r\n\r\n"
        length = str(len(hidden)).encode()
        closing = b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ways = [b"Content-Length: " + length, b"Transfer-Encoding: chunked",
                b"Content-Length: " + length + b"\r\nTransfer-Encoding: chunked",
                b"Content-Length: 0\r\nContent-Length: " + length,
                b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked"]
        for number, headers in enumerate(ways):
            with self.subTest(headers), socket.create_connection((self.address, 2375), timeout=30) as connection:
                first = b"GET /_ping HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n0\r\n\r\n"
                connection.sendall(first + hidden + closing)
                # The proxy ends the connection when it is through with all of it, or believes nothing more of it.
                with contextlib.suppress(ConnectionResetError):
                    while connection.recv(65536):
                        pass
                # What passed before this one has been recorded when this one has.
                marker = f"/containers/marker{number}/json"
                self.assertEqual(self.ask("GET", marker), 404)
                targets = [request.target for request in self.recording.requests]
                self.assertIn(marker, targets)
                self.assertEqual([target for target in targets if "smuggled" in target], [])

    def test_the_proxy_itself_is_confined(self):
        """No port is published, its network leads nowhere, and only it has the socket."""
        proxy, custos = (self.compose.container(name).inspect() for name in ("engine-proxy", "custos"))
        host = proxy["HostConfig"]
        self.assertEqual((host["PortBindings"], host["CapDrop"], host["ReadonlyRootfs"], proxy["Config"]["User"]),
                         ({}, ["ALL"], True, "65534:65534"))
        self.assertEqual(list(proxy["NetworkSettings"]["Networks"]), ["behind_engine"])
        self.assertTrue(self.engine.call("GET", "/networks/behind_engine")["Internal"])
        self.assertFalse([m for m in custos["Mounts"] if m["Destination"].endswith("docker.sock")])
        self.assertIsNone(custos["HostConfig"]["GroupAdd"])

    def test_it_is_the_same_otherwise(self):
        """The proxied Custos differs from the sidecar in the socket alone: limits and hardening are equal."""
        def custos(file):
            with open(os.path.join(images.REPOSITORY, "compose", file)) as text:
                return manifests.read(text.read())[0]["services"]["custos"]
        sidecar, proxied = custos("compose.yaml"), custos("compose.proxy.yaml")
        self.assertEqual(set(sidecar) - set(proxied), {"group_add"})
        self.assertEqual(set(proxied) - set(sidecar), {"depends_on", "networks"})
        self.assertEqual({key for key in sidecar if key in proxied and sidecar[key] != proxied[key]},
                         {"volumes", "environment"})
        self.assertEqual([v for v in sidecar["volumes"] if "docker.sock" not in v], proxied["volumes"])


class FurtherRequestTests(unittest.TestCase):
    """What two settings need besides is in lists of their own."""

    def setUp(self):
        self.enterContext(LEDGER.switched_on(LOGS, HEALING))
        self.engine = shared.server()
        standins.load(self.engine, standins.HAPROXY)
        self.receiver = Receiver("0.0.0.0")
        self.addCleanup(self.receiver.close)
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(os.path.join(images.REPOSITORY, "compose"), self.folder, dirs_exist_ok=True)
        self.file = os.path.join(self.folder, "compose.proxy.yaml")
        with open(self.file) as text:
            content = text.read()
        more = "".join(f"      - {key}={value}\n" for key, value in {**names.HEAL_AT_ONCE, names.LOGS: "5"}.items())
        with open(self.file, "w") as text:
            text.write(content.replace("      - CUSTOS_NODE\n", "      - CUSTOS_NODE\n" + more))

    def allow(self, *lists):
        """Adds lists to the line that names the first, as the file says."""
        path = os.path.join(self.folder, "proxy", "haproxy.cfg")
        with open(path) as text:
            content = text.read()
        first = "-m reg -f /usr/local/etc/haproxy/watching.list\n"
        self.assertEqual(content.count(first), 1)
        more = "".join(f" -f /usr/local/etc/haproxy/{name}.list" for name in lists)
        with open(path, "w") as text:
            text.write(content.replace(first, first.rstrip() + more + "\n"))

    def up(self, project):
        compose = Composition(
            self.engine, project, self.file, HAPROXY_IMAGE=standins.HAPROXY, CUSTOS_NODE=project,
            CUSTOS_WEBHOOK__URL=f"http://{self.engine.gateway}:{self.receiver.port}/hook")
        self.addCleanup(compose.down)
        compose.up()
        eventually(lambda: f"the webhook is told\n{compose.logs()[-3000:]}",
                   lambda: matching(self.receiver.events, reason="started"), 30)
        return compose

    def alert(self, timeout=30, **fields):
        return eventually(lambda: f"{fields}; told: {self.receiver.alerts()}",
                          lambda: self.receiver.alerts(**fields), timeout)[0]

    def dying(self, project):
        web = self.engine.service(project, "web", command=["sh", "-c", "echo last words; sleep 3; exit 1"])
        self.addCleanup(web.remove)

    def test_what_is_refused_and_what_is_allowed(self):
        """S10 said at the start, refused with one event each; with their lines both work, and nothing else does."""
        self.up("refusing")
        asks = matching(self.receiver.events, reason="started")[0]["annotations"]["asks_engine_for"]
        self.assertIn("POST /containers/{id}/restart", asks)
        self.assertIn("GET /containers/{id}/logs", asks)
        sick = self.engine.service("refused", "sick", health="exit 1")
        self.addCleanup(sick.remove)
        self.dying("refused")
        refused = self.alert(measure=names.MAY_HEAL)
        self.assertEqual((refused["target"], refused["reason"], refused["state"]), ("engine", "fired", "refused"))
        self.assertIn("let the socket proxy allow POST /containers/", refused["annotations"]["because"])
        death = self.alert(measure=names.DEATH, target="refused/web/1")
        self.assertIn("is not allowed (status 403)", death["annotations"]["log_missing"])

        self.allow(LOGS, HEALING)
        self.receiver = Receiver("0.0.0.0")
        self.addCleanup(self.receiver.close)
        compose = self.up("allowing")
        self.dying("allowed")
        death = self.alert(measure=names.DEATH, target="allowed/web/1")
        self.assertEqual(death["annotations"]["last_log_lines"], "last words")
        self.alert(measure=names.HEAL_RESTART, target="refused/sick/1")
        proxy = compose.container("engine-proxy").inspect()
        address = proxy["NetworkSettings"]["Networks"]["allowing_engine"]["IPAddress"]
        own = f"/containers/{sick.id}"
        for method, path, body in (
                ("POST", "/kill", None), ("POST", "/stop", None), ("POST", "/restart/x", None),
                ("GET", "/restart", None), ("POST", "/restart", b"{}"), ("POST", "/logs", None), ("DELETE", "", None),
                ("GET", "/archive", None)):
            connection = http.client.HTTPConnection(address, 2375, timeout=10)
            connection.request(method, own + path, body=body)
            self.assertEqual(connection.getresponse().status, 403, (method, path))
            connection.close()


if __name__ == "__main__":
    unittest.main()
