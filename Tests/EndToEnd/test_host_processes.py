"""What becomes of the host's processes is told, and that it is over: the real thing, made on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
import unittest

from harness import children, kernel, names, shared
from harness.custos import HardenedCustos, brief
from harness.host_case import HostCase
from harness.waiting import eventually, throughout

LOG = "/dev/kmsg"

# Names itself, starts children that end, and collects them when told.
PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(15, b"bad parent", 0, 0, 0)
children = []
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    children.append(pid)
print("there", flush=True)
sys.stdin.readline()
for pid in children:
    os.waitpid(pid, 0)
print("collected", flush=True)
sys.stdin.read()
"""

# Starts threads, and ends them when told.
THREADS = """
import sys, threading
threading.stack_size(65536)
end = threading.Event()
threads = [threading.Thread(target=end.wait) for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
print("there", flush=True)
sys.stdin.readline()
end.set()
for thread in threads:
    thread.join()
print("collected", flush=True)
sys.stdin.read()
"""

# Opens as many descriptors as it is told, of a hundred.
HOARDER = """
import ctypes, os, resource, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
files = []
for line in sys.stdin:
    for file in files:
        os.close(file)
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(int(line) - 3)]
    print("there", flush=True)
"""

# A process that waits, and cannot be interrupted, for a child that does not run a program.
BLOCKED = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(15, b"blocked", 0, 0, 0)
libc = ctypes.CDLL(None)
libc.usleep.argtypes = [ctypes.c_uint]
if libc.vfork() == 0:
    libc.usleep(%d)
    libc._exit(0)
"""

# Whatever the group's limits are worth here: it never takes more of the machine than half a GiB.
HUNGRY = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
with open(sys.argv[1], "w") as file:
    file.write(str(os.getpid()))
hoard = []
while True:
    hoard.append(bytearray(1 << 20))
"""


