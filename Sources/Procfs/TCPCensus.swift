package import Netlink

/// What to count among the TCP sockets of a network namespace.
package struct TCPQuestion: Sendable, Equatable {
    /// Count the sockets in these states, by service.
    package var states: Set<TCPState> = []
    /// Count by destination the connections whose local port is one of these.
    package var localPorts: ClosedRange<UInt16>?
    /// Where only files can be read, read those of these protocols.
    package var families: Set<AddressFamily> = [.ipv4, .ipv6]

    package init(_ states: Set<TCPState> = [], localPorts: ClosedRange<UInt16>? = nil) {
        self.states = states
        self.localPorts = localPorts
    }

    /// The states of a socket that has another end, or had one.
    static let connected = Set(TCPState.allCases).subtracting([.close, .listen, .newSynReceived])
}

/// TCP sockets by what they do and whom they serve.
package struct TCPCensus: Sendable, Equatable {
    /// One side's port that tells what a connection is for: the one that more of the counted sockets have.
    package struct Service: Hashable, Sendable {
        package var port: UInt16
        /// Whether the port is our own; else we are the client.
        package var isLocal: Bool
    }

    /// The sockets in one state.
    package struct Tally: Sendable, Equatable {
        /// Their owners, by number of user.
        package var users: [UInt32: Int] = [:]
        /// The sockets' numbers; none of those that no process holds.
        package var inodes: [UInt64] = []
        /// The ports of both sides.
        fileprivate var ports: [Ports] = []

        package var count: Int { ports.count }
    }

    fileprivate struct Ports: Sendable, Equatable {
        var local: UInt16
        var remote: UInt16
    }

    /// Where connections go to, and from which own address: what a local port may be used for only once.
    package struct Destination: Hashable, Sendable {
        package var remote: Endpoint
        /// With port 0.
        package var local: Endpoint
    }

    package private(set) var tallies: [TCPState: Tally] = [:]
    package private(set) var destinations: [Destination: Int] = [:]

    package init() {}

    /// Where most of the counted ports are taken.
    package var fullest: (destination: Destination, count: Int)? {
        destinations.max { ($0.value, $1.key.remote.port) < ($1.value, $0.key.remote.port) }.map { ($0.key, $0.value) }
    }

    package subscript(state: TCPState) -> Tally { tallies[state] ?? Tally() }

    mutating func count(_ socket: TCPSocket) { tallies[socket.state, default: Tally()].count(socket) }

    mutating func countDestination(of socket: TCPSocket) {
        var local = socket.local
        local.port = 0
        destinations[Destination(remote: socket.remote, local: local), default: 0] += 1
    }
}

extension TCPCensus.Tally {
    fileprivate mutating func count(_ socket: TCPSocket) {
        ports.append(TCPCensus.Ports(local: socket.local.port, remote: socket.remote.port))
        // A connection in TIME_WAIT belongs to nobody.
        guard socket.inode != 0 else { return }
        users[socket.user, default: 0] += 1
        inodes.append(socket.inode)
    }

    /// How many sockets serve whom.
    package var services: [TCPCensus.Service: Int] {
        guard !ports.isEmpty else { return [:] }
        var (local, remote) = (PortCounts(for: ports.count), PortCounts(for: ports.count))
        for pair in ports {
            local.add(pair.local)
            remote.add(pair.remote)
        }
        var services: [TCPCensus.Service: Int] = [:]
        for pair in ports {
            let (here, there) = (local[pair.local], remote[pair.remote])
            // Between equals the lower port is the service's.
            let isLocal = here == there ? pair.local <= pair.remote : here > there
            services[TCPCensus.Service(port: isLocal ? pair.local : pair.remote, isLocal: isLocal), default: 0] += 1
        }
        return services
    }

    /// The services with most sockets, the most first; ties by port.
    package func largest(_ most: Int) -> [(service: TCPCensus.Service, count: Int)] {
        services.sorted { ($1.value, $0.key.port) < ($0.value, $1.key.port) }.prefix(most).map { ($0.key, $0.value) }
    }
}

/// How often each port occurs: a table of all ports where there are many, which is quicker.
private struct PortCounts {
    private var few: [UInt16: UInt32] = [:]
    private var many: [UInt32] = []

    init(for count: Int) {
        if count > 500 { many = [UInt32](repeating: 0, count: 65536) }
    }

    mutating func add(_ port: UInt16) {
        if many.isEmpty { few[port, default: 0] += 1 } else { many[Int(port)] += 1 }
    }

    subscript(port: UInt16) -> UInt32 { many.isEmpty ? few[port] ?? 0 : many[Int(port)] }
}
