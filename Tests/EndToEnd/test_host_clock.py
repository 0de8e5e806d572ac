"""The clock and systemd's units: a real chronyd, a time server that lies, a real systemd behind a real dbus-daemon."""

import ctypes
import json
import os
import pwd
import signal
import subprocess
import tempfile
import unittest

from harness import children, clocks, names, shared, user_systemd
from harness.custos import HardenedCustos, binary
from harness.host_case import HostCase, Observations
from harness.waiting import eventually, throughout

SERVICE = "[Service]\nExecStart=/bin/sleep infinity\n"
BROKEN = "[Service]\nExecStart=/bin/sh -c 'exit 3'\n"
KILLED = "[Service]\nExecStart=/bin/sh -c 'kill -9 $$$$'\n"
LOOP = """# not at start
[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sleep 0.2
Restart=always
RestartSec=50ms
"""
ONCE = "[Service]\nType=oneshot\nExecStart=/bin/true\n# not at start\n"
OFTEN = "[Timer]\nOnCalendar=*:*:0/1\nAccuracySec=10ms\nUnit=once.service\n"
NEVER = "[Timer]\nOnCalendar=2090-01-01\nUnit=once.service\n"


def kernel():
    """Whether the kernel calls the clock synchronised, and the greatest error in seconds, as the C library reads."""
    facts = (ctypes.c_long * 64)()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(facts)
    # struct timex: modes, offset, freq, maxerror, esterror, status.
    return state != 5, facts[3] / 1e6


class Case(HostCase):
    switches_on = True


class KernelTests(Case):
    def test_the_kernels_clock(self):
        """S31 the kernel's own word, read without setting anything, and judged only after an hour."""
        before, _ = kernel()
        report, observations = self.report("NTP", CHRONY="off")
        seen = observations["ntp_sync", "host"]
        if kernel()[0] == before:
            self.assertEqual(seen["state"], "synchronised" if before else "unsynchronised")
        self.assertEqual(seen["scope"], "host")
        # One that was never synchronised is no news: it must last an hour.
        self.assertEqual((report["status"] in ("ok", "unknown", "warning"), report["reason"]), (True, None))
        self.watching("NTP", CHRONY="off")
        throughout("nothing is told in the first moments", lambda: self.told() == [], 1)


