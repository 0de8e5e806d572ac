"""What others read of Custos: their own libraries parse what the finished program sends and prints."""

import json
import shutil
import socket
import tempfile
import unittest
import urllib.request

from harness import children, names, packages
from harness.custos import Custos
from harness.shop import ShopCase
from harness.waiting import eventually


class FormatTests(ShopCase):
    @classmethod
    def setUpClass(cls):
        packages.provide()

    def custos(self, **more):
        custos = Custos({**names.QUICK, names.DOCKER_HOST: "unix://" + self.stub.socket, names.WEBHOOK: self.hook.url,
                         names.WEBHOOK_TIMEOUT: "1s", "CUSTOS_WEBHOOK__FORMAT": "cloudevents", **more})
        self.addCleanup(custos.close)
        custos.start()
        self.heard("custos.lifecycle.started")
        return custos

    def heard(self, kind, timeout=20):
        return eventually(lambda: f"{kind}; there are {[e.get('type') for e in self.hook.events]}",
                          lambda: [e for e in self.hook.acknowledged if e.get("type") == kind], timeout)[0]

    def parsed(self):
        """Every request's events as the CloudEvents SDK reads them."""
        from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
        events = []
        for request in self.hook.requests:
            mode, content = request.headers["Content-Type"], json.loads(request.body)
            self.assertEqual(mode, "application/cloudevents-batch+json" if isinstance(content, list)
                             else "application/cloudevents+json")
            for event in content if isinstance(content, list) else [content]:
                message = HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(event).encode())
                events.append((mode, from_structured_event(message)))
        return events

    def test_cloudevents_in_both_modes(self):
        """S5 structured and batched mode, read by the SDK; source and id tell duplicates."""
        self.custos()
        self.hook.down()
        for number in range(3):
            self.stub.service("shop", f"job{number}", restart="no")
            self.stub.die(f"shop-job{number}-1")
        self.hook.up()
        wanted = {f"docker/container_death/shop/job{number}/1" for number in range(3)}
        eventually("all three", lambda: wanted <= {e.get("subject") for e in self.hook.acknowledged}, 30)
        events = self.parsed()
        self.assertEqual({mode for mode, _ in events},
                         {"application/cloudevents+json", "application/cloudevents-batch+json"})
        seen = {}
        for _, event in events:
            self.assertEqual(event.get_specversion(), "1.0")
            self.assertEqual(event.get_source(), "custos://testhost")
            self.assertEqual(event.get_datacontenttype(), "application/json")
            data = event.get_data()
            data = json.loads(data) if isinstance(data, (str, bytes)) else data
            self.assertEqual(data["id"], event.get_id())
            self.assertEqual(event.get_type(), f"custos.{data['kind']}.{data['reason']}")
            self.assertIsNotNone(event.get_time().tzinfo)
            seen.setdefault(event.get_id(), data)
            self.assertEqual(seen[event.get_id()], data, "the same id is the same event")
        sequences = [int(event.get_extension("sequence")) for _, event in events]
        self.assertEqual(sorted(set(sequences)), list(range(1, max(sequences) + 1)), "no gap")

    def test_otel_lines_are_what_the_collector_reads(self):
        """Each line on stdout is one LogsData, by the protocol's own classes."""
        from google.protobuf import json_format
        from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
        custos = self.custos(**{names.STDOUT_FORMAT: "otel"})
        self.stub.die("shop-web-1", 137)
        self.heard("custos.alert.fired")
        ids = {e["id"] for e in self.hook.acknowledged}
        records = eventually("as many lines", lambda: len(custos.output.events) >= len(ids) and custos.output.events)
        self.assertEqual(custos.output.stray, [])
        told = set()
        for line in records:
            data = json_format.ParseDict(line, LogsData())
            (resource,) = data.resource_logs
            attributes = {a.key: a.value.string_value for a in resource.resource.attributes}
            self.assertEqual((attributes["host.name"], attributes["service.name"]), ("testhost", "custos"))
            (record,) = resource.scope_logs[0].log_records
            self.assertGreater(record.time_unix_nano, 1_600_000_000 * 10**9)
            values = {a.key: a.value.string_value for a in record.attributes}
            told.add(values["log.record.uid"])
            if values["custos.kind"] == "alert":
                self.assertEqual(values["container.name"], "shop-web-1")
        self.assertLessEqual(ids, told)

    def test_ecs_lines(self):
        """Each line on stdout has what the schema requires, and the container's own fields."""
        custos = self.custos(**{names.STDOUT_FORMAT: "ecs"})
        self.stub.die("shop-web-1", 137)
        self.heard("custos.alert.fired")
        death = eventually("the death", lambda: [e for e in custos.output.events
                                                 if e["event"].get("code") == names.DEATH])[0]
        self.assertEqual(custos.output.stray, [])
        for event in custos.output.events:
            self.assertTrue({"@timestamp", "ecs", "event", "message", "host", "log", "custos"} <= set(event))
            self.assertEqual(event["host"], {"name": "testhost"})
        self.assertEqual(death["container"]["name"], "shop-web-1")
        self.assertEqual((death["event"]["kind"], death["event"]["category"], death["event"]["type"]),
                         ("alert", ["process"], ["end"]))


