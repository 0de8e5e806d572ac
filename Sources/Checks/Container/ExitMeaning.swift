/// What an exit code says to people.
enum ExitMeaning {
    /// Completes "exit code 137: …".
    static func of(_ code: Int, oom: Bool) -> String {
        switch code {
        case _ where oom && code == 137: "killed by the kernel: out of memory"
        case 0: "ended without an error"
        case 1: "the program reported an error"
        case 2: "the program was used wrongly, or reported an error"
        case 125: "the engine could not run the container"
        case 126: "the command cannot be executed"
        case 127: "the command was not found"
        case 137: "killed by SIGKILL, not out of memory"
        case 129...192: "killed by \(signalName(code - 128))"
        case 255: "the program failed, or the engine lost it"
        default: "the program reported an error of its own"
        }
    }

    /// The signal that ended the program, by the shell's way to write it as an exit code; nil for none.
    static func signal(of code: Int) -> String? { (129...192).contains(code) ? signalName(code - 128) : nil }

    static func signalName(_ number: Int) -> String {
        guard signals.indices.contains(number), !signals[number].isEmpty else {
            return number >= 34 && number <= 64 ? "SIGRTMIN+\(number - 34)" : "signal \(number)"
        }
        return "SIG" + signals[number]
    }

    // Linux' numbers on x86-64 and arm64, by index.
    private static let signals = [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH",
        "IO", "PWR", "SYS",
    ]
}
