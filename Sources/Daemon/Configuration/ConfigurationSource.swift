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
        let (documents, unread) = documents()
        let (resolution, problems) = ConfigurationCatalogue.all.resolve(sources(documents), files: .system)
        let configuration = Configuration(resolution, environment: environment)
        return (configuration, unread + problems + configuration.problems)
    }

    /// What there is to say about a key, and every problem.
    package func explain(_ key: String) -> (explanation: Explanation, problems: [Problem]) {
        let (documents, unread) = documents()
        let (explanation, problems) = ConfigurationCatalogue.all.explain(key, sources(documents), files: .system)
        return (explanation, unread + problems)
    }

    private func documents() -> (documents: [Document], problems: [Problem]) {
        path.map { Sources.documents(at: $0) } ?? ([], [])
    }

    private func sources(_ documents: [Document]) -> Sources {
        Sources(documents: documents, environment: environment, commandLine: commandLine)
    }

    /// What tells that the file has changed; nil without a file.
    package func fingerprint() -> FileFingerprint? { path.map { FileFingerprint.of($0) } }
}
