import Alerting
import Basics
import FoundationEssentials
import Journal
import StatusServer

/// What the control socket answers, from the keeper, the journal and the dispatchers.
struct ControlAnswers: Sendable {
    let keeper: AlertKeeper
    let journal: Journal
    let pool: DispatcherPool
    let time: any TimeSource
    let node: String
    let health: @Sendable () async -> (isHealthy: Bool, reason: String)

    var source: ControlSource {
        ControlSource(
            health: health,
            alerts: { await alerts() },
            report: { await keeper.report().json },
            events: { limit, after in await events(limit, after: after) },
            silences: { ["silences": .array(await keeper.silences.map(\.json))] },
            addSilence: { body throws(ControlRefusal) in try await addSilence(body) },
            expireSilence: { id in
                guard let id = ULID(id) else { return false }
                return await keeper.expireSilence(id)
            },
            testSinks: { name in await test(name) },
            retrySink: { name in await retry(name) }
        )
    }

    func alerts() async -> JSON {
        let rows = await keeper.alerts().map { alert, mute -> JSON in
            let (state, severity, since) = alert.standing
            return [
                "fingerprint": .string(alert.id.fingerprint),
                "state": .string(state),
                "severity": .string(severity?.rawValue),
                "check": .string(alert.id.check.description),
                "measure": .string(alert.id.measure),
                "target": .string(alert.id.target.name),
                "starts_at": .string(since?.description),
                "summary": .string(alert.summary),
                "value": .number(alert.value),
                "value_state": .string(alert.stateName),
                "labels": .map(alert.labels),
                "annotations": .map(alert.annotations),
                "muted_by": .string(mute?.words),
            ]
        }
        return ["alerts": .array(rows)]
    }

    private func events(_ limit: Int, after: String?) async -> [JSON] {
        await journal.events(limit: limit, after: after.flatMap { ULID($0) }).map { $0.json() }
    }

    private struct NewSilence: Decodable {
        var matchers: [String: String]
        var `for`: String
        var comment: String?
        var author: String?
    }

    private func addSilence(_ body: [UInt8]) async throws(ControlRefusal) -> JSON {
        guard let wanted = try? JSONDecoder().decode(NewSilence.self, from: Data(body)) else {
            throw ControlRefusal("the body must have matchers (an object of globs) and for (a duration)")
        }
        guard let span = Duration(text: wanted.for), span > .zero else {
            throw ControlRefusal("for must be a duration such as 30m")
        }
        guard !wanted.matchers.isEmpty else { throw ControlRefusal("at least one matcher is needed") }
        for (name, glob) in wanted.matchers where Glob(glob) == nil {
            throw ControlRefusal("\(name.safe(limit: 100)): a bracket of the glob is not closed")
        }
        var ulids = ULID.Generator()
        let now = time.now
        let silence = Silence(
            id: ulids.next(at: now),
            matchers: wanted.matchers,
            startsAt: now,
            endsAt: now + span,
            comment: (wanted.comment ?? "").safe(limit: 1000),
            author: (wanted.author ?? "").safe(limit: 100)
        )
        await keeper.add(silence)
        return silence.json
    }

    private func test(_ name: String?) async -> JSON? {
        let sinks = await pool.sinks.filter { name == nil || $0.id == name }
        guard name == nil || !sinks.isEmpty else { return nil }
        var ulids = ULID.Generator()
        var outcomes: [JSON] = []
        for sink in sinks {
            let now = time.now
            var event = Event(
                id: ulids.next(at: now),
                time: now,
                kind: .lifecycle,
                reason: .test,
                node: node,
                summary: "Test from custos on \(node): telling works"
            )
            event.severity = .info
            // The only event of a stream of its own: the receiver must not count it among the sink's.
            let placement = Event.Placement(stream: "\(event.id)/\(sink.id)", sequence: 1, durable: false)
            let delivery = Delivery(
                id: event.id,
                sink: sink.id,
                events: [QueuedEvent(event: event, placement: placement)]
            )
            let result = await sink.deliver(delivery)
            var reason = ""
            if case .failure(let error) = result { reason = error.because }
            outcomes.append([
                "sink": .string(sink.id), "accepted": .bool(reason.isEmpty), "reason": .string(reason),
            ])
        }
        return ["sinks": .array(outcomes)]
    }

    private func retry(_ name: String) async -> Int? {
        guard await pool.sink(name) != nil else { return nil }
        let count = await journal.retryDeadLetters(name)
        await pool.wake(name)
        return count
    }
}

extension Silence {
    fileprivate var json: JSON {
        [
            "id": .string(id.description),
            "matchers": .map(matchers),
            "starts_at": .string(startsAt.description),
            "ends_at": .string(endsAt.description),
            "comment": .string(comment),
            "author": .string(author),
        ]
    }
}

extension Mute {
    fileprivate var words: String {
        switch self {
        case .silence(let id): "silence \(id)"
        case .inhibition(let by): "\(by.check) \(by.measure) \(by.target.name)"
        }
    }
}

extension Alert {
    /// The state's name, its severity, and since when.
    fileprivate var standing: (name: String, severity: Severity?, since: Timestamp?) {
        switch state {
        case .inactive: ("inactive", nil, nil)
        case .pending(let severity, let since): ("pending", severity, since)
        case .firing(let severity, let since): ("firing", severity, since)
        }
    }
}
