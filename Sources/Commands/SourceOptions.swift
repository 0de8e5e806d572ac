import ArgumentParser
import Daemon
import Settings

/// Where the configuration comes from: the same for every command.
struct SourceOptions: ParsableArguments {
    @Option(help: "The configuration file, or a folder of them.", completion: .file()) var config: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting, stronger than file and environment: docker.start_limit=2m.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    var source: ConfigurationSource {
        ConfigurationSource(path: config, environment: Environment.current(), commandLine: settings)
    }

    /// The configuration; its warnings go to stderr.
    ///
    /// - Throws: `CommandFailure` with every problem when one is fatal (S32).
    func load() throws -> Configuration {
        let (configuration, problems) = source.load()
        guard !problems.contains(where: \.isFatal) else { throw CommandFailure(problems) }
        for problem in problems { Terminal.complain("warning: \(problem)") }
        return configuration
    }

    /// The running watchdog's control socket.
    func control() throws -> ControlClient {
        let (configuration, _) = source.load()
        let places = ControlSocketPath.candidates(control: configuration.control, journal: configuration.journal)
        return ControlClient(socket: ControlSocketPath.forAsking(places))
    }
}

extension CommandFailure {
    /// All problems of a configuration, one line each.
    init(_ problems: [Problem]) {
        let lines = problems.map { "  \($0)" }.joined(separator: "\n")
        self.init(
            description: "the configuration has \(problems.count) problem(s):\n\(lines)",
            code: ExitStatus.configuration
        )
    }
}