ROUTE = """
route: {{receiver: hook, group_by: [alertname, target], group_wait: 50ms, group_interval: 200ms, repeat_interval: 1h}}
receivers: [{{name: hook, webhook_configs: [{{url: "{url}"}}]}}]
"""


class AlertmanagerTests(ShopCase):
    """Debian's Alertmanager between Custos and a receiver."""

    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix="custos-alertmanager-")
        self.addCleanup(shutil.rmtree, folder)
        with open(f"{folder}/config.yml", "w") as file:
            file.write(ROUTE.format(url=self.hook.url))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        with open(f"{folder}/log", "w") as log:
            process = children.start(
                ["prometheus-alertmanager", f"--config.file={folder}/config.yml", f"--storage.path={folder}/data",
                 f"--web.listen-address={self.address}", "--cluster.listen-address="], stdout=log, stderr=log)
        self.addCleanup(children.end, process)
        eventually("Alertmanager is ready", lambda: self.asked("/-/ready") is not None, 30)

    def asked(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return answer.read()
        except OSError:
            return None

    def active(self):
        return json.loads(self.asked("/api/v2/alerts?active=true") or "null")

    def told(self, status, alertname):
        """The first alert with this status and name, of a warning, that Alertmanager told."""
        def found():
            bodies = [json.loads(request.body) for request in self.hook.requests]
            return [alert for body in bodies for alert in body["alerts"]
                    if (alert["status"], alert["labels"]["alertname"]) == (status, alertname)
                    and alert["labels"]["severity"] == "warning"]
        return eventually(f"{alertname} is {status}", found, 30)[0]

    def test_it_takes_what_is_posted_to_its_api(self):
        """S5 an alert is open in Alertmanager until Custos resolves it, and told with what it needs to be routed."""
        custos = Custos({**names.QUICK, names.DOCKER_HOST: "unix://" + self.stub.socket,
                         names.WEBHOOK: f"http://{self.address}/api/v2/alerts",
                         "CUSTOS_WEBHOOK__FORMAT": "alertmanager_api", "CUSTOS_WEBHOOK__LIFECYCLE": "false",
                         "CUSTOS_DOCKER__DEATH_WINDOW": "10s"})
        self.addCleanup(custos.close)
        custos.started()
        self.stub.die("shop-web-1", 137)
        death = self.told("firing", names.DEATH)
        self.assertEqual(death["labels"]["node"], "testhost")
        self.assertEqual(death["labels"]["target"], "shop/web/1")
        self.assertEqual(death["annotations"]["image"], "stub/image:1")
        self.assertIn(death["labels"], [alert["labels"] for alert in self.active()])
        self.stub.start("shop-web-1")
        self.assertEqual(self.told("resolved", names.DEATH)["labels"], death["labels"])
        eventually("nothing is open", lambda: self.active() == [], 30)


if __name__ == "__main__":
    unittest.main()
