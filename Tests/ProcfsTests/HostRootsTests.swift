import Procfs
import TestSupport
import Testing

@testable import Procfs

@Suite struct HostRootsTests {
    @Test func environmentNamesTheRoots() {
        let roots = HostRoots.discover(
            environment: ["HOST_PROC": "/p/", "HOST_SYS": "/s", "HOST_ROOT": "/r", "HOST_RUN": "/u"],
            isDirectory: { _ in true }
        )
        #expect(roots == HostRoots(proc: "/p", sys: "/s", root: "/r", run: "/u", kernelLog: "/dev/kmsg"))
    }

    @Test func conventionalMountsAreFoundWithoutEnvironment() {
        let roots = HostRoots.discover(environment: ["HOST_PROC": ""], isDirectory: { $0.hasPrefix("/host/") })
        let kernel = HostRoots(
            proc: "/host/proc",
            sys: "/host/sys",
            root: "/host/root",
            run: "/host/run",
            kernelLog: "/dev/kmsg"
        )
        #expect(roots == kernel)
    }

    @Test func aContainerThatMountsOnlyProcDoesNotTakeItsOwnRootForTheHosts() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { $0 == "/host/proc" || $0 == "/proc/2" })
        #expect(roots.proc == "/host/proc")
        #expect(roots.root == nil)
        #expect(roots.run == nil)
    }

    @Test func withoutAnyMountTheOwnTreesAreRead() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { _ in false })
        #expect(roots == HostRoots(proc: "/proc", sys: "/sys", kernelLog: "/dev/kmsg"))
    }

    @Test func onTheMachineItselfItsRootIsTheHosts() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { $0 == "/proc/2" })
        #expect((roots.root == "/") == (Host(roots: roots).scope == .host))
    }
}
