import Basics
package import DockerEngine

/// The last lines of a run that died: only where a setting asks for them, and never longer than a death may wait.
extension ContainerBoard {
    /// What to ask of the log of the run that has just ended; nil where nobody wants it.
    ///
    /// Where a container starts again soon after it ended, the lines of its other runs are left out. What a program wrote at
    /// its very start is older than the engine's word that it runs.
    func logQuery(_ record: ContainerRecord) -> LogQuery? {
        let lines = min(tuning(of: record).logLines, options.tuning.logLines)
        guard lines > 0, let run = record.run, let end = run.end else { return nil }
        let began = run.startedAt.map { $0 - .seconds(1) }
        return LogQuery(
            lines: lines,
            since: [began, run.formerEnd].compactMap(\.self).max(),
            // The engine's moments are finer than ours.
            until: end.at + .milliseconds(1),
            isTTY: record.hasTTY
        )
    }

    /// Whether an end that only waits to be judged will be told as a death.
    func willBeTold(_ record: ContainerRecord) -> Bool {
        var copy = record
        guard var end = record.run?.end else { return false }
        judge(&end, of: &copy, listOnly: false)
        return end.verdict.isUnrequested
    }

    /// Takes the last lines of a container, for the end that waits to be told.
    package mutating func take(_ log: LogTail, of id: String) {
        guard records[id]?.run?.end?.verdict == .open else { return }
        records[id]?.run?.end?.log = log
    }
}
