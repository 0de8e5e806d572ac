"""The image as `make image` builds it: the whole Dockerfile on a private engine, then what is in it and how it runs."""

import datetime
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import tarfile
import tempfile
import threading
import unittest
import zoneinfo

from harness import engine as engines
from harness import images, names, shared
from harness.custos import HardenedCustos
from harness.receiver import Receiver
from harness.waiting import eventually

BASE, IMAGE = "custos-e2e/build-base:1", "custos-e2e/image:1"
SBOM = os.path.join(images.REPOSITORY, ".build", "custos.spdx.json")
LIBRARIES = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libgcc_s.so.1", "libm.so.6"}


def docker(engine, *arguments, timeout=120):
    """The engine's own client, or a script that uses it."""
    environment = {**os.environ, "DOCKER_HOST": f"unix://{engine.control}", "DOCKER_BUILDKIT": "0",
                   "CUSTOS_IMAGE": IMAGE}
    done = subprocess.run(arguments, cwd=images.REPOSITORY, env=environment, capture_output=True, text=True,
                          timeout=timeout, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{arguments[0]} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


class ImageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        with tempfile.TemporaryDirectory(prefix="custos-base-") as folder:
            archive, changes = images.build_base(folder)
            with open(archive, "rb") as layout:
                cls.engine.import_image(BASE, layout, changes)
        # The private engine's bridge leads nowhere, and the build asks package mirrors.
        arguments = ["--network", "host", "--build-arg", f"BUILD_BASE={BASE}"]
        docker(cls.engine, "scripts/build-image", *arguments, timeout=1800)
        with open(SBOM) as file:
            cls.sbom = json.load(file)
        cls.folder = tempfile.TemporaryDirectory(prefix="custos-image-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.archive = os.path.join(cls.folder.name, "image.tar")
        docker(cls.engine, "docker", "save", "--output", cls.archive, IMAGE)
        cls.files = {}
        with tarfile.open(cls.archive) as outer:
            for name in json.load(outer.extractfile("manifest.json"))[0]["Layers"]:
                with tarfile.open(fileobj=outer.extractfile(name)) as layer:
                    cls.files.update({"/" + entry.name.rstrip("/"): entry for entry in layer})
                    if "custos" in layer.getnames():
                        layer.extract("custos", cls.folder.name)
        cls.binary = os.path.join(cls.folder.name, "custos")

    # What is in it

    def test_it_says_how_it_is_run(self):
        """S38 numeric user, HEALTHCHECK, STOPSIGNAL, labels."""
        facts = self.engine.call("GET", f"/images/{IMAGE}/json")["Config"]
        second = 1_000_000_000
        self.assertEqual(facts["Healthcheck"], {"Test": ["CMD", "/custos", "health"], "Interval": 30 * second,
                                                "StartPeriod": 10 * second})
        self.assertEqual((facts["User"], facts["StopSignal"]), ("65532:65532", "SIGTERM"))
        self.assertEqual((facts["Entrypoint"], facts["Cmd"]), (["/custos"], ["run"]))
        self.assertEqual(list(facts["Volumes"]), ["/var/lib/custos"])
        labels = {key.removeprefix("org.opencontainers.image."): value for key, value in facts["Labels"].items()}
        self.assertEqual(labels["title"], "custos")
        self.assertRegex(labels["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(labels["created"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(labels["revision"] and labels["description"])

    def test_nothing_but_what_the_binary_opens(self):
        """The binary, the C library, certificates, time zones, and the folders that it writes to; no user database."""
        files = {path for path, entry in self.files.items() if not entry.isdir()}
        files = {path for path in files if not path.startswith("/usr/share/zoneinfo/")}
        libraries = {path for path in files if os.path.basename(path) in LIBRARIES}
        self.assertEqual(files - libraries, {"/custos", "/etc/nsswitch.conf", "/etc/ssl/certs/ca-certificates.crt"})
        self.assertEqual(len(libraries), 4)
        for folder in ("/var/lib/custos", "/run/custos"):
            entry = self.files[folder]
            self.assertEqual((entry.uid, entry.gid, entry.mode & 0o7777), (65532, 65532, 0o750), folder)

    def test_what_is_inside_the_binary(self):
        """libcurl, OpenSSL, SQLite, libyaml and the C++ runtime: the C library is all that it needs at run time."""
        needed = subprocess.run(["objdump", "-p", self.binary], check=True, capture_output=True, text=True).stdout
        self.assertLessEqual(set(re.findall(r"NEEDED +(\S+)", needed)), LIBRARIES)

    def test_the_audit_is_content(self):
        """Sizes within their budgets, no setuid bit, every file listed with its digest."""
        said = docker(self.engine, "scripts/image-audit", self.archive, SBOM)
        print(said[said.rindex("\n\n"):].strip(), flush=True)
        self.assertRegex(said, r"image_unpacked_mb .* ok\n")
        self.assertRegex(said, r"image_compressed_mb .* ok\n")

    # The list of contents

    def test_the_list_of_contents_is_valid(self):
        """SPDX 2.3: the fields that it demands, identifiers that are unique, relationships that lead somewhere."""
        sbom = self.sbom
        self.assertEqual((sbom["spdxVersion"], sbom["dataLicense"], sbom["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertRegex(sbom["documentNamespace"], r"^https://[^#]+$")
        self.assertRegex(sbom["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertRegex(sbom["creationInfo"]["creators"][0], r"^Tool: \S+$")
        everything = [sbom, *sbom["packages"], *sbom["files"]]
        identifiers = [thing["SPDXID"] for thing in everything]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        for identifier in identifiers:
            self.assertRegex(identifier, r"^SPDXRef-[A-Za-z0-9.-]+$")
        for relation in sbom["relationships"]:
            self.assertIn(relation["spdxElementId"], identifiers)
            self.assertIn(relation["relatedSpdxElement"], identifiers)
            self.assertIn(relation["relationshipType"], {"DESCRIBES", "CONTAINS", "GENERATED_FROM", "STATIC_LINK",
                                                         "DYNAMIC_LINK"})
        self.assertEqual(sum(r["relationshipType"] == "DESCRIBES" for r in sbom["relationships"]), 1)
        for package in sbom["packages"]:
            self.assertTrue(package["name"] and package["versionInfo"] and package["downloadLocation"], package)
            if package["name"] != "custos":
                self.assertNotEqual(package["licenseDeclared"], "NOASSERTION", package)
        extracted = {licence["licenseId"] for licence in sbom["hasExtractedLicensingInfos"]}
        for word in re.findall(r"LicenseRef-[\w.-]+", json.dumps(sbom["packages"])):
            self.assertIn(word, extracted)
        sums = sorted(file["checksums"][0]["checksumValue"] for file in sbom["files"])
        image = next(package for package in sbom["packages"] if package["filesAnalyzed"])
        self.assertEqual(image["packageVerificationCode"]["packageVerificationCodeValue"],
                         hashlib.sha1("".join(sums).encode()).hexdigest())

    def test_the_list_of_contents_names_what_is_linked(self):
        """What the linker took in: the C libraries by their source packages, Swift, and its packages with versions."""
        versions = {package["name"]: package["versionInfo"] for package in self.sbom["packages"]}
        self.assertLessEqual({"curl", "openssl", "sqlite3", "libyaml", "glibc", "ca-certificates", "tzdata", "swift",
                              "hummingbird", "swift-nio", "swift-argument-parser"}, set(versions))
        self.assertNotIn("zlib", versions)
        with open(self.binary, "rb") as file:
            content = file.read()
        # What the list says against what the libraries themselves say.
        self.assertIn(b"OpenSSL " + versions["openssl"].split("-")[0].encode(), content)
        self.assertIn(versions["sqlite3"].split("-")[0].encode() + b"\0", content)
        self.assertNotIn(b"fts5:", content, "the distribution's own SQLite is linked")

    # How it runs

    def hardened(self, environment=None, tls=None, hook=None, **options):
        receiver = Receiver("0.0.0.0", tls=tls)
        self.addCleanup(receiver.close)
        scheme, host = "https" if tls else "http", hook or self.engine.gateway
        custos = HardenedCustos(self.engine, self.engine.socket, image=IMAGE, environment={
            names.WEBHOOK: f"{scheme}://{host}:{receiver.port}/hook", **names.UNLIMITED, **(environment or {}),
        }, **options)
        self.addCleanup(custos.close)
        return custos, receiver

    def certificate(self):
        """A certificate for the gateway's address, signed by itself, and a server's context with it."""
        path, key = os.path.join(self.folder.name, "cert.pem"), os.path.join(self.folder.name, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hook",
                        "-addext", f"subjectAltName=IP:{self.engine.gateway}", "-keyout", key, "-out", path],
                       check=True, capture_output=True)
        os.chmod(self.folder.name, 0o755)
        os.chmod(path, 0o644)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, key)
        return path, context

    def test_it_watches_fifty_containers_in_32_mib(self):
        """S34 S38 uid 65532, read-only, no capability, no new privileges, 32 MiB: started, healthy, tells a death."""
        for number in range(50):
            self.addCleanup(self.engine.service("crowd", "web", number + 1).remove)
        custos, receiver = self.hardened(memory=32 << 20)
        started = custos.started(30)
        eventually("the webhook is told of the start", lambda: [e for e in receiver.events if e["reason"] == "started"])
        facts = started.container.inspect()
        self.assertEqual((facts["Config"]["User"], facts["HostConfig"]["ReadonlyRootfs"]), ("65532:65532", True))
        self.assertEqual((facts["HostConfig"]["CapDrop"], facts["HostConfig"]["SecurityOpt"]),
                         (["ALL"], ["no-new-privileges:true"]))
        self.assertEqual(facts["HostConfig"]["Memory"], 32 << 20)
        with open(f"/proc/{facts['State']['Pid']}/status") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        self.assertEqual(set(status["Uid"].split()), {"65532"})
        self.assertEqual((int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]), (0, 0, "1"))

        self.engine.call("GET", f"/containers/{started.container.id}/json")
        started.container.until_health("healthy", 60)
        victim = self.engine.service("crowd", "victim", restart="no")
        self.addCleanup(victim.remove)
        victim.crash()
        eventually("the death is told", lambda: receiver.alerts(measure=names.DEATH, target="crowd/victim/1"))
        state = started.container.inspect()["State"]
        self.assertEqual((state["Status"], state["OOMKilled"]), ("running", False))
        use = self.engine.call("GET", f"/containers/{started.container.id}/stats?stream=0&one-shot=1")["memory_stats"]
        print(f"image_50_containers_memory_mib {use['usage'] / (1 << 20):.1f} of {use['limit'] / (1 << 20):.0f}",
              flush=True)
        self.assertEqual(custos.stop(), 0, "a stop is clean")

    def test_tls_with_the_certificates_of_the_image(self):
        """HTTPS: a receiver that the image's certificates do not vouch for is refused, one in their place is told."""
        path, context = self.certificate()
        stranger, refused = self.hardened(tls=context, name="stranger")
        stranger.start()
        eventually(lambda: f"a word about the certificate; {stranger.output.log}",
                   lambda: "certificate" in stranger.output.log, 30)
        self.assertEqual(refused.events, [])
        friend, told = self.hardened(tls=context, name="friend")
        friend.mounts.append(f"{path}:/etc/ssl/certs/ca-certificates.crt:ro")
        friend.started(30)
        eventually("the webhook is told over TLS", lambda: told.events)

    def test_names_are_resolved(self):
        """The image has no library that resolves names beside the C library; a name server is asked all the same."""
        server = NameServer(self.engine.gateway)
        self.addCleanup(server.close)
        custos, receiver = self.hardened(hook="hook.custos.test", host={"Dns": [self.engine.gateway]})
        custos.started(30)
        eventually("the webhook is told by its name", lambda: receiver.events)
        self.assertIn(b"\4hook\6custos\4test", b"".join(server.asked))

    def test_time_zones(self):
        """TZ counts: the text format writes local time, with summer time in the north or in the south."""
        for zone in ("Asia/Kathmandu", "Europe/Berlin", "Australia/Sydney"):
            custos, _ = self.hardened({"TZ": zone, names.STDOUT_FORMAT: "text"})
            custos.start()
            line = eventually(lambda: f"a line of text; {custos.output.log}", lambda: custos.output.stray)[0]
            local = datetime.datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S")
            ahead = local - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
            offset = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).utcoffset()
            self.assertAlmostEqual(ahead.total_seconds(), offset.total_seconds(), delta=60, msg=zone)
            if zone == "Asia/Kathmandu":
                self.assertAlmostEqual(ahead.total_seconds(), 5.75 * 3600, delta=60)
            custos.close()

    def test_the_images_own_libraries(self):
        """Delivery, SIGKILL and a damaged journal with the libcurl and SQLite of the image, not the checkout's."""
        environment = {**os.environ, "CUSTOS_BINARY": self.binary}
        for tests in [("-k", "WebhookTests", "test_sinks"), ("test_kill",), ("-k", "JournalTests", "test_bad_input")]:
            run = [os.path.join(os.path.dirname(__file__), "run.py"), *tests]
            done = subprocess.run(["python3", *run], env=environment, capture_output=True, text=True, timeout=300,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stdout[-3000:])

    def test_no_shell(self):
        shell = self.engine.run(["-c", "true"], image=IMAGE, start=False, config={"Entrypoint": ["/bin/sh"]})
        self.addCleanup(shell.remove)
        with self.assertRaises(engines.EngineError):
            shell.start()


class NameServer:
    """Answers every question for an address with its own; to others it says that there is nothing."""

    def __init__(self, address):
        self.asked = []
        self._address = socket.inet_aton(address)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._answer, daemon=True).start()

    def close(self):
        self._socket.close()

    def _answer(self):
        while True:
            try:
                question, client = self._socket.recvfrom(512)
            except OSError:
                return
            self.asked.append(question)
            end = question.index(b"\0", 12) + 5
            is_address = question[end - 4:end - 2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4" + self._address if is_address else b""
            head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0"
            self._socket.sendto(head + question[12:end] + answer, client)


if __name__ == "__main__":
    unittest.main()
