package import Settings

/// Where the configuration is read from, again at each reload: the file or folder, the environment, the command line.
package struct ConfigurationSource: Sendable {
    /// Where the file is looked for when nobody names one.
    package static let defaultPath = "/etc/custos/custos.yaml"

    /// The file or folder; nil when none was named and the default does not exist.
    package let path: String?
    private let environment: [String: String]
    private let commandLine: [String]

    /// - Parameters:
    ///   - path: `--config`; else `CUSTOS_CONFIG`; else the default path if it exists.
    ///   - environment: The process's.
    ///   - commandLine: The arguments of `--set`.
    package init(path: String?, environment: [String: String], commandLine: [String]) {
        let named = path ?? environment["CUSTOS_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let present = FileFingerprint.of(Self.defaultPath).exists ? Self.defaultPath : nil
        self.path = named ?? present
        self.environment = environment
        self.commandLine = commandLine
    }

    /// The configuration, usable in any case, and every problem.
    package func load() -> (configuration: Configuration, problems: [Problem]) {
        let (documents, unread) = path.map { Sources.documents(at: $0) } ?? ([], [])
        let sources = Sources(documents: documents, environment: environment, commandLine: commandLine)
        let (resolution, problems) = ConfigurationCatalogue.all.resolve(sources, files: .system)
        let configuration = Configuration(resolution)
        return (configuration, unread + problems + configuration.problems)
    }

    /// What tells that the file has changed; nil without a file.
    package func fingerprint() -> FileFingerprint? { path.map { FileFingerprint.of($0) } }
}
