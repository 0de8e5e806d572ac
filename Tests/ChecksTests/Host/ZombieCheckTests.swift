import Alerting
import TestSupport
import Testing

@testable import Checks

@Suite struct ZombieCheckTests {
    private let check = ZombieCheck(ZombieCheck.Settings())

    @Test func zombiesAreCountedAndTheirParentNamed() async throws {
        let scene = try ProcessScene()
        try scene.add(500, "make")
        for pid in 600..<630 { try scene.add(pid, "cc1", parent: 500, state: "Z") }
        try scene.add(700, "sh", state: "Z")
        try scene.add(701, "alive", state: "Z", threads: 4)
        let seen = try #require(try await scene.read(ZombieCheck.zombies, check))
        #expect(seen.value == .number(31))
        #expect(seen.annotations == ["zombies": "cc1 (30), sh (1)", "parents": "make (500): 30, systemd (1): 1"])
        #expect(seen.summary == "31 processes have ended and not been collected; to be by make (500): 30")
        #expect(seen.scope == .host)
    }

    @Test func withoutZombiesNothingIsSaid() async throws {
        let seen = try await ProcessScene().read(ZombieCheck.zombies, check)
        #expect(seen == Observation(ZombieCheck.zombies, of: .host, .number(0)))
    }

    @Test("S31 a warning waits for two minutes, an alarm for nothing")
    func defaults() {
        #expect(
            check.rules == [
                Rule(
                    ZombieCheck.zombies,
                    .above(warning: 20, critical: nil),
                    holdFor: .seconds(120),
                    name: "lasting"
                ),
                Rule(ZombieCheck.zombies, .above(warning: nil, critical: 100), name: "many"),
            ]
        )
    }

    @Test func whatCannotBeSeenDegradesWithTheRemedy() async throws {
        for (overlay, remedy) in [
            ("container-view", "-v /proc:/host/proc:ro"), ("no-proc", "-v /proc:/host/proc:ro"), ("hidepid", "hidepid"),
        ] {
            let scene = try ProcessScene(overlay)
            let error = await #expect(throws: CheckError.self) { try await scene.observe(check) }
            guard case .degraded(_, let told) = error else {
                Issue.record("\(overlay): \(String(describing: error))")
                continue
            }
            #expect(told?.contains(remedy) == true)
        }
    }
}
