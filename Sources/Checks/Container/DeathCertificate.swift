import Basics
import DockerEngine

/// Why and how a run ended: the evidence that goes with a death.
struct DeathCertificate: Sendable {
    var record: ContainerRecord
    var end: ContainerEnd
    /// Of the run that ended; nil where no inspect told.
    var image: RunImage?
    /// Of the run before, where it was another one.
    var formerImage: RunImage?

    var annotations: [String: String] {
        var notes: [String: String] = [
            "container_id": record.identity.shortID,
            "oom": String(end.oom),
            "requested": String(end.verdict == .requested),
        ]
        if let code = end.exitCode {
            notes["exit_code"] = String(code)
            notes["exit_meaning"] = ExitMeaning.of(code, oom: end.oom)
            notes["signal"] = ExitMeaning.signal(of: code)
        }
        if let span = end.ranFor { notes["ran_for"] = Self.rounded(span).text }
        if record.isInspected {
            notes["restart_policy"] = record.policy.text
            notes["restart_count"] = String(record.restartCount)
        }
        if !record.identity.image.isEmpty { notes["image"] = record.identity.image }
        if let image {
            notes["image_id"] = image.shortID
            notes["image_changed"] = String(formerImage != nil)
            notes["former_image"] = formerImage.map { "\($0.name) (\($0.shortID))" }
        }
        if let output = record.health?.output, !output.isEmpty { notes["last_health_output"] = output }
        if let streak = record.health?.streak, streak > 0 { notes["failing_streak"] = String(streak) }
        if let error = record.startError { notes["start_error"] = error }
        switch end.log {
        case .lines(let text)?: notes["last_log_lines"] = text
        case .missing(let because)?: notes["log_missing"] = because.safe(limit: 512)
        case nil: break
        }
        return notes
    }

    /// `exit code 137 (killed by the kernel: out of memory) after 3h2m`.
    var text: String {
        var text = ""
        if let code = end.exitCode {
            text = "exit code \(code) (\(ExitMeaning.of(code, oom: end.oom)))"
            if end.oom, code != 137 { text += ", out of memory" }
        } else {
            text = end.oom ? "out of memory" : "exit code unknown"
        }
        if let span = end.ranFor { text += " after \(Self.rounded(span).text)" }
        return text
    }

    /// To the second, or below ten seconds to the tenth.
    static func rounded(_ span: Duration) -> Duration {
        let milliseconds = span.wholeMilliseconds
        let step: Int64 = milliseconds < 10_000 ? 100 : 1000
        return .milliseconds(milliseconds / step * step)
    }
}

/// The image that a run was made of: two of one name may differ.
struct RunImage: Sendable, Equatable {
    var name: String
    /// As the engine says it: `sha256:…`.
    var id: String

    /// Nil where no inspect told the image's id.
    init?(of record: ContainerRecord) {
        guard let id = record.imageID else { return nil }
        name = record.identity.image
        self.id = id
    }

    static func == (left: RunImage, right: RunImage) -> Bool { left.id == right.id }

    /// Twelve digits, as people write it.
    var shortID: String { String((id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...]).prefix(12)) }
}