class ChronyTests(Case):
    def chronyd(self, *lines):
        chronyd = clocks.Chronyd(*lines)
        self.addCleanup(chronyd.close)
        return chronyd.start()

    def source(self):
        """A line for a chronyd that shall follow another one."""
        return f"server 127.0.0.1 port {self.chronyd('local stratum 5').port} iburst minpoll -2 maxpoll -2"

    def test_what_chronyd_says(self):
        """Tracking is read as chronyc reads it: stratum, source, root distance, age."""
        chronyd = self.chronyd(self.source())
        eventually("chronyd follows its source", chronyd.follows_a_source)
        _, seen = self.report("NTP", CHRONY=chronyd.address)
        self.assertEqual(seen["ntp_sync", "chronyd"]["state"], "synchronised")
        self.assertEqual(seen["ntp_stratum", "chronyd"]["value"], 6)
        self.assertEqual(seen["ntp_leap", "chronyd"]["state"], "none")
        self.assertLess(seen["ntp_offset_seconds", "chronyd"]["value"], 0.05)
        self.assertLess(seen["ntp_root_dispersion_seconds", "chronyd"]["value"], 1)
        self.assertLess(seen["ntp_reference_age_seconds", "chronyd"]["value"], 30)
        if not kernel()[0]:
            # It runs with -x: what it knows, the kernel does not.
            self.assertEqual(seen["ntp_agreement", "host"]["state"], "disagree")

    def test_over_its_socket(self):
        """Chronyd's socket file is as good as its port."""
        chronyd = self.chronyd("local stratum 4")
        _, seen = self.report("NTP", CHRONY=chronyd.command_socket)
        self.assertEqual(seen["ntp_stratum", "chronyd"]["value"], 4)
        self.assertEqual(os.listdir(os.path.dirname(chronyd.command_socket)), ["chronyd.sock"])

    def test_a_chronyd_that_has_no_source(self):
        """S31 without a source chronyd is unsynchronised, for as long as it has none; its stratum is 16, which is no
        news before the hour either."""
        chronyd = self.chronyd()
        patient = self.watching("NTP", CHRONY=chronyd.address, DISAGREEMENT="off")
        throughout("nothing is told in the first moments", lambda: self.told() == [], 2)
        patient.close()
        self.watching("NTP", CHRONY=chronyd.address, UNSYNCHRONISED_FOR="1s", DISAGREEMENT="off")
        event = self.heard(measure="ntp_sync", target="chronyd", reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("warning", "unsynchronised"))
        self.heard(measure="ntp_stratum", target="chronyd", severity="critical")
        chronyd.stop()
        chronyd.configure(self.source())
        chronyd.start()
        self.heard(measure="ntp_sync", target="chronyd", reason="resolved", timeout=40)
        self.heard(measure="ntp_stratum", target="chronyd", reason="resolved")

    def test_a_chronyd_that_serves_its_own_clock(self):
        """S31 `local` is no source: chronyc's Normal does not deceive us, unless it is allowed."""
        chronyd = self.chronyd("local stratum 8")
        self.assertEqual(chronyd.tracking()[-1], "Normal")
        self.watching("NTP", CHRONY=chronyd.address, UNSYNCHRONISED_FOR="1s", DISAGREEMENT="off")
        event = self.heard(measure="ntp_sync", target="chronyd", reason="fired")
        self.assertEqual(event["state"], "local")
        _, seen = self.report("NTP", CHRONY=chronyd.address, UNSYNCHRONISED_FOR="0s", ALLOW_LOCAL="true")
        self.assertEqual(seen["ntp_sync", "chronyd"]["judgement"], "ok")

    def test_a_chronyd_that_ends(self):
        """Its silence is told, and its alerts keep their state meanwhile."""
        chronyd = self.chronyd("local stratum 8")
        self.watching("NTP", CHRONY=chronyd.address, UNANSWERED_FOR="1s", ANSWER_WITHIN="300ms", UNSYNCHRONISED="off",
                      DISAGREEMENT="off")
        chronyd.stop()
        event = self.heard(measure="ntp_answers", target="chronyd", reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("warning", "refused"))
        chronyd.start()
        self.heard(measure="ntp_answers", target="chronyd", reason="resolved")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"ntp_answers"})


