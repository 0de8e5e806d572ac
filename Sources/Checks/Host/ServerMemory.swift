import Synchronization
import TimeSync

/// What each time server said last, and when it may be asked again.
///
/// Document: RFC 5905 §7.4: a kiss-o'-death is obeyed.
final class ServerMemory: Sendable {
    private struct Entry {
        var result: Result<SNTPReading, SNTPFailure>
        /// By monotonic time; nil: never again.
        var next: Duration?
        var every: Duration
    }

    private struct State {
        var entries: [TimeServer: Entry] = [:]
        var hasSeenChronyd = false
        var nextLook: Duration?
    }

    private let state = Mutex(State())
    private let every: Duration

    /// Slower than this no server may make us.
    private static let slowest = Duration.seconds(86400)
    private static let lookEvery = Duration.seconds(600)

    init(every: Duration) { self.every = every }

    /// Whether chronyd has ever answered: from then on its silence is one.
    var hasSeenChronyd: Bool { state.withLock(\.hasSeenChronyd) }

    /// Whether it is time to look for a chronyd that nobody has named: always once it has answered, else now and then.
    func looksForChronyd(at now: Duration) -> Bool {
        state.withLock { state in
            if state.hasSeenChronyd { return true }
            if let next = state.nextLook, now < next { return false }
            state.nextLook = now + Self.lookEvery
            return true
        }
    }

    func sawChronyd() { state.withLock { $0.hasSeenChronyd = true } }

    /// Those whose turn it is.
    func due(_ servers: [TimeServer], at now: Duration) -> [TimeServer] {
        state.withLock { state in
            servers.filter { server in
                guard let entry = state.entries[server] else { return true }
                return entry.next.map { $0 <= now } ?? false
            }
        }
    }

    func note(_ results: [Result<SNTPReading, SNTPFailure>], of servers: [TimeServer], at now: Duration) {
        state.withLock { state in
            for (server, result) in zip(servers, results) {
                // Who wanted it slowly once is not asked faster again, whatever it says or leaves unsaid since.
                let slow = max(every, state.entries[server]?.every ?? every)
                var entry = Entry(result: result, next: now + slow, every: slow)
                switch result {
                case .failure(.kissOfDeath("RATE")):
                    entry.every = min(slow * 2, Self.slowest)
                    entry.next = now + entry.every
                case .failure(.kissOfDeath("DENY")), .failure(.kissOfDeath("RSTR")): entry.next = nil
                case .success, .failure: break
                }
                state.entries[server] = entry
            }
        }
    }

    /// Whether it is never asked again: what it said last is what holds.
    func isGivenUp(_ server: TimeServer) -> Bool {
        state.withLock { state in state.entries[server].map { $0.next == nil } ?? false }
    }

    func result(of server: TimeServer) -> Result<SNTPReading, SNTPFailure>? {
        state.withLock { $0.entries[server]?.result }
    }
}
