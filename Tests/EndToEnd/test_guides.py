"""The pages do what they say: their commands run, their output is what is shown, their links lead somewhere."""

import hashlib
import hmac
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from harness import children, custos, engine, images, manifests, names, pages, shared
from harness.receiver import Receiver
from harness.waiting import eventually

GUIDES = sorted("docs/guides/" + name for name in os.listdir(os.path.join(images.REPOSITORY, "docs/guides")))
PAGES = ["README.md", "docs/comparison.md", *GUIDES]
HOOK = "https://example.org/hook"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class PageTests(unittest.TestCase):
    def test_every_command_is_run(self):
        """No block of commands is without a word that says how it is tested, and every guide has one."""
        for page in PAGES:
            for block in pages.blocks(page):
                if block.language == "sh":
                    self.assertIn(block.words[:1], [["run"], ["make"], ["cluster"]], f"{page}:{block.line}")
        self.assertEqual([p for p in GUIDES if not [b for b in pages.blocks(p) if b.words[:1] == ["run"]]], [])
        self.assertEqual(len(GUIDES), 7)

    def test_links(self):
        """Every link within the repository leads to a file, and to a heading where it names one.
        What is not written yet of the reference may also be what the program writes."""
        reference = tempfile.TemporaryDirectory(prefix="custos-reference-")
        self.addCleanup(reference.cleanup)
        self.assertEqual(custos.once("docs", reference.name).returncode, 0)
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", pages.read(page)):
                if "://" in target:
                    continue
                path, _, heading = target.partition("#")
                where = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                generated = os.path.join(reference.name, os.path.relpath(where, "docs/reference"))
                there = [os.path.exists(place) for place in (os.path.join(images.REPOSITORY, where), generated)]
                self.assertTrue(any(there), f"{page}: {target}")
                if heading:
                    titles = re.findall(r"^#+ (.*)$", pages.read(where), re.MULTILINE)
                    anchors = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
                    self.assertIn(heading, anchors, f"{page}: {target}")

    def test_what_is_shown_is_compared(self):
        """An output that differs is noticed."""
        self.assertTrue(pages.fits("a … c\n…\nend\n", "a b c\n1\n2\nend\n"))
        self.assertFalse(pages.fits("a … c\n", "a b d\n"))
        self.assertFalse(pages.fits("a\n", "a\nb\n"))


class CommandTests(unittest.TestCase):
    """Each page in a shell of its own, from top to bottom."""

    def play(self, page, engine_=None, in_repository=False, changes=None, settings=None):
        environment = dict(settings or {})
        if engine_:
            engine_.call("POST", f"/images/{engine.CUSTOS}/tag?repo=custos&tag=dev")
            project = re.sub(r"\W", "", page.lower())
            environment |= {"DOCKER_SOCKET": engine_.socket, "COMPOSE_PROJECT_NAME": project}
        shell = pages.Shell(images.REPOSITORY if in_repository else None, engine_, environment)
        self.addCleanup(shell.close)
        if engine_:
            self.addCleanup(shell.run, "docker compose -f compose/compose.yaml down --volumes --timeout 5")

        def changed(text):
            for old, new in (changes or {}).items():
                text = text.replace(old, new)
            return text
        for block in pages.blocks(page):
            with self.subTest(f"{page}:{block.line}"):
                self.block(shell, block._replace(text=changed(block.text), shown=block.shown and changed(block.shown)))

    def block(self, shell, block):
        options = dict(word.split("=", 1) for word in block.words if "=" in word)
        if "file" in options:
            with open(os.path.join(shell.folder, options["file"]), "w") as file:
                file.write(block.text)
        elif block.words[:1] == ["run"]:
            self.runs(shell, block, options.get("exit", "0"))
        elif block.words[:1] == ["make"]:
            for target in re.findall(r"^make (\S+)", block.text, re.MULTILINE):
                self.assertRegex(pages.read("Makefile"), rf"(?m)^{target}:")
        elif block.words[:1] == ["cluster"]:
            for line in block.text.splitlines():
                self.known_to_the_cluster(line)
        elif block.language == "yaml":
            self.assertTrue(manifests.read(block.text))

    def runs(self, shell, block, statuses):
        first, _, last = statuses.partition("-")
        wanted = range(int(first), int(last or first) + 1)
        got = []

        def done():
            got[:] = shell.run(block.text)
            return got[0] in wanted and (block.shown is None or pages.fits(block.shown, got[1]))
        patience = 60 if "wait" in block.words else 0
        # Only what waits is run again.
        eventually(lambda: f"{block.text}status {got[0]}, output:\n{got[1]}\nshown: {block.shown}", done, patience, 0.5)

    def known_to_the_cluster(self, line):
        """As far as it goes without one: what is applied is built and valid, what is named exists."""
        base = manifests.build("k8s/base")
        daemons = manifests.one(base, "DaemonSet")
        self.assertEqual((daemons["metadata"]["name"], daemons["metadata"]["namespace"]), ("custos", "custos"))
        applied = re.fullmatch(r"kubectl (?:apply|delete) -k (\S+)", line)
        secret = re.fullmatch(r"kubectl -n custos create secret generic (\S+) --from-literal=(\w+)=\S+", line)
        if applied:
            self.assertEqual(manifests.violations(manifests.build(applied[1])), [])
        elif secret:
            environment = daemons["spec"]["template"]["spec"]["containers"][0]["env"]
            used = [e["valueFrom"]["secretKeyRef"] for e in environment if "secretKeyRef" in e.get("valueFrom", {})]
            self.assertIn((secret[1], secret[2]), [(reference["name"], reference["key"]) for reference in used])
        else:
            self.assertRegex(line, r"^kubectl -n custos (rollout (status|restart) daemonset custos"
                                   r"|logs daemonset/custos)$")

    def hooked(self):
        receiver = Receiver("0.0.0.0")
        self.addCleanup(receiver.close)
        return receiver, {HOOK: f"http://{shared.server().gateway}:{receiver.port}/hook"}

    def told(self, receiver):
        eventually("the webhook of the page is told", lambda: [e for e in receiver.events if e["reason"] == "started"])

    def test_readme(self):
        """A newcomer's commands end in a first event."""
        receiver, changes = self.hooked()
        self.play("README.md", shared.server(), True, changes)
        self.told(receiver)

    def test_compose_sidecar(self):
        receiver, changes = self.hooked()
        self.play("docs/guides/compose-sidecar.md", shared.server(), True, changes)
        self.told(receiver)
        eventually("the test event", lambda: [e for e in receiver.events if e["reason"] == "test"])

    def test_security(self):
        self.play("docs/guides/security.md", shared.server(), True)

    def test_kubernetes(self):
        self.play("docs/guides/kubernetes.md", in_repository=True)

    def test_configuration(self):
        self.play("docs/guides/configuration.md")

    def test_what_each_check_needs(self):
        self.play("docs/guides/what-each-check-needs.md")

    def test_troubleshooting(self):
        self.play("docs/guides/troubleshooting.md")

    def test_receiving_webhooks(self):
        # The page shows what a machine tells that is well.
        self.play("docs/guides/receiving-webhooks.md", changes={"8080": str(free_port())}, settings=names.QUIET)

    def test_nothing_is_forgotten(self):
        """Every guide has its test here."""
        for page in GUIDES:
            self.assertTrue(hasattr(self, "test_" + os.path.basename(page)[:-3].replace("-", "_")), page)


