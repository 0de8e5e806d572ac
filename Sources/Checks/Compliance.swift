import Alerting
import Basics

/// How a thing stands to what its administrator expects of it, as a state: what is expected with more weight is told with
/// more.
enum Compliance: String {
    case asExpected = "as_expected"
    case deviatesSlightly = "deviates_slightly"
    case deviates
    case deviatesCritically = "deviates_critically"

    /// The state of what breaks an expectation of this severity; nil for what breaks none.
    init(breaking severity: Severity?) {
        switch severity {
        case nil: self = .asExpected
        case .info: self = .deviatesSlightly
        case .warning: self = .deviates
        case .critical: self = .deviatesCritically
        }
    }

    /// The states that are breaches.
    static let bad: [String: Severity] = [
        deviatesSlightly.rawValue: .info, deviates.rawValue: .warning, deviatesCritically.rawValue: .critical,
    ]
}

extension String {
    /// A text that a rule keeps as its baseline: what is longer than a rule remembers ends in a number made of all of it,
    /// so that a change at its end is a change.
    var keptAsBaseline: String {
        let text = safe(limit: 8192)
        guard text.utf8.count > 180 else { return text }
        // FNV-1a: nobody gains from two texts with one number.
        var number: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in utf8 { number = (number ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(text.safe(limit: 150)) #\(String(number, radix: 16))"
    }
}
