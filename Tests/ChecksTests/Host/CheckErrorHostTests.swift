import Alerting
import Procfs
import Testing

@testable import Checks

@Suite struct CheckErrorHostTests {
    @Test func whatThisKernelLacksIsNotApplicable() {
        #expect(
            CheckError(HostFileError.absent(path: "/p/x"))
                == .notApplicable(because: "/p/x does not exist", remedy: nil)
        )
    }

    @Test func whatShouldBeReadableDegradesWithTheRemedy() {
        #expect(
            CheckError(.absent(path: "/p/x", hint: "mount it"))
                == .degraded(because: "/p/x does not exist", remedy: "mount it")
        )
        #expect(
            CheckError(.denied(path: "/p/x", hint: "show it"))
                == .degraded(because: "/p/x must not be read", remedy: "show it")
        )
        #expect(
            CheckError(.malformed(path: "/p/x", line: 2, because: "odd"))
                == .degraded(because: "/p/x:2: odd", remedy: nil)
        )
    }

    @Test func everyScopeKeepsItsMeaning() {
        #expect(Scope(.host) == .host)
        #expect(Scope(.container) == .container)
        #expect(Scope(.unknown) == .unknown)
    }
}