class ServerTests(Case):
    def server(self):
        server = clocks.TimeServer()
        self.addCleanup(server.close)
        return server

    def watching_servers(self, *servers, **settings):
        # What this machine's own clock is like is no matter here.
        quiet = {"CHRONY": "off", "UNSYNCHRONISED": "off", "DISAGREEMENT": "off", "ANSWER_WITHIN": "2s",
                 "UNANSWERED_FOR": "1s", "QUERY_EVERY": "1s"}
        return self.watching("NTP", SERVERS=",".join(s.address for s in servers), **{**quiet, **settings})

    def test_an_offset(self):
        """A clock that is off by half a second is critical, by what the server says, and it is told when over."""
        server = self.server()
        self.watching_servers(server)
        server.ahead = 90.0
        event = self.heard(measure="ntp_offset_seconds", target=server.address, reason="fired")
        self.assertEqual(event["severity"], "critical")
        self.assertAlmostEqual(event["value"], 90, delta=0.5)
        self.assertIn("slow", event["summary"])
        server.ahead = -0.3
        self.heard(measure="ntp_offset_seconds", reason="severity_changed", severity="warning")
        server.ahead = 0.0
        self.heard(measure="ntp_offset_seconds", reason="resolved")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"ntp_offset_seconds"})

    def test_real_chronyd_as_a_server(self):
        """A real server's stratum, delay and offset."""
        chronyd = clocks.Chronyd("local stratum 7")
        self.addCleanup(chronyd.close)
        chronyd.start()
        server = f"127.0.0.1:{chronyd.port}"
        _, seen = self.report("NTP", CHRONY="off", SERVERS=server)
        self.assertEqual(seen["ntp_answers", server]["state"], "answering")
        self.assertEqual(seen["ntp_stratum", server]["value"], 7)
        self.assertLess(seen["ntp_offset_seconds", server]["value"], 0.05)
        self.assertLess(seen["ntp_delay_seconds", server]["value"], 0.5)

    def test_a_forged_answer(self):
        """An answer to a question that was not asked is refused: its time is never believed."""
        server = self.server()
        server.forges_origin, server.ahead = True, 1000.0
        self.watching_servers(server)
        event = self.heard(measure="ntp_answers", target=server.address, reason="fired")
        self.assertEqual(event["state"], "forged")
        server.forges_origin, server.ahead = False, 0.0
        self.heard(measure="ntp_answers", reason="resolved")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"ntp_answers"})

    def test_a_kiss_of_death(self):
        """Who is sent away goes: no further question, and one alert."""
        server = self.server()
        server.stratum, server.leap, server.reference = 0, 3, b"DENY"
        # It lasts although nobody asks again.
        self.watching_servers(server, UNANSWERED_FOR="1s")
        event = self.heard(measure="ntp_answers", target=server.address, reason="fired")
        self.assertEqual(event["state"], "kiss_of_death")
        self.assertIn("DENY", event["summary"])
        throughout("nothing more is asked", lambda: len(server.asked_at) == 1, 4)

    def test_a_server_that_wants_to_be_asked_less(self):
        """RATE makes the questions rarer each time."""
        server = self.server()
        server.stratum, server.leap, server.reference = 0, 3, b"RATE"
        self.watching_servers(server, UNANSWERED="off")
        eventually("three questions", lambda: len(server.asked_at) == 3, 30)
        # After 2 s, then after 4 s more.
        self.assertGreater(server.asked_at[2] - server.asked_at[0], 5)

    def test_servers_that_contradict_each_other(self):
        """Two servers that are apart are told, with who says what."""
        right, wrong = self.server(), self.server()
        wrong.ahead = 20.0
        self.watching_servers(right, wrong, DISAGREEMENT="warning", DISAGREEMENT_FOR="1s", OFFSET_WARNING="10s",
                              OFFSET_CRITICAL="off")
        event = self.heard(measure="ntp_agreement", target="host", reason="fired")
        self.assertIn("20 s apart", event["summary"])
        self.assertIn("20 s slow", event["annotations"][wrong.address])
        wrong.ahead = 0.0
        self.heard(measure="ntp_agreement", reason="resolved")

    def test_silence(self):
        """A server that does not answer is a warning after a while; the others go on."""
        silent, other = self.server(), self.server()
        silent.is_silent = True
        self.watching_servers(silent, other)
        event = self.heard(measure="ntp_answers", target=silent.address, reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("warning", "no_answer"))
        silent.is_silent = False
        self.heard(measure="ntp_answers", reason="resolved")
        self.assertEqual({target for _, target, _ in self.told()}, {silent.address})


class ContainerTests(unittest.TestCase):
    def test_from_the_hardened_container(self):
        """The engine's default seccomp profile lets the clock be read, and it is the host's."""
        engine = shared.engine_with_custos()
        custos = HardenedCustos(engine, engine.socket)
        self.addCleanup(custos.close)
        before = kernel()
        code, output, log = custos.once("check", "--kind", "ntp", "--output", "json")
        self.assertIn(code, (0, 1, 2, 3), log)
        observations = Observations(json.loads(output)["checks"][0])
        seen = observations["ntp_sync", "host"]
        if before[0] == kernel()[0]:
            self.assertEqual(seen["state"], "synchronised" if before[0] else "unsynchronised")
        self.assertEqual(seen["scope"], "host")
        # Its loopback is its own: no chronyd is looked for there.
        self.assertEqual([key for key in observations if key[1] == "chronyd"], [])


