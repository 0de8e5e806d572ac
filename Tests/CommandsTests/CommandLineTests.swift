import ArgumentParser
import Testing

@testable import Commands

@Suite struct CommandLineTests {
    @Test(
        "every command of the first release parses",
        arguments: [
            ["run"], ["check"], ["check", "--kind", "filefd", "--output", "json"],
            ["check", "--report-dir", "/tmp/reports", "--keep", "30", "--keep-for", "30d"], ["alerts"],
            ["events", "--follow"],
            ["silence", "add", "target=web", "--for", "30m"], ["silence", "list"],
            ["silence", "expire", "01JD6Q3Z8W0R5K7M2N4P6T8V9X"], ["health"], ["config", "check"],
            ["config", "show", "--origin"], ["config", "example"], ["config", "schema"], ["sinks", "test"],
            ["sinks", "retry", "webhook"], ["explain", "docker.start_limit", "--output", "json"],
            ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"], ["version"], [],
            ["dev", "capture", "here"], ["dev", "capture", "here", "--processes", "500"],
        ]
    )
    func parses(arguments: [String]) throws {
        _ = try CustosCommand.parseAsRoot(arguments)
    }

    @Test(
        "a usage error exits with 64, never with a finding's code",
        arguments: [
            ["frobnicate"], ["check", "--kind", "nonsense"], ["check", "--report-dir", "x", "--keep", "0"],
            ["check", "--keep-for", "soon"], ["check", "--keep-for", "5s"], ["check", "--report-dir", ""],
            ["silence", "add", "no-sign"],
            ["silence", "add", "target=[a", "--for", "1h"], ["silence", "add", "a=b", "--for", "soon"],
            ["silence", "expire", "x"], ["events", "--limit", "0"], ["sinks", "retry"], ["explain"],
            ["completion", "tcsh"], ["dev", "capture"], ["dev", "capture", ""],
            ["dev", "capture", "here", "--processes", "1"],
        ]
    )
    func usageErrors(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { _ = try CustosCommand.parseAsRoot(arguments) }
        #expect(error.map { CustosCommand.exitCode(for: $0).rawValue } == ExitStatus.usage)
    }
}
