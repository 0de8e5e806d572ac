"""The Kubernetes manifests: valid, within the restricted profile but for hostPath, and their pod runs."""

import copy
import os
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

from harness import custos, images, manifests, shared
from harness.receiver import Receiver, matching
from harness.waiting import eventually

WITH_MONITOR = """
resources: [{base}]
components: [{component}]
"""


def kustomizations():
    """Each by its name, as built objects: the base, every overlay, and the base with every component."""
    built = {"base": manifests.build("k8s/base")}
    for name in sorted(os.listdir(os.path.join(images.REPOSITORY, "k8s/overlays"))):
        built[name] = manifests.build(f"k8s/overlays/{name}")
    # A kustomization of one's own somewhere else, as people have it.
    with tempfile.TemporaryDirectory(prefix="custos-k8s-") as folder:
        base, component = (os.path.relpath(os.path.join(images.REPOSITORY, "k8s", part), os.path.realpath(folder))
                           for part in ("base", "components/service-monitor"))
        with open(os.path.join(folder, "kustomization.yaml"), "w") as file:
            file.write(WITH_MONITOR.format(base=base, component=component))
        built["service-monitor"] = manifests.build(folder)
    return built


def pod_of(documents):
    return manifests.one(documents, "DaemonSet")["spec"]["template"]["spec"]


class ManifestTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = kustomizations()

    def each(self):
        for name, documents in self.built.items():
            with self.subTest(name):
                yield name, documents

    def test_there_is_something_to_prove(self):
        self.assertEqual(sorted(self.built), ["alertmanager", "base", "hostpath-journal", "service-monitor"])

    def test_schema(self):
        """Every object is one that the oldest and the newest API server takes; unknown fields are refused."""
        for _, documents in self.each():
            # Of the Prometheus Operator, so Kubernetes has no schema for it.
            known = [document for document in documents if document["kind"] != "ServiceMonitor"]
            self.assertEqual(manifests.violations(known), [])

    def test_the_schema_refuses(self):
        """A misspelt field, a wrong type and an unknown kind are noticed."""
        for field, value in [("readOnlyRootFileSystem", True), ("privileged", "no")]:
            wrong = copy.deepcopy(self.built["base"])
            pod_of(wrong)["containers"][0]["securityContext"][field] = value
            self.assertRegex("\n".join(manifests.violations(wrong)), field if value is True else "'no' is not of type")
        self.assertIn("has no schema", manifests.violations([{"apiVersion": "v1", "kind": "Pood"}])[0])

    def test_restricted(self):
        """S35 every field of the restricted profile; hostPath is the one exception, and what it shows is read-only."""
        for name, documents in self.each():
            pod = pod_of(documents)
            paths = {v["name"]: v["hostPath"]["path"] for v in pod["volumes"] if "hostPath" in v}
            self.assertEqual(manifests.unrestricted(pod), [f"volume {v['name']} is a hostPath" for v in pod["volumes"]
                                                           if v["name"] in paths])
            expected = {"proc": "/proc", "sys": "/sys", "root": "/"}
            if name == "hostpath-journal":
                expected["journal"] = "/var/lib/custos"
            self.assertEqual(paths, expected)
            mounts = {m["name"]: m for m in pod["containers"][0]["volumeMounts"]}
            for volume in ("proc", "sys", "root", "configuration"):
                self.assertTrue(mounts[volume]["readOnly"], volume)
            self.assertEqual(mounts["root"]["mountPropagation"], "HostToContainer")
            self.assertEqual((pod["securityContext"]["runAsUser"], len(manifests.containers(pod))), (65532, 1))

    def test_each_restricted_field_counts(self):
        """S35 the judge of the restricted profile notices every single field that is broken."""
        pod = pod_of(self.built["base"])
        allowed = manifests.unrestricted(pod)
        own = {"privileged": True, "allowPrivilegeEscalation": True, "readOnlyRootFilesystem": False,
               "runAsNonRoot": False, "runAsUser": 0, "capabilities": {"drop": ["NET_RAW"]},
               "seccompProfile": {"type": "Unconfined"}, "procMount": "Unmasked", "seLinuxOptions": {"user": "x"},
               "appArmorProfile": {"type": "Unconfined"}, "windowsOptions": {"hostProcess": True}}
        for field, value in own.items():
            wrong = copy.deepcopy(pod)
            wrong["containers"][0]["securityContext"][field] = value
            self.assertEqual(len(set(manifests.unrestricted(wrong)) - set(allowed)), 1, field)
        added = copy.deepcopy(pod)
        added["containers"][0]["securityContext"]["capabilities"]["add"] = ["SYS_PTRACE"]
        self.assertEqual(len(set(manifests.unrestricted(added)) - set(allowed)), 1)
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            self.assertEqual(manifests.unrestricted({**pod, field: True}), [f"{field} is set", *allowed])

    def test_nothing_of_the_api_is_used(self):
        """S35 S32 no role, no token, no service links; the node's name by the downward API."""
        for _, documents in self.each():
            kinds = {document["kind"] for document in documents}
            self.assertFalse({kind for kind in kinds if "Role" in kind or "Binding" in kind})
            self.assertIs(manifests.one(documents, "ServiceAccount")["automountServiceAccountToken"], False)
            pod = pod_of(documents)
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertIs(pod["enableServiceLinks"], False)
            names = {entry["name"]: entry for entry in pod["containers"][0]["env"]}
            self.assertEqual(names["NODE_NAME"]["valueFrom"], {"fieldRef": {"fieldPath": "spec.nodeName"}})

    def test_probes_and_network(self):
        """S35 probes by exec; one port, scraped through a headless Service, which only Prometheus may reach."""
        for _, documents in self.each():
            container = pod_of(documents)["containers"][0]
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                self.assertEqual(container[probe]["exec"]["command"], ["/custos", "health"])
            self.assertEqual(container["ports"], [{"name": "metrics", "containerPort": 9797, "protocol": "TCP"}])
            service = manifests.one(documents, "Service")["spec"]
            labels = manifests.one(documents, "DaemonSet")["spec"]["template"]["metadata"]["labels"]
            self.assertEqual(service["clusterIP"], "None")
            self.assertLessEqual(service["selector"].items(), labels.items())
            policy = manifests.one(documents, "NetworkPolicy")["spec"]
            self.assertLessEqual(policy["podSelector"]["matchLabels"].items(), labels.items())
            self.assertEqual(policy["policyTypes"], ["Ingress"])
            (rule,) = policy["ingress"]
            self.assertEqual([port["port"] for port in rule["ports"]], ["metrics"])
            self.assertTrue(all("podSelector" in peer for peer in rule["from"]))

    def test_service_monitor(self):
        """The optional component finds the Service by its labels and the port by its name."""
        documents = self.built["service-monitor"]
        monitor = manifests.one(documents, "ServiceMonitor")
        service = manifests.one(documents, "Service")
        self.assertEqual(monitor["apiVersion"], "monitoring.coreos.com/v1")
        self.assertEqual(monitor["metadata"]["namespace"], service["metadata"]["namespace"])
        selector = monitor["spec"]["selector"]["matchLabels"]
        self.assertLessEqual(selector.items(), service["metadata"]["labels"].items())
        self.assertEqual([e["port"] for e in monitor["spec"]["endpoints"]],
                         [p["name"] for p in service["spec"]["ports"]])
        self.assertFalse([d for d in self.built["base"] if d["kind"] == "ServiceMonitor"])

    def test_configuration(self):
        """S32 every ConfigMap holds a configuration that Custos takes without a problem."""
        for name, documents in self.each():
            text = manifests.one(documents, "ConfigMap")["data"]["custos.yaml"]
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                done = custos.once("config", "check", "--config", file.name)
            self.assertEqual(done.returncode, 0, f"{name}: {done.stdout}{done.stderr}")
            self.assertIn("0.0.0.0:9797", text)


