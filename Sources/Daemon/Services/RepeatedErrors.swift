import Basics
import Logging
import Synchronization

/// Logs an error when it changes and then hourly, not at each attempt; and once that it is over.
final class RepeatedErrors: Sendable {
    private struct Known {
        var because: String
        var loggedAt: Duration
    }

    private let log: Logger
    private let time: any TimeSource
    private let known = Mutex<[String: Known]>([:])

    init(log: Logger, time: any TimeSource) {
        self.log = log
        self.time = time
    }

    /// Notes how an attempt for `subject` ended: nil means well.
    func note(_ subject: String, _ because: String?) {
        enum Line { case failed(String), recovered, nothing }
        let now = time.uptime
        let line: Line = known.withLock { known in
            guard let because else { return known.removeValue(forKey: subject) == nil ? .nothing : .recovered }
            if let last = known[subject], last.because == because, now - last.loggedAt < .seconds(3600) {
                return .nothing
            }
            known[subject] = Known(because: because, loggedAt: now)
            return .failed(because)
        }
        switch line {
        case .failed(let because): log.warning("sink fails", metadata: ["sink": "\(subject)", "error": "\(because)"])
        case .recovered: log.notice("sink recovered", metadata: ["sink": "\(subject)"])
        case .nothing: break
        }
    }
}
