import Basics
import Glibc

/// A socket that sends datagrams to one place and takes them from nowhere else.
struct DatagramSocket: ~Copyable {
    let handle: Int32
    private let ownPath: String?

    /// Opens it towards `place`; `ownPath` names a socket file of ours for the answer, where the place is one.
    ///
    /// - Throws: The system's error.
    init(to place: Place, ownPath: String? = nil) throws(SystemError) {
        let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let opened = socket(place.family, kind, 0)
        guard opened >= 0 else { throw SystemError(errno: errno) }
        var failure: Int32 = 0
        if let ownPath, let own = Place(path: ownPath) {
            if own.withAddress({ bind(opened, $0, $1) }) != 0 { failure = errno }
            // chronyd answers as its own user.
            if failure == 0 { chmod(ownPath, 0o666) }
        }
        if failure == 0, place.withAddress({ connect(opened, $0, $1) }) != 0 { failure = errno }
        guard failure == 0 else {
            close(opened)
            if let ownPath { unlink(ownPath) }
            throw SystemError(errno: failure)
        }
        handle = opened
        self.ownPath = ownPath
    }

    deinit {
        close(handle)
        if let ownPath { unlink(ownPath) }
    }

    /// Sends one datagram.
    func send(_ bytes: [UInt8]) throws(SystemError) {
        let sent = bytes.withUnsafeBytes { Glibc.send(handle, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        guard sent == bytes.count else { throw SystemError(errno: sent < 0 ? errno : EMSGSIZE) }
    }

    /// The datagram that is there; nil where none is.
    func receive() throws(SystemError) -> [UInt8]? {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
            let got = recv(handle, buffer.baseAddress, buffer.count, 0)
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        switch failure {
        case 0: return bytes
        case EAGAIN, EINTR: return nil
        default: throw SystemError(errno: failure)
        }
    }

    /// Waits until one of `handles` has news; their indices, none when the time is over.
    static func wait(for handles: [Int32], until deadline: Duration, time: any TimeSource) -> [Int] {
        var polled = handles.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let left = deadline - time.uptime
            guard left > .zero, !polled.isEmpty else { return [] }
            let count = poll(&polled, nfds_t(polled.count), left.pollMilliseconds)
            if count > 0 { return polled.indices.filter { polled[$0].revents != 0 } }
            guard count == 0 || errno == EINTR else { return [] }
        }
    }
}

/// What a system call failed with.
struct SystemError: Error, Equatable {
    var errno: Int32
}