class SystemdTests(Case):
    def systemd(self, **units):
        systemd = user_systemd.UserSystemd(**units)
        self.addCleanup(systemd.close)
        return systemd

    def watching_units(self, systemd, **settings):
        return self.watching("SYSTEMD", SOCKET=systemd.socket, **settings)

    def test_any_unit_that_fails(self):
        """A unit that nobody named fails: a warning with the exit status, and that it is well again."""
        systemd = self.systemd(steady_service=SERVICE, broken_service=BROKEN)
        self.watching_units(systemd)
        event = self.heard(measure="systemd_failure", target="broken.service", reason="fired")
        self.assertEqual((event["severity"], event["state"]), ("warning", "failed"))
        self.assertEqual(event["summary"], "broken.service is failed (result exit-code, exit status 3)")
        self.assertEqual(event["annotations"]["file"], systemd.folder + "/broken.service")
        systemd.write("broken.service", SERVICE)
        systemd.control("daemon-reload")
        systemd.control("restart", "broken.service")
        self.heard(measure="systemd_failure", target="broken.service", reason="resolved")
        self.assertEqual({target for _, target, _ in self.told()}, {"broken.service"})

    def test_a_service_that_is_killed(self):
        """Which signal ended a service is told as that, not as an exit status."""
        systemd = self.systemd(killed_service=KILLED)
        self.watching_units(systemd)
        event = self.heard(measure="systemd_failure", target="killed.service", reason="fired")
        self.assertEqual(event["summary"], "killed.service is failed (result signal, signal 9)")
        self.assertEqual(event["annotations"].get("exit_status"), None)

    def test_units_by_their_second_names(self):
        """A timer that is named by an alias is judged by its age, and nobody tells of it twice."""
        systemd = self.systemd(never_timer=NEVER, once_service=ONCE)
        os.symlink("never.timer", f"{systemd.folder}/other.timer")
        systemd.control("daemon-reload")
        self.watching_units(systemd, TIMER_MAX_AGE="other.timer=3s")
        event = self.heard(measure="systemd_timer_idle_seconds", target="never.timer", reason="fired")
        self.assertEqual(event["severity"], "critical")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"systemd_timer_idle_seconds"})

    def test_named_units(self):
        """A unit that should run and does not is critical, whether it was stopped, never was, or fits no glob."""
        systemd = self.systemd(steady_service=SERVICE, worker__1_service=SERVICE)
        self.watching_units(systemd, UNITS="steady,absent,worker-*.service,none-*")
        for target, state in [("absent.service", "not_found"), ("none-*", "no_match")]:
            event = self.heard(measure="systemd_unit", target=target, reason="fired")
            self.assertEqual((event["severity"], event["state"]), ("critical", state))
        systemd.control("stop", "steady.service")
        event = self.heard(measure="systemd_unit", target="steady.service", reason="fired")
        self.assertEqual(event["state"], "inactive")
        systemd.control("start", "steady.service")
        self.heard(measure="systemd_unit", target="steady.service", reason="resolved")
        self.assertNotIn("worker-1.service", {target for _, target, _ in self.told()})

    def test_a_restart_loop(self):
        """A service that systemd restarts on and on is told though each look finds it running."""
        systemd = self.systemd(steady_service=SERVICE, loop_service=LOOP)
        self.watching_units(systemd, FAILED="off", RESTARTS_WITHIN="15s", OCCURRENCE_INTERVAL="0s")
        systemd.control("start", "loop.service")
        event = self.heard(measure="systemd_restarts_total", target="loop.service", severity="critical")
        self.assertGreaterEqual(event["value"], 5)
        systemd.control("stop", "loop.service")
        eventually("it is over", lambda: [e for e in self.alerts(target="loop.service")
                                          if e["status"] == "resolved"], 40)
        self.assertEqual({target for _, target, _ in self.told()}, {"loop.service"})

    def test_timers(self):
        """A timer that has not run for longer than it may is critical; one that runs is well."""
        systemd = self.systemd(often_timer=OFTEN, never_timer=NEVER, once_service=ONCE)
        self.watching_units(systemd, TIMER_MAX_AGE="often.timer=1h,never.timer=3s,lost.timer=1h")
        event = self.heard(measure="systemd_timer_idle_seconds", target="never.timer", reason="fired")
        self.assertEqual(event["severity"], "critical")
        self.assertGreater(event["value"], 3)
        self.assertIn("has not run yet", event["summary"])
        event = self.heard(measure="systemd_unit", target="lost.timer", reason="fired")
        self.assertEqual(event["state"], "not_found")
        self.assertNotIn("often.timer", {target for _, target, _ in self.told()})

    def test_a_bus_that_goes(self):
        """Without systemd the check is blind and says so; nothing is resolved meanwhile."""
        systemd = self.systemd(broken_service=BROKEN)
        self.watching_units(systemd, ANSWER_WITHIN="500ms")
        self.heard(measure="systemd_failure", target="broken.service", reason="fired")
        children.end(systemd.process, signal.SIGKILL)
        self.heard(measure=names.CHECK_HEALTH, reason="fired")
        self.assertEqual([e for e in self.alerts(target="broken.service") if e["status"] == "resolved"], [])


