import Alerting
import Basics
import Procfs
import TestSupport

@testable import Checks

/// A host whose processes a test makes and ends, and a clock.
struct ProcessScene {
    let fixture: HostFixture
    let time = ManualTime()
    private let processes: ProcessTable

    init(_ overlays: String...) throws {
        fixture = overlays.isEmpty ? try HostFixture() : try HostFixture("debian-12", overlays[0])
        processes = ProcessTable(fixture.host)
    }

    /// Makes a process, or makes it another.
    func add(
        _ pid: Int,
        _ name: String,
        parent: Int = 1,
        state: String = "S",
        start: Int = 5000,
        threads: Int = 1,
        flags: Int = 4_194_304,
        command: String? = nil
    ) throws {
        let rest = "\(parent) 0 0 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 \(threads) 0 \(start) 0 0"
        try fixture.write("proc/\(pid)/stat", "\(pid) (\(name)) \(state) \(rest)\n")
        if let command { try fixture.write("proc/\(pid)/cmdline", command.replacing(" ", with: "\0") + "\0") }
    }

    func end(_ pid: Int) throws { try fixture.remove("proc/\(pid)") }

    /// What a check may look at; `previous` says how long ago the sweep before was, if there was one.
    func world(_ containers: (any ContainerWatch)? = nil, previous: Duration? = nil) -> World {
        World(
            host: fixture.host,
            time: time,
            previousSweep: previous.map { time.now - $0 },
            containers: containers,
            processes: processes
        )
    }

    /// The next sweep's observations, thirty seconds later.
    func observe(
        _ check: some Check,
        _ containers: (any ContainerWatch)? = nil,
        previous: Duration? = nil
    ) async throws -> [Observation] {
        time.advance(by: .seconds(30))
        return try await check.observe(world(containers, previous: previous))
    }

    /// The next sweep's reading of a measure of the host.
    func read(_ measure: Measure, _ check: some Check) async throws -> Observation? {
        try await observe(check).first { $0.measure == measure && $0.target == .host }
    }
}

extension Observation {
    var number: Double? { if case .number(let number) = value { number } else { nil } }
    var occurrences: Int? { if case .occurrences(let count, _) = value { count } else { nil } }
    var unknown: String? { if case .unknown(let because) = value { because } else { nil } }
}
