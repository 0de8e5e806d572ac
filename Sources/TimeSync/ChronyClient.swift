package import Basics
import Glibc

/// Where chronyd takes commands.
package enum ChronyAddress: Sendable, Hashable {
    case network(host: String, port: UInt16)
    /// Its socket file; the answer comes to a file that we make beside it.
    case socket(path: String)
}

/// Asks chronyd how it follows its sources.
package enum ChronyClient {
    /// What the first address says that answers; else why the last one did not.
    ///
    /// Blocks: for at most `patience` an address, and for as long as the name servers let it. Call it on a thread of its
    /// own.
    package static func tracking(
        at addresses: [ChronyAddress],
        patience: Duration,
        time: any TimeSource
    ) -> Result<ChronyTracking, ChronyFailure> {
        first(of: addresses) { ask($0, patience: patience, time: time) }
    }

    /// What the first says that has anything to say; else why the last one did not.
    private static func first<Somewhere>(
        of places: [Somewhere],
        _ ask: (Somewhere) -> Result<ChronyTracking, ChronyFailure>
    ) -> Result<ChronyTracking, ChronyFailure> {
        var result = Result<ChronyTracking, ChronyFailure>.failure(.unresolved)
        for place in places {
            result = ask(place)
            switch result {
            case .success, .failure(.denied), .failure(.malformed): return result
            case .failure: continue
            }
        }
        return result
    }

    /// Addresses of one name that are tried: `localhost` is mostly `::1` first, where chronyd may not listen.
    private static let mostPlaces = 2

    private static func ask(
        _ address: ChronyAddress,
        patience: Duration,
        time: any TimeSource
    ) -> Result<ChronyTracking, ChronyFailure> {
        switch address {
        case .network(let host, let port):
            let places = Place.find(host: host, port: port).prefix(mostPlaces)
            return first(of: Array(places)) { place in
                ask(place, ownPath: nil, patience: patience / places.count, time: time)
            }
        case .socket(let path):
            guard let place = Place(path: path) else { return .failure(.unresolved) }
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            let ownPath = "\(folder)/custos.\(getpid()).\(UInt32.random(in: 0 ... .max)).sock"
            return ask(place, ownPath: ownPath, patience: patience, time: time)
        }
    }

    private static func ask(
        _ place: Place,
        ownPath: String?,
        patience: Duration,
        time: any TimeSource
    ) -> Result<ChronyTracking, ChronyFailure> {
        do throws(SystemError) {
            let socket = try DatagramSocket(to: place, ownPath: ownPath)
            let sequence = UInt32.random(in: 0 ... .max)
            try socket.send(ChronyTracking.question(sequence: sequence))
            return try listen(socket, sequence, until: time.uptime + patience, time: time)
        } catch {
            return .failure(error.errno == ECONNREFUSED ? .refused : .unreachable(errno: error.errno))
        }
    }

    private static func listen(
        _ socket: borrowing DatagramSocket,
        _ sequence: UInt32,
        until deadline: Duration,
        time: any TimeSource
    ) throws(SystemError) -> Result<ChronyTracking, ChronyFailure> {
        for _ in 0..<64 {
            guard !DatagramSocket.wait(for: [socket.handle], until: deadline, time: time).isEmpty else { break }
            guard let packet = try socket.receive(), ChronyTracking.answers(packet, sequence: sequence) else {
                continue
            }
            do throws(ChronyFailure) {
                return .success(try ChronyTracking(answer: packet))
            } catch {
                return .failure(error)
            }
        }
        return .failure(.noAnswer)
    }
}
