import Alerting
import Basics

/// Whether those who speak of one clock tell the same story.
struct ClockAgreement: Equatable {
    /// One who compares the clock with another.
    struct Voice: Equatable {
        var name: String
        /// Whether it has a time to tell.
        var isSynchronised: Bool
        /// Seconds by which the clock is slow; nil where it cannot say.
        var offset: Double?
        /// By how much that may be wrong.
        var uncertainty = 0.0
        /// Whether it disciplines the clock itself.
        var disciplines = false
    }

    static let agree = "agree"
    static let disagree = "disagree"

    /// What contradicts what, in words; empty where nothing does.
    private(set) var contradictions: [String] = []
    /// What each says, in words.
    private(set) var said: [(name: String, words: String)] = []
    /// Greatest difference between two offsets; nil where fewer than two have one.
    private(set) var spread: Double?

    /// - Parameters:
    ///   - kernel: Whether the kernel calls the clock synchronised; nil where it was not asked.
    ///   - voices: Who else speaks.
    ///   - tolerance: Seconds that are no contradiction, beyond what the voices' uncertainties explain.
    init(kernel: Bool?, _ voices: [Voice], tolerance: Double) {
        if let kernel { said.append(("kernel", kernel ? "synchronised" : "unsynchronised")) }
        for voice in voices { said.append((voice.name, voice.words)) }
        for voice in voices where voice.disciplines {
            if kernel == true, !voice.isSynchronised {
                contradictions.append("the kernel calls the clock synchronised, \(voice.name) has no source")
            } else if kernel == false, voice.isSynchronised {
                contradictions.append("\(voice.name) is synchronised and does not discipline the kernel's clock")
            }
        }
        for voice in voices where kernel == true && !voice.disciplines {
            guard let offset = voice.offset, abs(offset) > tolerance + voice.uncertainty else { continue }
            contradictions.append("the kernel calls the clock synchronised, \(voice.name) finds it \(voice.words)")
        }
        let known = voices.compactMap { voice in voice.offset.map { (voice, $0) } }
        for (index, left) in known.enumerated() {
            for right in known[(index + 1)...] {
                let difference = abs(left.1 - right.1)
                spread = max(spread ?? 0, difference)
                guard difference > tolerance + left.0.uncertainty + right.0.uncertainty else { continue }
                let text = Unit.seconds.text(difference)
                contradictions.append("\(left.0.name) and \(right.0.name) are \(text) apart")
            }
        }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.contradictions == right.contradictions && left.spread == right.spread
            && left.said.map(\.words) == right.said.map(\.words)
    }

    var state: String { contradictions.isEmpty ? Self.agree : Self.disagree }

    /// One sentence.
    var sentence: String {
        guard contradictions.isEmpty else { return contradictions.prefix(3).joined(separator: "; ") }
        return said.prefix(6).map { "\($0.name): \($0.words)" }.joined(separator: ", ")
    }
}

extension ClockAgreement.Voice {
    fileprivate var words: String {
        guard isSynchronised else { return "unsynchronised" }
        return offset.map(Self.words) ?? "synchronised"
    }

    /// `350 ms slow`, `2 s fast`.
    static func words(_ offset: Double) -> String {
        "\(Unit.seconds.text(abs(offset))) \(offset < 0 ? "fast" : "slow")"
    }
}