class SystemBusTests(Case):
    """A system bus with Debian's own policy, and nobody on it."""

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="custos-run-"))
        os.chmod(self.folder, 0o755)
        for folder in ["dbus", "systemd/system"]:
            os.makedirs(f"{self.folder}/{folder}")
        with open(f"{self.folder}/bus.conf", "w") as file:
            file.write(f"""<busconfig><type>system</type><listen>unix:path={self.folder}/dbus/system_bus_socket</listen>
                <auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow send_type="method_call"/>
                <allow send_requested_reply="true" send_type="method_return"/><allow receive_type="method_return"/>
                <allow send_requested_reply="true" send_type="error"/><allow receive_type="error"/>
                <allow receive_type="signal"/></policy></busconfig>""")

    def bus(self):
        bus = children.start(["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", "--nopidfile"])
        self.addCleanup(children.end, bus)
        eventually("the bus listens", lambda: os.path.exists(f"{self.folder}/dbus/system_bus_socket"))

    def check(self, user=None):
        command = [binary(), "check", "--kind", "systemd", "--output", "json"]
        if user is not None:
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", *command]
        environment = {"PATH": os.environ["PATH"], "HOST_RUN": self.folder, "CUSTOS_SYSTEMD": "on",
                       "CUSTOS_JOURNAL__PATH": "memory"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return json.loads(done.stdout)["checks"][0]

    def test_without_systemd_on_the_bus(self):
        """A bus without systemd is no systemd that is well."""
        self.bus()
        for user in (None, 65534):
            report = self.check(user)
            self.assertEqual(report["status"], "degraded")
            self.assertIn("org.freedesktop.systemd1", report["reason"])

    def test_a_user_whom_the_host_does_not_know(self):
        """A dbus-daemon refuses a user id without a name: the remedy makes one."""
        self.bus()
        unknown = max(set(range(1000, 65533)) - {user.pw_uid for user in pwd.getpwall()})
        report = self.check(user=unknown)
        self.assertEqual((report["status"], report["reason"]), ("degraded", "the system bus refuses Custos' user"))
        self.assertIn(f"useradd --system --no-create-home --uid {unknown} custos", report["remedy"])

    def test_without_a_bus(self):
        """No bus on a host with systemd is degraded, no systemd at all is not applicable."""
        report = self.check()
        self.assertEqual((report["status"], "install a system bus" in report["remedy"]), ("degraded", True))
        os.rmdir(f"{self.folder}/systemd/system")
        self.assertEqual(self.check()["status"], "not_applicable")


if __name__ == "__main__":
    unittest.main()
