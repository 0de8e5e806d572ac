import Basics
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// One listening socket and what answers on it.
///
/// `Hummingbird.Application` is not used: it wakes up every second to keep a date. One event loop on one thread is
/// plenty for probes, scrapes and commands. An address that cannot be had is reported and tried again; it never ends the
/// watchdog (S35).
package struct HTTPListener: Service {
    /// Where to listen.
    package enum Place: Sendable, CustomStringConvertible {
        /// The port 0 takes a free one.
        case tcp(host: String, port: Int)
        /// A unix socket; what a killed predecessor left there is replaced, one that somebody answers on never.
        case unix(path: String)

        package var description: String {
            switch self {
            case .tcp(let host, let port): "\(host):\(port)"
            case .unix(let path): path
            }
        }
    }

    /// What happened to the listening socket.
    package enum Condition: Sendable, Equatable {
        /// The port is 0 for a unix socket.
        case listening(port: Int)
        /// The address cannot be used at present; another attempt follows.
        case blocked(because: String)
    }

    /// How long after a failure the address is tried again.
    private static let retryAfter = Duration.seconds(30)
    /// Connections beyond these wait until one closes.
    private static let connectionLimit = 64
    /// One thread for all listeners, as long as the process lives.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let place: Place
    private let time: any TimeSource
    private let report: @Sendable (Condition) async -> Void
    private let respond: @Sendable (Request, BasicRequestContext) async throws -> Response

    /// - Parameters:
    ///   - place: The address or socket to listen on.
    ///   - time: Dates answers and spaces attempts.
    ///   - report: Hears when the server listens, and once per cause when it cannot.
    ///   - respond: Answers one request.
    init(
        _ place: Place,
        time: any TimeSource,
        report: @escaping @Sendable (Condition) async -> Void,
        respond: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response
    ) {
        self.place = place
        self.time = time
        self.report = report
        self.respond = respond
    }

    /// Serves until the task is cancelled or shut down gracefully.
    package func run() async throws {
        var told: Condition?
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try clearWay()
                try await server(on: Self.group).run()
                break
            } catch is CancellationError {
                break
            } catch {
                let condition = Condition.blocked(because: reason(error))
                if condition != told { await report(condition) }
                told = condition
                await cancelWhenGracefulShutdown { try? await time.sleep(for: Self.retryAfter) }
            }
        }
        // Ours is closed by now; another program's may have taken its place.
        try? clearWay()
    }

    private func clearWay() throws(SocketFile.Occupant) {
        if case .unix(let path) = place { try SocketFile.clear(path) }
    }

    private func server(on group: MultiThreadedEventLoopGroup) throws -> any Service {
        let silent = Logger(label: "status") { _ in SwiftLogNoOpLogHandler() }
        let time = time
        let report = report
        let respond = respond
        let place = place
        let address: BindAddress =
            switch place {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        var channel = HTTP1Channel.Configuration(idleTimeout: .seconds(60))
        channel.httpDecoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 8192,
            maxHeaderListSize: 16_384,
            maxHeaderFieldCount: 100
        )
        return try HTTPServerBuilder.http1(configuration: channel).buildServer(
            configuration: ServerConfiguration(
                address: address,
                backlog: Self.connectionLimit,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)
            ),
            eventLoopGroup: group,
            logger: silent,
            responder: { (request, writer: consuming ResponseWriter, connection) in
                let context = BasicRequestContext(source: .init(channel: connection, logger: silent))
                var response: Response
                do {
                    response = try await respond(request, context)
                } catch let error as any HTTPResponseError {
                    response = try error.response(from: request, context: context)
                }
                response.headers[.date] = HTTPDate.text(time.now)
                response.headers[.cacheControl] = "no-store"
                response.headers[.xContentTypeOptions] = "nosniff"
                response.headers[.contentSecurityPolicy] = "default-src 'none'"
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { channel in
                // Only our own user may give commands.
                if case .unix(let path) = place { chmod(path, 0o600) }
                await report(.listening(port: channel.localAddress?.port ?? 0))
            }
        )
    }

    private func reason(_ error: any Error) -> String {
        switch error {
        case SocketFile.Occupant.listener: "\(place) is in use by another Custos or program; give each its own path"
        case SocketFile.Occupant.foreign: "\(place) belongs to another user; remove it, or name another path"
        case SocketFile.Occupant.other: "\(place) is not a socket; remove it, or name another path"
        case let error as IOError where error.errnoCode == EADDRINUSE: "\(place) is in use by another program"
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL: "\(place) is no address of this machine"
        case let error as IOError where error.errnoCode == EACCES: "\(place): no permission to listen"
        default: "\(place): \(String(describing: error).safe(limit: 200))"
        }
    }
}