class PodTests(unittest.TestCase):
    """The DaemonSet's pod, translated for a plain engine: same user, mounts, limits, environment and probes."""

    def setUp(self):
        self.receiver = Receiver("0.0.0.0")
        self.addCleanup(self.receiver.close)
        self.engine = shared.server()

    def pod(self, documents, **options):
        url = f"http://{self.engine.gateway}:{self.receiver.port}/hook"
        pod = manifests.Pod(self.engine, documents, {("custos-webhook", "url"): url}, **options)
        self.addCleanup(pod.close)
        eventually(lambda: f"the startup probe passes\n{pod.container.output()}",
                   lambda: pod.probe("startupProbe")[0] == 0, 30)
        return pod

    def started(self, count):
        def events():
            return matching(self.receiver.events, kind="lifecycle", reason="started")
        eventually("the webhook of the secret is told of the start", lambda: len(events()) >= count)
        return events()[-1]

    def test_base(self):
        """S35 it starts without an engine's socket, is ready, serves its port; the next pod knows nothing of it."""
        documents = manifests.build("k8s/base")
        pod = self.pod(documents)
        event = self.started(1)
        self.assertEqual(event["node"], "node-7")
        # The pods themselves are containers that their control groups tell of.
        self.assertIn("no Docker engine", event["annotations"]["containers"])
        self.assertNotIn("docker:", event["annotations"].get("not_watched", ""))
        self.assertEqual([pod.probe(name)[0] for name in ("readinessProbe", "livenessProbe")], [0, 0])
        with urllib.request.urlopen(f"http://{pod.container.address}:9797/readyz", timeout=5) as answer:
            self.assertEqual(answer.status, 200)
        facts = pod.container.inspect()
        self.assertEqual((facts["State"]["Running"], facts["RestartCount"]), (True, 0))
        mounts = {mount["Destination"]: mount for mount in facts["Mounts"]}
        self.assertEqual(mounts["/host/root"]["Propagation"], "rslave")
        pod.close()
        self.pod(documents)
        following = self.started(2)
        self.assertEqual(following["annotations"]["previous_end"], "first start")
        self.assertNotEqual(following["stream"], event["stream"])

    def test_the_journal_outlives_the_pod(self):
        """S35 with the prepared folder of the node, the next pod goes on with the same streams."""
        folder = tempfile.mkdtemp(prefix="custos-node-")
        self.addCleanup(shutil.rmtree, folder)
        # As the overlay says it is to be prepared.
        subprocess.run(["install", "-d", "-o", "65532", "-g", "65532", "-m", "0750", folder], check=True)
        documents = manifests.build("k8s/overlays/hostpath-journal")
        first = self.pod(documents, paths={"/var/lib/custos": folder})
        before = self.started(1)
        first.container.stop(10)
        self.assertEqual(first.container.inspect()["State"]["ExitCode"], 0)
        self.pod(documents, paths={"/var/lib/custos": folder})
        after = self.started(2)
        self.assertEqual(after["stream"], before["stream"])
        self.assertGreater(after["sequence"], before["sequence"])


if __name__ == "__main__":
    unittest.main()
