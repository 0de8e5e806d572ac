import Glibc

/// The two streams a command writes to, and whether a person watches them.
enum Terminal {
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether colours are welcome: a terminal, and no `NO_COLOR` (<https://no-color.org>).
    static func isColoured(_ environment: [String: String]) -> Bool {
        isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Writes to stdout as it is.
    static func write(_ text: String) { put(text, STDOUT_FILENO) }

    /// One line on stderr.
    static func complain(_ line: String) { put("custos: \(line)\n", STDERR_FILENO) }

    /// A line on stderr that the next one overwrites; `nil` removes it.
    static func progress(_ text: String?) {
        guard showsProgress else { return }
        put("\r\u{1B}[K" + (text ?? ""), STDERR_FILENO)
    }

    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
