import Testing

@testable import Checks

@Suite struct ContainerStatusTextTests {
    @Test(
        "the list's sentence is read back",
        arguments: [
            ("Up Less than a second", nil, 0, 1), ("Up 5 seconds", nil, 5, 6), ("Up About a minute", nil, 60, 120),
            ("Up 15 minutes", nil, 900, 960), ("Up About an hour", nil, 1800, 5400), ("Up 2 hours", nil, 5400, 10800),
            ("Up 3 days (Paused)", nil, 259_200, 345_600), ("Exited (137) 5 minutes ago", 137, 300, 360),
            ("Exited (0) 3 weeks ago", 0, 1_814_400, 2_419_200), ("Restarting (1) 12 seconds ago", 1, 12, 13),
            ("Exited (255) 2 years ago", 255, 63_072_000, 94_608_000),
        ] as [(String, Int?, Int, Int)]
    )
    func ages(text: String, exitCode: Int?, from: Int, to: Int) {
        let status = ContainerStatusText(text)
        #expect(status.exitCode == exitCode)
        #expect(status.age == .seconds(from)..<Duration.seconds(to))
    }

    @Test(
        "health is in brackets",
        arguments: [
            ("Up 2 hours (healthy)", ContainerHealth.Status.healthy), ("Up 1 second (health: starting)", .starting),
            ("Up 2 days (unhealthy)", .unhealthy),
        ]
    )
    func health(text: String, status: ContainerHealth.Status) {
        #expect(ContainerStatusText(text).health == status)
        #expect(ContainerStatusText(text).age != nil)
    }

    @Test(
        "anything else says nothing",
        arguments: ["", "Created", "Dead", "Removal In Progress", "Up ) 3 (", "Up 99999999999999999999 days", "()"]
    )
    func nonsense(text: String) {
        #expect(ContainerStatusText(text) == ContainerStatusText(""))
    }
}
