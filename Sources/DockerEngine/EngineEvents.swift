import Basics
import Curl

/// What the event stream tells.
package enum EngineNotice: Hashable, Sendable {
    case event(EngineEvent)
    /// Something happened that could not be read: only a new list tells what.
    case unreadable(because: String)
}

/// The engine's event stream, for one reader; letting it go closes it.
///
/// It has no end of its own: when the engine stops, the iteration throws `.cut`.
package struct EngineEvents: AsyncSequence, Sendable {
    package typealias Element = EngineNotice
    package typealias Failure = EngineError

    let stream: HTTPStream
    let place: String

    package func makeAsyncIterator() -> Iterator { Iterator(stream: stream, place: place) }

    /// Cuts the stream into notices, and holds those that came together.
    package struct Iterator: AsyncIteratorProtocol {
        private let stream: HTTPStream
        private let place: String
        private var splitter = LineSplitter()
        private var ready: [EngineNotice] = []

        init(stream: HTTPStream, place: String) {
            self.stream = stream
            self.place = place
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(EngineError) -> EngineNotice? {
            while ready.isEmpty {
                let piece: [UInt8]?
                do {
                    piece = try await stream.next()
                } catch {
                    throw EngineError(error, path: "/events", at: place)
                }
                guard let piece else { throw .cut(path: "/events") }
                // Popped from the end, so the oldest comes last.
                ready = splitter.split(piece).compactMap(Self.notice).reversed()
            }
            return ready.removeLast()
        }

        private static func notice(_ record: LineSplitter.Record) -> EngineNotice? {
            guard case .line(let bytes) = record else { return .unreadable(because: "an event is too long") }
            do {
                return try EngineJSON.decode(EventLine.self, from: bytes).event.map { .event($0) }
            } catch {
                return .unreadable(because: EngineWire.fault(error))
            }
        }
    }
}
