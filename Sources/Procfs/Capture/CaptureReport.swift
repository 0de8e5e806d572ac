package import Basics

/// What a capture holds, and what it lacks.
package struct CaptureReport: Sendable, Equatable {
    /// What was not copied and why, by the place as declared.
    package struct Gap: Hashable, Sendable {
        package var place: String
        package var why: String
    }

    package var name: String
    package var release: String
    package var architecture: String
    package var at: Timestamp
    package var files = 0
    /// In bytes.
    package var size = 0
    /// Processes that were copied, and how many there were.
    package var processes = 0
    package var allProcesses = 0
    /// How many files each gap stands for.
    package var gaps: [Gap: Int] = [:]
    /// What was shortened, and to what.
    package var cuts: [Gap: Int] = [:]
    /// How many different values were replaced.
    package var scrubbed: [Scrubber.Subject: Int] = [:]

    mutating func miss(_ place: HostPath, _ why: String) {
        gaps[Gap(place: place.description, why: why), default: 0] += 1
    }

    mutating func cut(_ place: HostPath, _ how: String) {
        cuts[Gap(place: place.description, why: how), default: 0] += 1
    }

    /// For `ABOUT.md`.
    package var about: String {
        var text = """
            # \(name.safe(limit: 100))

            A host as `custos dev capture` saw it: what the parsers read, without what tells whose it is.

            - Linux \(release.safe(limit: 100)), \(architecture); \(at.description)
            - \(files) files; \(processes) of \(allProcesses) processes
            - Read it with `HOST_PROC`, `HOST_SYS` and `HOST_ROOT` set to its folders `proc`, `sys` and `root`.

            ## Replaced


            """
        let replaced = Scrubber.Subject.allCases.compactMap { subject in
            scrubbed[subject].map { "- \(subject.rawValue): \($0)\n" }
        }
        text += replaced.isEmpty ? "Nothing was found to replace.\n" : replaced.joined()
        text += """

            The same value has the same substitute everywhere. Names of programs, users of packages, kinds of filesystems,
            numbers of users, ports, devices and figures stay: read it through before you give it away.

            ## Missing or shortened


            """
        let rows = Self.rows(gaps) + Self.rows(cuts)
        text += rows.isEmpty ? "Nothing.\n" : "| file | why | times |\n|---|---|---|\n" + rows.joined()
        return text
    }

    private static func rows(_ gaps: [Gap: Int]) -> [String] {
        gaps.sorted { ($0.key.place, $0.key.why) < ($1.key.place, $1.key.why) }.map { gap, count in
            "| `\(gap.place)` | \(gap.why) | \(count) |\n"
        }
    }
}