class Case(HostCase):
    switches_on = True

    def python(self, program, *arguments):
        """Runs a program that answers a line for each it is given."""
        process = children.start([sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(children.end, process)
        return process

    @staticmethod
    def say(process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() in ("there", "collected")


def zombies():
    """Everybody's, as ps counts them."""
    states = subprocess.run(["ps", "-eo", "state"], capture_output=True, text=True, check=True).stdout.split()
    return states.count("Z")


class ZombieTests(Case):
    def test_zombies_that_nobody_collects(self):
        """Their parent is named; when it collects them, it is over."""
        before = zombies()
        self.watching("ZOMBIE", WARNING=str(before + 25), CRITICAL=str(before + 500), UNCOLLECTED_FOR="1s")
        parent = self.python(PARENT, "60")
        self.assertEqual(parent.stdout.readline().strip(), "there")
        event = self.heard(measure="zombie_processes", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertGreaterEqual(event["value"], 60)
        self.assertIn(f"bad parent ({parent.pid}): 60", event["annotations"]["parents"])
        self.say(parent, "collect")
        self.heard(measure="zombie_processes", reason="resolved")


class ProcfdTests(Case):
    def test_every_process_that_runs_out_of_descriptors(self):
        """Two at once are two alerts; one is resolved by closing, the other by ending."""
        self.watching("PROCFD")
        first, second = self.python(HOARDER, "hoarder a"), self.python(HOARDER, "hoarder b")
        with self.custos.paused():
            self.say(first, "85")
            self.say(second, "95")
        one = self.heard(measure="procfd_used_ratio", target=f"hoarder a ({first.pid})", reason="fired")
        two = self.heard(measure="procfd_used_ratio", target=f"hoarder b ({second.pid})", reason="fired")
        self.assertEqual((one["severity"], one["value"]), ("warning", 0.85))
        self.assertEqual((two["severity"], two["value"]), ("critical", 0.95))
        self.assertEqual(two["annotations"]["limit"], "100")
        self.say(first, "10")
        self.heard(measure="procfd_used_ratio", target=f"hoarder a ({first.pid})", reason="resolved")
        children.end(second)
        self.heard(measure="procfd_used_ratio", target=f"hoarder b ({second.pid})", reason="gone")


class ProcnumTests(Case):
    def sleeper(self, name):
        """A process that sleeps under a name of its own."""
        return children.start(["bash", "-c", f"exec -a {name} sleep infinity"])

    def test_named_instances_each_with_its_own_choice(self):
        """None running is critical, too many is a warning; each instance is a check of its own."""
        name = f"custos-{os.getpid()}"
        first = self.sleeper(name)
        self.addCleanup(children.end, first)
        self.watching("PROCNUM", {
            "CUSTOS_PROCNUM__FEW__NAME": "sleep", "CUSTOS_PROCNUM__FEW__COMMAND": name + " infinity",
            "CUSTOS_PROCNUM__MANY__COMMAND": name + " *", "CUSTOS_PROCNUM__MANY__CRITICAL_BELOW": "off",
            "CUSTOS_PROCNUM__MANY__WARNING_ABOVE": "3",
            "CUSTOS_PROCNUM__FEW__EVERY": "200ms", "CUSTOS_PROCNUM__MANY__EVERY": "200ms",
        })
        more = [self.sleeper(name) for _ in range(4)]
        event = self.heard(check="procnum.many", measure="procnum_processes", reason="fired")
        self.assertEqual(event["severity"], "warning")
        for process in more:
            children.end(process)
        self.heard(check="procnum.many", measure="procnum_processes", reason="resolved")
        children.end(first)
        event = self.heard(check="procnum.few", measure="procnum_processes", reason="fired")
        self.assertEqual((event["severity"], event["value"], event["target"]), ("critical", 0, "host"))
        again = self.sleeper(name)
        self.addCleanup(children.end, again)
        self.heard(check="procnum.few", measure="procnum_processes", reason="resolved")

    def test_a_service_that_is_started_again_and_again(self):
        """The number stays well, the starts do not."""
        name = f"custos-{os.getpid()}"
        running = self.sleeper(name)
        self.watching("PROCNUM", COMMAND=name + " infinity", RESTARTS_WARNING="2",
                      CRITICAL_BELOW="off", RESTARTS_WITHIN="25s")
        for turn in range(3):
            throughout("one start is no trouble yet", lambda turn=turn: turn > 1 or not self.told(), 1.3)
            children.end(running)
            running = self.sleeper(name)
        self.addCleanup(children.end, running)
        event = self.heard(measure="procnum_restarts_total", reason="fired")
        self.assertEqual(event["severity"], "warning")
        self.assertEqual({measure for measure, _, _ in self.told()}, {"procnum_restarts_total"})
        self.heard(measure="procnum_restarts_total", reason="resolved", timeout=60)


class PidsTests(Case):
    def test_threads_that_use_up_the_process_numbers(self):
        """The machine's own numbers, against its own limit."""
        with open("/proc/loadavg") as file:
            tasks = int(file.read().split()[3].split("/")[1])
        path = "/proc/sys/kernel/threads-max"
        most = min(int(kernel.read(path)), 40 * tasks + 20000)
        self.enterContext(kernel.changed(path, most))
        level = (tasks + 300) / most
        self.watching("PIDS", WARNING=f"{100 * level:.3f}%", CRITICAL="off")
        threads = self.python(THREADS, "600")
        self.assertEqual(threads.stdout.readline().strip(), "there")
        event = self.heard(measure="pids_threads_used_ratio", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertEqual(event["annotations"]["limit"], str(most))
        self.assertAlmostEqual(event["value"], (tasks + 450) / most, delta=300 / most)
        self.say(threads, "end")
        self.heard(measure="pids_threads_used_ratio", reason="resolved")


class IostuckTests(Case):
    def test_blocked_tasks(self):
        """Tasks that cannot be interrupted are counted and named; when they go on, it is over."""
        blocked = self.start_blocked(12, 20)
        eventually("they are blocked", lambda: all(_state(p.pid) == "D" for p in blocked), 10)
        self.watching("IOSTUCK", WARNING="10", BLOCKED_FOR="1s", HUNG="off")
        event = self.heard(measure="iostuck_blocked_tasks", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "warning"))
        self.assertGreaterEqual(event["value"], 12)
        self.assertIn("blocked (12)", event["summary"])
        self.heard(measure="iostuck_blocked_tasks", reason="resolved", timeout=40)

    def start_blocked(self, count, seconds):
        started = []
        for _ in range(count):
            process = children.start([sys.executable, "-c", BLOCKED % (seconds * 1_000_000)])
            self.addCleanup(children.end, process)
            started.append(process)
        return started


class OOMTests(Case):
    """In a control group of its own with little memory, as any service may have."""

    def setUp(self):
        super().setUp()
        version2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
        root = f"/sys/fs/cgroup{'' if version2 else '/memory'}"
        if version2 and "memory" not in kernel.read(f"{root}/cgroup.subtree_control").split():
            self.enterContext(kernel.changed(f"{root}/cgroup.subtree_control", "+memory", "-memory"))
        self.group = f"{root}/custos-oom-{os.getpid()}"
        os.mkdir(self.group)
        self.addCleanup(lambda: eventually("the group is empty", lambda: _rmdir(self.group)))
        if version2:
            limits = {"memory.max": "25000000", "memory.swap.max": "0"}
        else:
            # Kernels that do not account swap have no memsw.
            limits = {"memory.limit_in_bytes": "25000000", "memory.swappiness": "0",
                      "memory.memsw.limit_in_bytes": "25000000"}
        for name, value in limits.items():
            path = f"{self.group}/{name}"
            if os.path.exists(path):
                with open(path, "w") as file:
                    file.write(value)

    def exhaust(self):
        """Runs a process until the kernel kills it; its number."""
        process = children.start([sys.executable, "-c", HUNGRY, f"{self.group}/cgroup.procs"])
        self.addCleanup(children.end, process, signal.SIGKILL)
        self.assertEqual(process.wait(60), -signal.SIGKILL)
        return process.pid

    def test_a_kill(self):
        """Any kill is critical, with the victim and its group where the log may be read, and is over by itself."""
        self.watching("OOM", WITHIN="5s", OCCURRENCE_INTERVAL="0s")
        pid = self.exhaust()
        event = self.heard(measure="oom_kills", reason="fired")
        self.assertEqual((event["target"], event["severity"]), ("host", "critical"))
        if not _opens(LOG):
            self.assertIn(LOG, event["annotations"]["log"])
            self.heard(measure="oom_kills", reason="resolved", timeout=60)
            return
        victim = eventually("the victim is named", lambda: [
            e["annotations"] for e in self.alerts(measure="oom_kills")
            if f"({pid})" in e["annotations"].get("victims", "")], 10)[0]
        self.assertEqual(os.path.basename(victim["cgroup"]), os.path.basename(self.group))
        self.heard(measure="oom_kills", reason="resolved", timeout=60)

    def test_without_the_log(self):
        """What cannot be read is said with its remedy; the kill is told all the same."""
        # A mount namespace of its own in which the log cannot be opened.
        hide = children.start(["unshare", "--mount", "--propagation", "private", "sleep", "infinity"])
        self.addCleanup(children.end, hide)
        own = os.readlink("/proc/self/ns/mnt")
        eventually("the namespace is there", lambda: os.readlink(f"/proc/{hide.pid}/ns/mnt") != own)
        within = ["nsenter", "--target", str(hide.pid), "--mount"]
        if os.path.exists(LOG):
            subprocess.run([*within, "mount", "--bind", "/dev/null", LOG], check=True)
        for journal in ("/run/log/journal", "/var/log/journal"):
            if os.path.exists(journal):
                subprocess.run([*within, "mount", "-t", "tmpfs", "none", journal], check=True)
        self.watching("OOM", under=within)
        self.exhaust()
        event = self.heard(measure="oom_kills", reason="fired")
        self.assertEqual(event["severity"], "critical")
        self.assertIn("because memory ran out", event["summary"])
        self.assertIn("--device /dev/kmsg", event["annotations"]["log"])


class ContainerTests(Case):
    """From the hardened container: no capability, another PID namespace, no device."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine_with_custos()

    def test_what_the_container_sees(self):
        """S29 the processes are the host's; what cannot be seen is unknown with its reason, never a wrong number."""
        parent = self.python(PARENT, "60")
        self.assertEqual(parent.stdout.readline().strip(), "there")
        custos = HardenedCustos(self.engine, self.engine.socket, {"CUSTOS_PROCNUM__CRITICAL_BELOW": "1",
                                                                   "CUSTOS_PROCFD": "on"})
        self.addCleanup(custos.close)
        code, output, log = custos.once("check", "--output", "json")
        self.assertIn(code, (0, 1, 2, 3), log)
        checks = {check["check"]: check for check in json.loads(output)["checks"]}
        seen = {o["measure"]: o for check in checks.values() for o in check["observations"]}
        running = sum(name.isdigit() for name in os.listdir("/proc"))
        self.assertAlmostEqual(seen["procnum_processes"]["value"], running, delta=max(60, running / 2))
        self.assertAlmostEqual(seen["zombie_processes"]["value"], zombies(), delta=30)
        self.assertIsNotNone(seen["iostuck_blocked_tasks"]["value"])
        self.assertIsNotNone(seen["oom_kills_total"]["value"])
        release = tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])
        self.known(seen["procfd_highest_used_ratio"], release >= (6, 2), "needs Linux 6.2 or CAP_SYS_PTRACE")
        hung = "/proc/sys/kernel/hung_task_"
        self.known(seen["iostuck_hung_tasks_total"], os.path.exists(hung + "detect_count")
                   and kernel.read(hung + "timeout_secs") != "0", "hung")
        self.assertEqual(seen["pids_used_ratio"]["value"] is None, release >= (6, 14))

    def known(self, seen, is_known, because):
        """Has a value, or where this kernel does not tell, the reason with what it would take."""
        self.assertEqual(seen["value"] is not None, is_known, seen)
        if not is_known:
            self.assertIn(because, seen["because"])

    def test_a_known_containers_kill_is_not_the_hosts(self):
        """S23 a container that runs out of its own memory is told once, by its own check."""
        environment = {**names.UNLIMITED, **names.only("OOM", "DOCKER"), "CUSTOS_OOM__EVERY": "500ms"}
        custos = HardenedCustos(self.engine, self.engine.socket, environment, name="custos-oom")
        self.addCleanup(custos.close)
        custos.started()
        limit = 24 << 20
        hungry = self.engine.run(["sh", "-c", "x=$(yes | head -c 300000000); echo $x"], name="hungry",
                                 host={"Memory": limit, "MemorySwap": limit})
        self.addCleanup(hungry.remove)
        custos.output.until(measure=names.DEATH, target="hungry", timeout=60)
        throughout(lambda: brief(custos.output.alerts()),
                   lambda: not [e for e in custos.output.alerts(measure="oom_kills")], 6)


def _state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def _opens(path):
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def _rmdir(path):
    try:
        os.rmdir(path)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    unittest.main()
