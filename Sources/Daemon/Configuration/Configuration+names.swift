import Settings
import Sinks

extension Configuration {
    /// Every key there is, sorted: sections, settings, and those of the named instances; or the settings' variables.
    package func keys(asVariables: Bool = false) -> [String] {
        let catalogue = ConfigurationCatalogue.all
        let settings = Set(catalogue.paths.map { $0.joined(separator: ".") }).union(resolution.effective.map(\.path))
        guard !asVariables else { return settings.map { Catalogue.variable(of: $0) }.sorted() }
        return settings.union(catalogue.sections.map(\.key)).subtracting([""]).sorted()
    }

    /// The names of the sinks that are told.
    package var sinkNames: [String] {
        SinkCatalogue.all.flatMap { Self.names($0, in: resolution) }
    }

    private static func names<S: Sink>(_ kind: S.Type, in resolution: Resolution) -> [String] {
        resolution.instances(of: SinkCatalogue.section(kind)).filter(\.isEnabled).map(\.id)
    }
}
