package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the kernel killed a process because memory ran out.
///
/// Reads: `oom_kill` in `<proc>/vmstat`; the kernel's log (`/dev/kmsg`, else the journal through libsystemd where
/// that is installed) where it may be read, for the victim, its control group and its container. Kills that a known container's own limit caused are that container's story.
/// Unknown when: the kernel is older than 4.13, which does not count, and its log cannot be read.
package struct OOMCheck: Check {
    package static let kind = "oom"
    package static let summary = "The kernel killed a process because memory ran out."

    package struct Settings: SettingsGroup {
        package var within: Duration = .seconds(600)
        package var atLeast = 1

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "within",
                    \.within,
                    "Alarms while a process was killed within this time.",
                    in: .seconds(1) ... .seconds(86400)
                )
                Field("at_least", \.atLeast, "Alarms only at so many kills within that time.", in: 1...1_000_000)
            }
        }
    }

    static let kills = Measure(
        name: "oom_kills",
        unit: .none,
        summary: "Processes killed since the sweep before, those of known containers' own limits left out."
    )
    static let total = Measure(
        name: "oom_kills_total",
        unit: .total,
        summary: "Processes killed since boot, for the machine's memory or a control group's limit."
    )
    package static let measures = [kills, total]

    private let settings: Settings
    private let log = KernelLog()
    private let state = Kept(State())

    /// What was told so far, by the count and by the log: the one may run ahead of the other.
    private struct State: Sendable {
        var base: UInt64?
        var counted = 0
        var logged = 0
        var lastLook: Timestamp?
    }

    package init(_ settings: Settings) { self.settings = settings }

    package var rules: [Rule] {
        [Rule(Self.kills, .occurred(atLeast: settings.atLeast, within: settings.within, .critical))]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let isFirst = state.withLock { $0.lastLook == nil }
        var look = try self.look(world)
        if !isFirst, look.hasNews {
            // The engine tells of a container's kill a moment later, and so may the log.
            try? await world.time.sleep(for: Self.patience)
            look.add(try self.look(world))
        }
        let (own, others) = await attribute(look, world)
        let since = state.withLock { state in
            defer { state.lastLook = world.time.now }
            return state.lastLook
        }
        let unexplained = isFirst ? 0 : await unexplained(world, since: since)
        var observations = [
            Observation(
                Self.kills,
                of: .host,
                .occurrences(own.count + unexplained),
                summary: Self.summary(own, unexplained),
                annotations: Self.evidence(own, others: others, unread: look.unread)
            )
        ]
        if let total = look.total { observations.append(Observation(Self.total, of: .host, .number(Double(total)))) }
        return observations
    }

    private static let patience = Duration.seconds(2)

    // MARK: - Looking

    private struct Look {
        var total: UInt64?
        var kills: [OOMKill]
        var unread: HostFileError?
        var hasNews: Bool

        mutating func add(_ later: Look) {
            total = later.total
            kills += later.kills
        }
    }

    private func look(_ world: World) throws(CheckError) -> Look {
        let total = try looking { () throws(HostFileError) in try world.host.vmStat().oomKills }
        var kills: [OOMKill] = []
        var unread: HostFileError?
        do throws(HostFileError) {
            let news = try log.news(of: world.host, at: world.time.now)
            let span = world.unseen(atMost: settings.within)
            kills = news.isFirst ? news.oomKills.filter { KernelLog.age(of: $0.stamp) < span } : news.oomKills
            // What was there before the first look has been counted before as well.
            state.withLock { $0.logged += news.isFirst ? 0 : kills.count }
        } catch {
            unread = error
        }
        if let unread, total == nil {
            let because = "before Linux 4.13 only the kernel's log tells of kills, and \(unread)"
            throw .degraded(because: because, remedy: unread.hint)
        }
        let grown = state.withLock { state in
            guard let total else { return false }
            guard let base = state.base, total >= base else {
                state.base = total
                return false
            }
            state.base = total
            state.counted += Int(clamping: total - base)
            return total > base
        }
        return Look(total: total, kills: kills, unread: unread, hasNews: grown || !kills.isEmpty)
    }

    // MARK: - Whose kills they are

    /// Those that are the machine's story, and how many are known containers' own (S23).
    private func attribute(_ look: Look, _ world: World) async -> (own: [OOMKill], others: Int) {
        var own: [OOMKill] = []
        for kill in look.kills {
            // Where the machine's memory ran out, the victim's container is not the cause.
            if kill.limit != nil, let container = kill.container, await world.containers?.knows(container) == true {
                continue
            }
            own.append(kill)
        }
        return (own, look.kills.count - own.count)
    }

    /// Kills that were counted and of which the log said nothing.
    private func unexplained(_ world: World, since: Timestamp?) async -> Int {
        let count = state.withLock { state in
            let count = max(0, state.counted - state.logged)
            state.logged = max(state.logged, state.counted)
            return count
        }
        guard count > 0, let since, let containers = world.containers else { return count }
        // Without the log nobody knows which of several kills it was: those of a moment belong together.
        return await containers.outOfMemory(since: since) > 0 ? 0 : count
    }

    // MARK: - Words

    private static func summary(_ kills: [OOMKill], _ unexplained: Int) -> String? {
        guard let kill = kills.last else {
            guard unexplained > 0 else { return nil }
            let processes = unexplained == 1 ? "a process" : "\(unexplained) processes"
            return "the kernel killed \(processes) because memory ran out"
        }
        let cause = kill.limit.map { "the limit of \($0) was reached" } ?? "the machine's memory ran out"
        let memory = kill.memory.map { ", which had \(Unit.bytes.text(Double($0)))" } ?? ""
        let more = kills.count + unexplained - 1
        return "the kernel killed \(kill.name) (\(kill.pid))\(memory)\(more > 0 ? ", and \(more) more" : ""): \(cause)"
    }

    private static func evidence(_ kills: [OOMKill], others: Int, unread: HostFileError?) -> [String: String] {
        var evidence: [String: String] = [:]
        if let kill = kills.last {
            evidence["victim"] = "\(kill.name) (\(kill.pid))"
            evidence["cgroup"] = kill.group
            evidence["cgroup_with_limit"] = kill.limit
            evidence["container"] = kill.container.map { String($0.prefix(12)) }
            evidence["memory"] = kill.memory.map { Unit.bytes.text(Double($0)) }
            evidence["victims"] = kills.suffix(10).map { "\($0.name) (\($0.pid))" }.joined(separator: ", ")
        }
        if others > 0 { evidence["of_containers"] = "\(others)" }
        if let unread { evidence["log"] = "\(unread)\(unread.hint.map { "; \($0)" } ?? "")" }
        return evidence
    }
}
