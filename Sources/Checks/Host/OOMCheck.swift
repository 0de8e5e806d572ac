package import Alerting
import Basics
import Procfs
package import Settings

/// Fires when the kernel killed a process because memory ran out.
///
/// Reads: `oom_kill` in `<proc>/vmstat`; the kernel's log (`/dev/kmsg`, else the journal through libsystemd where
/// that is installed) where it may be read, for the victim, its control group and its container. Kills that a known
/// container's own limit caused are that container's story.
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

    /// What is known since the first look: the count may run ahead of the log, and the log of the count.
    private struct State: Sendable {
        var base: UInt64?
        var counted = 0
        var logged = 0
        var told = 0
        /// Looks in a row without anything new.
        var quiet = 0
        /// What the log said and nobody was told yet: a sweep may fail after it has looked.
        var pending: [OOMKill] = []
        var lastLook: Timestamp?

        var due: Int { max(counted, logged) - told }

        mutating func add(counted growth: UInt64, logged kills: [OOMKill]) {
            // More are judged alike, and no sum of them overflows.
            counted += Int(min(growth, 1_000_000))
            logged += kills.count
            pending += kills
            quiet = growth == 0 && kills.isEmpty ? quiet + 1 : 0
            // Neither runs ahead any more; what one of them missed must not hide the next kill.
            if quiet > 1, due == 0 { (counted, logged, told) = (0, 0, 0) }
        }
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
            look = try self.look(world)
        }
        let (kills, due, since) = state.withLock { ($0.pending, $0.due, $0.lastLook) }
        let (own, others) = await attribute(kills, of: due, world, since: since)
        let count = max(0, due - others)
        // Nobody hears a sweep that took too long: the next one tells.
        if !Task.isCancelled {
            state.withLock { state in
                state.pending.removeFirst(min(kills.count, state.pending.count))
                state.told += due
                state.lastLook = world.time.now
            }
        }
        var observations = [
            Observation(
                Self.kills,
                of: .host,
                .occurrences(count),
                summary: Self.summary(own, count),
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
        var unread: HostFileError?
        var hasNews: Bool
    }

    /// Adds what is new to the state.
    private func look(_ world: World) throws(CheckError) -> Look {
        let total = try looking { () throws(HostFileError) in try world.host.vmStat().oomKills }
        var kills: [OOMKill] = []
        var unread: HostFileError?
        do throws(HostFileError) {
            let news = try log.news(of: world.host, at: world.time.now)
            let span = world.unseen(atMost: settings.within)
            kills = news.isFirst ? news.oomKills.filter { KernelLog.age(of: $0.stamp) < span } : news.oomKills
        } catch {
            unread = error
        }
        if let unread, total == nil {
            let because = "before Linux 4.13 only the kernel's log tells of kills, and \(unread)"
            throw .degraded(because: because, remedy: unread.hint)
        }
        return state.withLock { state in
            // What the log had at the first look was counted before.
            var growth = UInt64(state.base == nil ? kills.count : 0)
            if let total {
                if let base = state.base, total > base { growth = total - base }
                state.base = total
            }
            state.add(counted: growth, logged: kills)
            return Look(total: total, unread: unread, hasNews: state.due > 0 || !state.pending.isEmpty)
        }
    }

    // MARK: - Whose kills they are

    /// Those of the log that are the machine's story, and how many of those due are known containers' own (S23).
    private func attribute(
        _ kills: [OOMKill],
        of due: Int,
        _ world: World,
        since: Timestamp?
    ) async -> (own: [OOMKill], others: Int) {
        // Where the machine's memory ran out, the victim's container is not the cause.
        let named = Set(kills.filter(\.isOfGroup).compactMap(\.container))
        let known = await world.containers?.known(of: named) ?? []
        let isOwn = { (kill: OOMKill) in !(kill.isOfGroup && kill.container.map(known.contains) ?? false) }
        // Of those nobody said whose they are: the log has no word of them, or not which group's limit it was.
        let isOpen = { (kill: OOMKill) in kill.isOfGroup && kill.group == nil }
        // The log may name what the count told before.
        let fresh = kills.suffix(due)
        let own = kills.filter(isOwn)
        let others = fresh.count { !isOwn($0) }
        let open = due - fresh.count + fresh.count(where: isOpen)
        guard open > 0, let since, let containers = world.containers, await containers.outOfMemory(since: since) > 0
        else { return (own, others) }
        // Nobody knows which of several kills it was either: those of a moment belong together.
        return (own.filter { !isOpen($0) }, others + open)
    }

    // MARK: - Words

    private static func summary(_ kills: [OOMKill], _ count: Int) -> String? {
        guard count > 0 else { return nil }
        guard let kill = kills.last else {
            return "the kernel killed \(count == 1 ? "a process" : "\(count) processes") because memory ran out"
        }
        let unnamed = kill.isOfGroup ? "a control group's limit was reached" : "the machine's memory ran out"
        let cause = kill.limit.map { "the limit of \($0) was reached" } ?? unnamed
        let memory = kill.memory.map { ", which had \(Unit.bytes.text(Double($0)))" } ?? ""
        let more = count - 1
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
