package import Alerting
package import Basics

/// What a receiver's answer means for a delivery (S5): the only place that knows.
package enum HTTPVerdict {
    /// The longest that `Retry-After` is obeyed: a receiver may not switch itself off for a day.
    package static let longestRetryAfter = Duration.seconds(3600)

    /// Nil when the delivery is accepted.
    ///
    /// `place` (scheme and host) and `said` (a piece of the answer) must be fit to be shown.
    package static func judge(
        status: Int,
        retryAfter: String?,
        from place: String,
        said: String = "",
        at now: Timestamp
    ) -> DeliveryError? {
        let because = "\(place) answered \(status)" + (said.isEmpty ? "" : ": \(said)")
        switch status {
        case 200...299:
            return nil
        case 300...399:
            return .permanent(because: because + " (a redirect; set the address that it leads to)")
        case 400, 413, 422:
            return .permanent(because: because)
        case 408, 425, 429, 500...599:
            return .transient(because: because, retryAfter: retryAfter.flatMap { wait($0, at: now) })
        default:
            return .transient(because: because, retryAfter: retryAfter.flatMap { wait($0, at: now) }, alarming: true)
        }
    }

    /// `Retry-After` as seconds or as a date (RFC 9110 §10.2.3); nil for anything else.
    static func wait(_ field: String, at now: Timestamp) -> Duration? {
        if let seconds = Int64(field), seconds >= 0 { return min(.seconds(min(seconds, 86_400)), longestRetryAfter) }
        return date(field).map { min(max($0.since(now), .zero), longestRetryAfter) }
    }

    /// Reads `Wed, 21 Oct 2015 07:28:00 GMT`, the only form that senders may use.
    private static func date(_ field: String) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = field.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        return Timestamp("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }
}