class ReceiverTests(unittest.TestCase):
    """The page's receiver, told by a real Custos what it must believe, and by a forger what it must not."""

    SECRET = "between-us"

    def setUp(self):
        (code,) = [b.text for b in pages.blocks("docs/guides/receiving-webhooks.md") if b.language == "python"]
        self.port = free_port()
        folder = tempfile.TemporaryDirectory(prefix="custos-receiver-")
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "receiver.py")
        with open(path, "w") as file:
            file.write(code.replace("8080", str(self.port)))
        self.printed = os.path.join(folder.name, "printed")
        with open(self.printed, "w") as output:
            process = children.start([sys.executable, path], stdout=output, stderr=subprocess.DEVNULL,
                                     env={"HOOK_SECRET": self.SECRET})
        self.addCleanup(children.end, process)
        eventually("it listens", self.listens)

    def listens(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def post(self, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/hook", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def lines(self):
        with open(self.printed) as file:
            return file.read().splitlines()

    def events(self):
        """Requests of a real Custos, signed, one event each: what it tells when it is started four times."""
        receiver = Receiver()
        self.addCleanup(receiver.close)
        program = custos.Custos({names.WEBHOOK: receiver.url, "CUSTOS_WEBHOOK__SECRET": self.SECRET,
                                 "CUSTOS_WEBHOOK__BATCH_MAX": "1", **names.ONLY_DOCKER, **names.UNLIMITED})
        self.addCleanup(program.close)
        for _ in range(3):
            program.started()
            self.assertEqual(program.stop(), 0)
        program.started()
        eventually("all is told", lambda: [e for e in receiver.events if e["reason"] == "started"][3:])
        requests = [r for r in receiver.requests if r.events]
        self.assertEqual({len(r.events) for r in requests}, {1})
        return requests

    def send(self, request):
        header = next(value for name, value in request.headers.items() if name.lower() == "custos-signature")
        return self.post(request.body, {"Custos-Signature": header, "Content-Type": "application/json"})

    def test_a_genuine_event_counts_once(self):
        """What Custos signed is taken; sent again, it is acknowledged and not taken again."""
        requests = self.events()
        for request in [*requests, requests[0], requests[-1]]:
            self.assertEqual(self.send(request), 204)
        self.assertEqual(len(self.lines()), len(requests))
        self.assertIn("started custos ", self.lines()[0])
        self.assertNotIn("MISSING", "\n".join(self.lines()))

    def test_a_forged_event_is_refused(self):
        """Changed, unsigned, signed by another or long ago: refused, and nothing is taken."""
        body = self.events()[0].body
        now, past = str(int(time.time())), str(int(time.time()) - 3600)

        def signature(at, secret):
            return f"t={at},v1=" + hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        right = signature(now, self.SECRET.encode())
        self.assertEqual(self.post(body + b" ", {"Custos-Signature": right}), 401)
        self.assertEqual(self.post(body, {}), 401)
        self.assertEqual(self.post(body, {"Custos-Signature": signature(now, b"another")}), 401)
        self.assertEqual(self.post(body, {"Custos-Signature": signature(past, self.SECRET.encode())}), 401)
        self.assertEqual(self.lines(), [])
        self.assertEqual(self.post(body, {"Custos-Signature": right}), 204)
        self.assertEqual(len(self.lines()), 1)

    def test_a_gap_is_noticed(self):
        """A missing number is named until it comes."""
        first, second, third, fourth = self.events()[:4]
        number = second.events[0]["sequence"]
        for request in (first, third, second, fourth):
            self.assertEqual(self.send(request), 204)
        self.assertEqual(["MISSING" in line for line in self.lines()], [False, True, False, False])
        self.assertIn(f"MISSING [{number}]", self.lines()[1])


if __name__ == "__main__":
    unittest.main()
