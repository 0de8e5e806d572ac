"""An engine at a TCP port that wants TLS of its clients: what fits works, what does not is one clear error."""

import os
import shutil
import socket
import tempfile
import unittest

from harness import names
from harness.authority import Authority
from harness.custos import Custos
from harness.engine import Engine
from harness.ledger import LEDGER
from harness.waiting import eventually


class EngineTLSTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="custos-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.authority = Authority(os.path.join(cls.folder, "authority"))
        cls.other = Authority(os.path.join(cls.folder, "other"), "somebody else")
        cls.engine, cls.address = cls.listening("server")
        cls.keys = cls.client("client", cls.authority)

    @classmethod
    def listening(cls, name, expired=False):
        """An engine behind TLS, and its address for Custos."""
        certificate, key = (os.path.join(cls.folder, f"{name}{part}.pem") for part in ("", "-key"))
        cls.authority.issue(certificate, key, name, "IP:127.0.0.1", expired)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        engine = Engine(arguments=[
            "--debug", "--host", f"tcp://127.0.0.1:{port}", "--tlsverify", "--tlscacert", cls.authority.certificate,
            "--tlscert", certificate, "--tlskey", key])
        cls.addClassCleanup(engine.close)
        return engine.start().with_busybox(), f"tcp://127.0.0.1:{port}"

    @classmethod
    def client(cls, name, authority, expired=False):
        """A folder as DOCKER_CERT_PATH names it, with a certificate of this authority."""
        folder = os.path.join(cls.folder, name)
        os.mkdir(folder)
        shutil.copy(cls.authority.certificate, folder)
        authority.issue(f"{folder}/cert.pem", f"{folder}/key.pem", name, expired=expired)
        return folder

    def custos(self, address, keys, verify="1"):
        """Custos with the variables that the docker command has, and no others."""
        custos = Custos({**names.QUICK, **names.ONLY_DOCKER, "DOCKER_HOST": address,
                         **({"DOCKER_CERT_PATH": keys} if keys else {}),
                         **({"DOCKER_TLS_VERIFY": verify} if verify else {})})
        del custos.environment[names.DOCKER_HOST]
        self.addCleanup(custos.close)
        return custos

    def fails(self, address, keys, *expected, **options):
        """The check cannot look, and says why and what to do; while it runs, its log says so once."""
        custos = self.custos(address, keys, **options)
        done = custos.command("check", "--kind", "docker")
        for text in expected:
            self.assertIn(text, done.stdout, done.stderr)
        remedies = [line for line in done.stdout.splitlines() if "\N{RIGHTWARDS ARROW}" in line]
        self.assertTrue([line for line in remedies if expected[-1] in line], done.stdout)
        custos.started()
        eventually("it is said", lambda: "engine lost" in custos.output.log)
        alert = custos.output.until(measure=names.CHECK_HEALTH, reason="fired")
        self.assertIn(expected[0], str(alert))
        self.assertEqual(custos.output.log.count("engine lost"), 1, custos.output.log)
        self.assertIn(expected[-1], custos.output.log)
        custos.stop()

    def test_the_right_keys_work(self):
        """A death is told over TLS, and what was asked is on the list: the engine's own log says what came."""
        victim = self.engine.service("far", "web", restart="no")
        self.addCleanup(victim.remove)
        pid, before = victim.pid, self.engine.asked()
        custos = self.custos(self.address, self.keys)
        custos.started()
        os.kill(pid, 9)
        custos.output.until(measure=names.DEATH, target="far/web/1", reason="fired")
        asked = self.engine.asked()[len(before):]
        custos.stop()
        self.assertTrue([target for _, target in asked if "/events?" in target], asked)
        for method, target in asked:
            LEDGER.took(method, target)

    def test_another_authority(self):
        """The engine's certificate is of an authority that ca.pem does not hold."""
        keys = self.client("distrustful", self.authority)
        shutil.copy(self.other.certificate, keys)
        self.fails(self.address, keys, "TLS failed: SSL certificate problem",
                   "ca.pem in DOCKER_CERT_PATH must be of the authority that signed the engine's certificate")

    def test_a_key_that_is_missing(self):
        keys = self.client("keyless", self.authority)
        os.unlink(f"{keys}/key.pem")
        self.fails(self.address, keys, f"{keys}/key.pem: not readable for TLS: No such file or directory",
                   "DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem")

    def test_keys_that_do_not_belong_together(self):
        keys = self.client("mixed", self.authority)
        shutil.copy(f"{self.keys}/key.pem", keys)
        self.fails(self.address, keys, "TLS failed", "cert.pem and key.pem in DOCKER_CERT_PATH must belong together")

    def test_a_certificate_that_the_engine_does_not_trust(self):
        keys = self.client("stranger", self.other)
        self.fails(self.address, keys, "TLS failed",
                   "have cert.pem in DOCKER_CERT_PATH signed anew by the authority that the engine trusts")

    def test_an_expired_certificate_of_ours(self):
        """An engine of Docker 20.10 says "bad certificate" of it; newer ones, that it has expired."""
        keys = self.client("late", self.authority, expired=True)
        self.fails(self.address, keys, "TLS failed", "cert.pem in DOCKER_CERT_PATH")

    def test_an_expired_certificate_of_the_engine(self):
        _, address = self.listening("expired", expired=True)
        self.fails(address, self.keys, "TLS failed: SSL certificate problem: certificate has expired",
                   "renew the engine's certificate, or set the clock of this machine")

    def test_another_name(self):
        self.fails(self.address.replace("127.0.0.1", "localhost"), self.keys, "TLS failed",
                   "call the engine in DOCKER_HOST by a name that its certificate has")

    def test_no_tls_where_the_engine_wants_it(self):
        self.fails(self.address, None, "an HTTP request to an HTTPS server",
                   "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH", verify=None)


if __name__ == "__main__":
    unittest.main()
