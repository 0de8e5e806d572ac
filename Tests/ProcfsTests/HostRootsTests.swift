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
        #expect(roots == HostRoots(proc: "/p", sys: "/s", root: "/r", run: "/u"))
    }

    @Test func conventionalMountsAreFoundWithoutEnvironment() {
        let roots = HostRoots.discover(environment: ["HOST_PROC": ""], isDirectory: { $0.hasPrefix("/host/") })
        #expect(roots == HostRoots(proc: "/host/proc", sys: "/host/sys", root: "/host/root", run: "/host/run"))
    }

    @Test func aContainerThatMountsOnlyProcDoesNotTakeItsOwnRootForTheHosts() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { $0 == "/host/proc" || $0 == "/proc/2" })
        #expect(roots.proc == "/host/proc")
        #expect(roots.root == nil)
        #expect(roots.run == nil)
    }

    @Test func withoutAnyMountTheOwnTreesAreRead() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { _ in false })
        #expect(roots == HostRoots(proc: "/proc", sys: "/sys"))
    }

    @Test func onTheMachineItselfItsRootIsTheHosts() {
        let roots = HostRoots.discover(environment: [:], isDirectory: { $0 == "/proc/2" })
        #expect((roots.root == "/") == (Host(roots: roots).scope == .host))
    }
}
