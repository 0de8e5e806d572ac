import Alerting
import Basics

/// What is handed to those who read the kernel's numbers, and what they find that is the board's story.
extension ContainerBoard {
    /// A container that runs, and what is needed to read what the kernel counts of it.
    struct Running: Sendable, Equatable {
        var id: String
        var target: Target
        /// Its first process, as the host counts.
        var pid: Int32
        /// With the process it names the run; nil where nobody told.
        var startedAt: Timestamp?
        /// When its limits were changed last, by our clock.
        var updatedAt: Timestamp?
        var name: String
        var labels: [String: String]
        /// Not the host's network, and not another container's.
        var ownsNetwork = true
        /// What labels on it make of everybody's levels.
        var levels: ContainerLevels?
    }

    /// Processes of one run that were killed for memory, as its control group counts them.
    struct Kills: Sendable, Equatable {
        var id: String
        var startedAt: Timestamp?
        /// Our clock when there were none of these yet.
        var since: Timestamp
        var count: UInt64 = 1
    }

    /// Every container that runs, by target.
    var running: [Running] {
        records.speakers.compactMap { speaker in
            let record = records.values[speaker.place]
            guard record.phase.isUp, record.run?.end == nil, let pid = record.pid, pid > 0 else { return nil }
            return Running(
                id: record.identity.id,
                target: record.target,
                pid: pid,
                startedAt: record.run?.startedAt,
                updatedAt: record.updatedAt,
                name: record.identity.name,
                labels: record.labels,
                ownsNetwork: record.ownsNetwork,
                levels: record.own.tuning?.levels
            )
        }
    }

    /// Takes kills that a control group counted as if the engine had told of one now, unless it did (S23).
    ///
    /// The engine tells of none in a group below the container's, or while nobody listens. One that the container did not
    /// outlive is its death's cause: `settle` tells of the others when they have waited for a death.
    ///
    /// - Returns: Whether any waits.
    mutating func note(_ kills: [Kills], at now: Timestamp) -> Bool {
        var waits = false
        for kill in kills {
            guard var record = records[kill.id], var run = record.run, run.end == nil, run.startedAt == kill.startedAt
            else { continue }
            let told = [run.openOOM, run.heardOOM].compactMap(\.self).max()
            if let told, told >= kill.since - Self.oomPatience { continue }
            run.oomAt = now
            run.openOOM = now
            run.heardOOM = now
            record.run = run
            records[kill.id] = record
            waits = true
        }
        return waits
    }
}
