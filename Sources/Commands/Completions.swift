import Daemon

/// What a shell offers where it depends on the configuration.
///
/// A configuration with problems is used as far as it goes, and nothing is written: a prompt is no place for complaints.
enum Completions {
    /// Settings and sections for `explain`, instances included; variables once the word begins like one.
    static func keys(_ words: [String], _ prefix: String) -> [String] {
        let (configuration, _) = source(words).load()
        return configuration.keys(asVariables: prefix.hasPrefix("C"))
    }

    /// The sinks that are told.
    static func sinks(_ words: [String]) -> [String] { source(words).load().configuration.sinkNames }

    /// The configuration that the command line speaks of, as far as it is typed.
    private static func source(_ words: [String]) -> ConfigurationSource {
        let option = words.firstIndex(of: "--config")
        let path = option.flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        return ConfigurationSource(path: path, environment: Environment.current(), commandLine: [])
    }
}
