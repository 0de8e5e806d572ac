import Synchronization
import SystemBus

/// What the units were at the sweep before: restarts are counted from there, and a failure that is over is told.
final class UnitMemory: Sendable {
    /// What is new since the sweep before.
    struct News: Sendable, Equatable {
        /// Automatic restarts since, by unit; units that never restarted are left out.
        var newRestarts: [String: Int] = [:]
        /// Units that had failed at some sweep and have not now.
        var formerlyFailed: Set<String> = []
    }

    private struct State {
        var restarts: [String: UInt32]?
        /// Units whose restarts could not be read yet.
        var uncounted: Set<String> = []
        var failed: Set<String> = []
    }

    private let state = Mutex(State())

    func note(_ answers: UnitAnswers) -> News {
        let loaded = Set(answers.units.map(\.name))
        let failed = Set(answers.units.lazy.filter { $0.active == "failed" }.map(\.name))
        return state.withLock { state in
            var news = News()
            let former = state.restarts
            for (name, count) in answers.restarts where count > 0 {
                // A unit that is new since the last sweep began at 0; of one that was not read before nobody knows. A
                // person who starts a unit anew sets its counter back: what it shows then came after that.
                let isFirst = former == nil || state.uncounted.contains(name)
                let base = former?[name] ?? (isFirst ? count : 0)
                news.newRestarts[name] = Int(count >= base ? count - base : count)
            }
            // What is not counted at the moment, because it is down, goes on from where it was.
            let counted = (former ?? [:]).filter { loaded.contains($0.key) }
                .merging(answers.restarts) { $1 }
            state.restarts = counted
            state.uncounted = state.uncounted.union(answers.unread.keys)
                .filter { loaded.contains($0) && counted[$0] == nil }
            // What was unloaded is gone, not well.
            news.formerlyFailed = state.failed.subtracting(failed).intersection(loaded)
            state.failed = failed.union(news.formerlyFailed)
            return news
        }
    }
}
