import Synchronization

/// An answer whose body arrives piece by piece, for one reader.
///
/// What the reader has not taken is held up to the request's `bodyLimit`; then the server has to wait. Letting the
/// stream go ends the exchange.
package final class HTTPStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPError

    package let head: HTTPHead
    private let buffer: StreamBuffer
    private let transfer: Transfer
    private let loop: CurlLoop

    init(head: HTTPHead, buffer: StreamBuffer, transfer: Transfer, loop: CurlLoop) {
        self.head = head
        self.buffer = buffer
        self.transfer = transfer
        self.loop = loop
    }

    deinit { cancel() }

    /// All that has come since the last call, as soon as there is something; nil at the end of the body.
    package func next() async throws(HTTPError) -> [UInt8]? {
        let piece = await withTaskCancellationHandler {
            await buffer.next()
        } onCancel: {
            cancel()
        }
        let taken = try piece.get()
        if taken.wasFull { loop.proceed(transfer) }
        return taken.bytes
    }

    /// Ends the exchange; who waits gets `HTTPError.cancelled`.
    package func cancel() {
        buffer.end(.failure(.cancelled))
        loop.cancel(transfer)
    }

    package func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// Reads the same stream: two iterators share its pieces.
    package struct Iterator: AsyncIteratorProtocol {
        let stream: HTTPStream

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
            try await stream.next()
        }
    }
}
