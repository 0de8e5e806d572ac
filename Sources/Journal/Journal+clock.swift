import Basics
import SQLite

// What waits expires by its age. An age is time that passed: a clock that is set, forward by days at the first contact
// with a time server, or back, must not make anything too old. So the times in the outbox move along with the clock.

extension Journal {
    /// The wall clock now, after the outbox was set along with it.
    func present() -> Timestamp {
        let reading = ClockReading(time)
        guard let step = clocks?.step(to: reading) else {
            clocks = reading
            return reading.wall
        }
        // First, since `write` may come back here.
        let before = clocks
        clocks = reading
        let moved: Void? = write { (store) throws(DatabaseError) in
            try store.moveOutbox(by: step, at: reading.wall)
            try store.setFact(.clocks, reading.description)
        }
        if moved == nil { clocks = before }
        return reading.wall
    }

    /// Takes up the clocks of the last run; readings of another boot, or of an unknown one, say nothing.
    func resumeClocks() {
        let boot = bootID
        let kept = read { (store) throws(DatabaseError) in
            guard let boot, try store.fact(.boot) == boot else { return String?.none }
            return try store.fact(.clocks)
        }
        clocks = kept.flatMap(\.self).flatMap { ClockReading($0) }
        let now = present()
        // What an earlier, wrong clock left in the future begins to age now.
        write { (store) throws(DatabaseError) in try store.moveOutbox(by: .zero, at: now) }
    }
}

extension Store {
    /// Moves the times of all that waits; nothing was enqueued in the future.
    func moveOutbox(by step: Duration, at now: Timestamp) throws(DatabaseError) {
        try connection.run(
            """
            UPDATE delivery SET enqueued_at = min(enqueued_at + ?1, ?2)
            WHERE state = 'queued' AND (?1 <> 0 OR enqueued_at > ?2)
            """,
            step.wholeMilliseconds,
            now.milliseconds
        )
    }
}
