"""Kubernetes manifests: what a kustomization builds, what is wrong with it, and its pod on a plain engine."""

import glob
import json
import os
import subprocess
import tempfile

from . import images
from .engine import CUSTOS

_SCHEMAS = sorted(glob.glob(os.path.join(images.REPOSITORY, "Tests/Fixtures/kubernetes/*.json")))
# The volumes that the restricted profile allows, of those that exist:
# https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def build(folder):
    """The objects that `kubectl apply -k` would send."""
    done = subprocess.run(["scripts/kustomize", folder], cwd=images.REPOSITORY, capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode:
        raise AssertionError(f"{folder}: {done.stderr}")
    return read(done.stdout)


def read(text):
    """YAML documents as Python values."""
    return _checked(text, [])["documents"]


def violations(documents):
    """Where the documents break the schemas of the oldest and the newest version; one sentence each."""
    return _checked("\n---\n".join(map(json.dumps, documents)), _SCHEMAS)["problems"]


def _checked(text, schemas):
    reader = os.path.join(os.path.dirname(__file__), "yaml_documents.py")
    done = subprocess.run(["/usr/bin/python3", reader, *schemas], input=text, capture_output=True, text=True,
                          timeout=60, check=True)
    return json.loads(done.stdout)


def one(documents, kind):
    found = [document for document in documents if document["kind"] == kind]
    assert len(found) == 1, (kind, len(found))
    return found[0]


def containers(pod):
    return [c for key in ("initContainers", "containers", "ephemeralContainers") for c in pod.get(key, [])]


def unrestricted(pod):
    """Where a pod's specification leaves the restricted profile; one sentence each. A hostPath is one."""
    security = pod.get("securityContext", {})
    found = [f"{field} is set" for field in ("hostNetwork", "hostPID", "hostIPC") if pod.get(field)]
    found += [f"pod {field} is set" for field in ("sysctls", "seLinuxOptions", "windowsOptions") if security.get(field)]
    for volume in pod.get("volumes", []):
        found += [f"volume {volume['name']} is a {kind}" for kind in volume if kind != "name" and kind not in _VOLUMES]
    for container in containers(pod):
        found += [f"{container['name']}: {what}" for what in _unrestricted(container, security)]
    return found


def _unrestricted(container, pod):
    own = container.get("securityContext", {})
    seccomp = own.get("seccompProfile", pod.get("seccompProfile", {})).get("type")
    user = own.get("runAsUser", pod.get("runAsUser"))
    checks = {
        "privileged": not own.get("privileged", False),
        "allowPrivilegeEscalation is not false": own.get("allowPrivilegeEscalation") is False,
        "capabilities.drop is not ALL": own.get("capabilities", {}).get("drop") == ["ALL"],
        "capabilities.add": not own.get("capabilities", {}).get("add"),
        "runAsNonRoot is not true": own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True,
        "runAsUser is root or the image's": user not in (None, 0),
        "seccompProfile is not RuntimeDefault": seccomp == "RuntimeDefault",
        "appArmorProfile": own.get("appArmorProfile", {}).get("type", "RuntimeDefault") == "RuntimeDefault",
        "seLinuxOptions": not own.get("seLinuxOptions"),
        "windowsOptions": not own.get("windowsOptions"),
        "procMount": own.get("procMount", "Default") == "Default",
        "a host port": not any(port.get("hostPort") for port in container.get("ports", [])),
        "a probe or hook to another host": not any(_hosts(container)),
        # Beyond the profile, and kept all the same.
        "readOnlyRootFilesystem is not true": own.get("readOnlyRootFilesystem") is True,
        "no memory limit": "memory" in container.get("resources", {}).get("limits", {}),
    }
    return [what for what, holds in checks.items() if not holds]


def _hosts(value):
    """The `host` fields of probes and lifecycle hooks."""
    for key in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
        text = json.dumps(value.get(key, {}))
        yield '"host":' in text


class Pod:
    """The pod of a built DaemonSet, run by a plain engine as a kubelet would run it.

    `secrets` gives the values of secrets, by name and key; `paths` other folders of this machine for host paths.
    """

    def __init__(self, engine, documents, secrets=None, paths=None):
        self._maps = {d["metadata"]["name"]: d["data"] for d in documents if d["kind"] == "ConfigMap"}
        self._secrets = secrets or {}
        self._paths = paths or {}
        self._folders = []
        self.spec = one(documents, "DaemonSet")["spec"]["template"]["spec"]
        self.container = self._start(engine)

    def probe(self, name):
        """Runs one of the three probes as the kubelet does; exit code and output."""
        return self.container.probe(*self.spec["containers"][0][name]["exec"]["command"])

    def close(self):
        self.container.remove()
        for folder in self._folders:
            folder.cleanup()
        self._folders.clear()

    def _start(self, engine):
        container, pod = self.spec["containers"][0], self.spec["securityContext"]
        own = container["securityContext"]
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        mounts = [self._bind(volumes[m["name"]], m, pod["fsGroup"]) for m in container["volumeMounts"]]
        limits = container["resources"]["limits"]
        assert limits["memory"].endswith("Mi") and limits["cpu"].endswith("m"), limits
        return engine.run(
            ["run"], image=CUSTOS,
            config={"User": f"{pod['runAsUser']}:{pod['runAsGroup']}", "Env": list(self._environment(container))},
            host={"Mounts": mounts, "GroupAdd": [str(pod["fsGroup"])],
                  "CapDrop": own["capabilities"]["drop"], "ReadonlyRootfs": own["readOnlyRootFilesystem"],
                  "SecurityOpt": ["no-new-privileges"], "Memory": int(limits["memory"][:-2]) << 20,
                  "NanoCpus": int(limits["cpu"][:-1]) * 1_000_000})

    def _environment(self, container):
        for entry in container["env"]:
            value = entry.get("value")
            source = entry.get("valueFrom", {})
            if source.get("fieldRef", {}).get("fieldPath") == "spec.nodeName":
                value = "node-7"
            elif "secretKeyRef" in source:
                value = self._secrets.get((source["secretKeyRef"]["name"], source["secretKeyRef"]["key"]))
                assert value or source["secretKeyRef"]["optional"]
            if value is not None:
                yield f"{entry['name']}={value}"

    def _bind(self, volume, mount, group):
        path, propagation = volume.get("hostPath", {}).get("path"), mount.get("mountPropagation")
        if "configMap" in volume:
            path = self._folder(0o755)
            for name, text in self._maps[volume["configMap"]["name"]].items():
                with open(os.path.join(path, name), "w") as file:
                    file.write(text)
        elif "emptyDir" in volume:
            # The kubelet gives it to the pod's group, with the bit that passes the group on. Here it is a plain folder:
            # a tmpfs of the engine would take the mode of the image's folder.
            path = self._folder(0o2777, group)
        return {"Type": "bind", "Source": self._paths.get(path, path), "Target": mount["mountPath"],
                "ReadOnly": mount.get("readOnly", False),
                "BindOptions": {"Propagation": "rslave" if propagation == "HostToContainer" else "rprivate"}}

    def _folder(self, mode, group=0):
        folder = tempfile.TemporaryDirectory(prefix="custos-volume-")
        self._folders.append(folder)
        os.chown(folder.name, 0, group)
        os.chmod(folder.name, mode)
        return folder.name
