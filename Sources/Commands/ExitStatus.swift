/// Exit codes beside those of findings (0 ok, 1 warning, 2 critical, 3 unknown): `sysexits.h`'s.
enum ExitStatus {
    static let usage: Int32 = 64
    static let unavailable: Int32 = 69
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let configuration: Int32 = 78

    /// What each code says, for the manual.
    static let meanings: [(code: Int32, meaning: String)] = [
        (0, "Done; of `check`, that all is well."),
        (
            1,
            "Of `check`, a warning; of `health`, no progress; of `sinks test`, a sink that refused; of `run`, an end that "
                + "nobody asked for."
        ),
        (2, "Of `check`, something critical."),
        (3, "Of `check`, something that cannot be seen."),
        (usage, "The command line is wrong, or `explain` knows no such key."),
        (unavailable, "No running watchdog answers."),
        (internalError, "An error of `custos` itself."),
        (cannotCreate, "What should be kept as a file cannot be: a report, a capture, a page."),
        (configuration, "The configuration has a problem."),
    ]
}

/// A command that could not do its work: what stderr says, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
    var description: String
    var code: Int32
}
