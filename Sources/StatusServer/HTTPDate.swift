import Basics

/// A moment as HTTP writes it (RFC 9110 §5.6.7): `Sat, 21 Nov 2026 01:22:34 GMT`.
enum HTTPDate {
    static func text(_ moment: Timestamp) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 1970-01-01 was a Thursday.
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let days = (moment.milliseconds / 86_400_000) % 7
        let parts = moment.description.split { "-T.Z".contains($0) }
        guard parts.count == 5, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        return "\(weekdays[Int(days + 7) % 7]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]) GMT"
    }
}
