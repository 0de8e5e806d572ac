/// What a TCP socket is doing; the kernel's numbers (`net/tcp_states.h`).
package enum TCPState: UInt8, Sendable, CaseIterable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, close, closeWait, lastACK, listen, closing, newSynReceived
}

/// A TCP socket of one network namespace.
package struct TCPSocket: Sendable, Equatable {
    package var family: AddressFamily
    package var state: TCPState
    package var local: Endpoint
    package var remote: Endpoint
    /// Bytes received and not read; of a listening socket the connections that wait to be accepted.
    package var received: UInt64
    /// Bytes sent and not acknowledged; of a listening socket, by netlink only, the most connections that may wait.
    package var unsent: UInt64
    /// The user who made it.
    package var user: UInt32
    /// What `<pid>/fd` names it by; 0 once no process holds it.
    package var inode: UInt64
    /// Of a listening socket, by netlink, the connections that it dropped: Linux 4.7.
    package var drops: UInt32?

    package init(
        family: AddressFamily,
        state: TCPState,
        local: Endpoint,
        remote: Endpoint,
        received: UInt64,
        unsent: UInt64,
        user: UInt32,
        inode: UInt64
    ) {
        self.family = family
        self.state = state
        self.local = local
        self.remote = remote
        self.received = received
        self.unsent = unsent
        self.user = user
        self.inode = inode
    }
}
