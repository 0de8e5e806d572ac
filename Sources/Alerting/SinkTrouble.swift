package import Basics

extension CheckID {
    /// The watchdog's look at its own sinks.
    package static let sinks = CheckID("sinks")
}

extension Measure {
    /// Whether a sink accepts what it is told (S5).
    package static let sinkDelivery = Measure(
        name: "sink_delivery",
        unit: .none,
        summary: "Whether a sink accepts what it is told."
    )
}

extension CheckPlan {
    /// How refusals of sinks become alerts.
    package static let sinks = CheckPlan(
        check: .sinks,
        rules: [Rule(.sinkDelivery, .state(bad: ["refused": .warning]))]
    )
}

extension Sweep {
    /// A sink refuses what it is told, in a way that somebody must mend.
    package static func sinkTrouble(_ sink: SinkID, because: String, at now: Timestamp, uptime: Duration) -> Sweep {
        let summary = "Sink \(sink) refuses notifications: \(because)"
        return about(sink, .state("refused"), summary.safe(limit: 512), at: now, uptime: uptime)
    }

    /// A sink accepts again.
    package static func sinkWell(_ sink: SinkID, at now: Timestamp, uptime: Duration) -> Sweep {
        about(sink, .state("ok"), "Sink \(sink) accepts notifications again", at: now, uptime: uptime)
    }

    private static func about(
        _ sink: SinkID,
        _ value: Observation.Value,
        _ summary: String,
        at now: Timestamp,
        uptime: Duration
    ) -> Sweep {
        let observation = Observation(.sinkDelivery, of: Target(sink), value, scope: .container, summary: summary)
        return Sweep(check: .sinks, at: now, uptime: uptime, coverage: .partial, outcome: .success([observation]))
    }
}

extension Alert {
    /// Whether it is about this very sink, which then must not be told of it (S5).
    func isAbout(sink: SinkID) -> Bool {
        id.check == .sinks && id.target.name == sink
    }
}
