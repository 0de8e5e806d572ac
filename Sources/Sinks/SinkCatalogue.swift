package import Settings

/// Every kind of sink there is.
package enum SinkCatalogue {
    /// One line per kind, alphabetical.
    package static let all: [any Sink.Type] = [
        StdoutSink.self,
        WebhookSink.self,
    ]

    /// The sections of the configuration that sinks and the outgoing heartbeat read.
    package static var sections: [any AnySection] {
        all.map { erased($0) } + [HeartbeatPing.section]
    }

    /// The section of one kind.
    package static func section<S: Sink>(_ kind: S.Type) -> Section<S.Settings, SinkSettings> {
        Section(
            S.kind,
            S.Settings.self,
            common: SinkSettings.self,
            instances: S.instances,
            enabledByDefault: S.runsByDefault,
            summary: S.summary
        )
    }

    private static func erased<S: Sink>(_ kind: S.Type) -> any AnySection { section(kind) }
}
