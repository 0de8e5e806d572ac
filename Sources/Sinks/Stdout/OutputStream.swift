import Basics
import Glibc
import Synchronization

/// A file descriptor that is written without ever waiting for its reader (S7).
///
/// `O_NONBLOCK` would change the pipe for the others that share it. Instead `poll` says whether there is room, and a pipe
/// with room takes `PIPE_BUF` bytes at once (pipe(7)). A terminal gives no such promise, so it is opened once more, for
/// us alone. What did not fit stays here and goes first the next time, so that lines stay whole whoever writes next.
final class OutputStream: Sendable {
    /// Why not everything was written.
    enum Failure: Error, Equatable {
        /// The reader is slow: try again.
        case full
        /// No space on the device, or the like: try again later.
        case refused(errno: Int32)
        /// Nobody reads any more, for good.
        case closed
    }

    /// The standard output of this process; one for all, since a line begun by one sink must be ended by the next.
    static let standard = OutputStream(descriptor: STDOUT_FILENO, diagnostics: STDERR_FILENO)

    private let descriptor: Int32
    private let diagnostics: Int32
    /// Whether the descriptor is ours to close.
    private let isOwn: Bool
    private let state = Mutex(State())

    private struct State {
        /// The rest of a line that was begun.
        var rest: [UInt8] = []
        var saidClosed = false
    }

    init(descriptor: Int32, diagnostics: Int32) {
        let own = Self.reopenedTerminal(descriptor)
        self.descriptor = own ?? descriptor
        isOwn = own != nil
        self.diagnostics = diagnostics
        // A reader that went away is an error code, not the end of this process.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        if isOwn { close(descriptor) }
    }

    /// The same terminal without blocking; nil for anything else, and where it may not be opened.
    private static func reopenedTerminal(_ descriptor: Int32) -> Int32? {
        guard isatty(descriptor) == 1 else { return nil }
        var name = [CChar](repeating: 0, count: 256)
        guard ttyname_r(descriptor, &name, name.count) == 0 else { return nil }
        let opened = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return opened >= 0 ? opened : nil
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Takes the whole line, or nothing.
    ///
    /// Once its first byte is out the line counts as taken; its rest goes out before anything else.
    func write(_ line: [UInt8]) throws(Failure) {
        try state.withLock { state throws(Failure) in
            try put(&state.rest)
            var rest = line
            do throws(Failure) {
                try put(&rest)
            } catch {
                guard error != .closed, rest.count < line.count else { throw error }
                state.rest = rest
            }
        }
    }

    /// Says once on stderr that nobody reads stdout.
    func reportClosed() {
        let first = state.withLock { state in
            defer { state.saidClosed = true }
            return !state.saidClosed
        }
        guard first else { return }
        let line = Array("level=warning msg=\"stdout is closed; its events are not printed any more\"\n".utf8)
        _ = Glibc.write(diagnostics, line, line.count)
    }

    /// Writes from the front of `bytes` while there is room.
    private func put(_ bytes: inout [UInt8]) throws(Failure) {
        while !bytes.isEmpty {
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&room, 1, 0)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw .full }
            let count = Glibc.write(descriptor, bytes, min(bytes.count, Int(PIPE_BUF)))
            guard count < 0 else {
                bytes.removeFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: throw .full
            case EPIPE, EIO, EBADF, ENXIO: throw .closed
            default: throw .refused(errno: errno)
            }
        }
    }
}
