/// Exit codes beside those of findings (0 ok, 1 warning, 2 critical, 3 unknown): `sysexits.h`'s.
enum ExitStatus {
    static let usage: Int32 = 64
    static let unavailable: Int32 = 69
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let configuration: Int32 = 78
}

/// A command that could not do its work: what stderr says, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
    var description: String
    var code: Int32
}
