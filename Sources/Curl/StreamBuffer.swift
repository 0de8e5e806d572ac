import Synchronization

/// The bounded place between libcurl's thread and the reader of a stream.
final class StreamBuffer: TransferReceiver {
    /// What a reader gets; no bytes at the end of the body.
    struct Piece: Sendable {
        var bytes: [UInt8]?
        /// Whether the server was made to wait for the reader.
        var wasFull = false
    }

    private struct State {
        var bytes: [UInt8] = []
        var isFull = false
        var end: Result<Void, HTTPError>?
        var head: CheckedContinuation<Result<HTTPHead, HTTPError>, Never>?
        var reader: CheckedContinuation<Result<Piece, HTTPError>, Never>?

        /// What a reader can have at once.
        mutating func take() -> Result<Piece, HTTPError>? {
            guard bytes.isEmpty else {
                defer { (bytes, isFull) = ([], false) }
                return .success(Piece(bytes: bytes, wasFull: isFull))
            }
            return end?.map { Piece(bytes: nil) }
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Notes who waits for the head; to be called before the transfer starts.
    func awaitHead(_ continuation: CheckedContinuation<Result<HTTPHead, HTTPError>, Never>) {
        state.withLock { $0.head = continuation }
    }

    func next() async -> Result<Piece, HTTPError> {
        await withCheckedContinuation { continuation in
            let piece = state.withLock { state -> Result<Piece, HTTPError>? in
                if let piece = state.take() { return piece }
                precondition(state.reader == nil, "a stream has one reader")
                state.reader = continuation
                return nil
            }
            if let piece { continuation.resume(returning: piece) }
        }
    }

    // MARK: - The loop's side

    func receive(_ head: HTTPHead) {
        state.withLock { $0.head.take() }?.resume(returning: .success(head))
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        let (verdict, reader) = state.withLock { state in
            // One piece always fits, so that a small limit cannot stop a stream for ever.
            guard state.bytes.isEmpty || state.bytes.count + bytes.count <= limit else {
                state.isFull = true
                return (Verdict.wait, nil as CheckedContinuation<Result<Piece, HTTPError>, Never>?)
            }
            if let reader = state.reader.take() { return (.taken, reader) }
            state.bytes.append(contentsOf: bytes)
            return (.taken, nil)
        }
        reader?.resume(returning: .success(Piece(bytes: Array(bytes))))
        return verdict
    }

    func end(_ end: Result<TransferEnd, HTTPError>) {
        let (head, reader) = state.withLock { state in
            guard state.end == nil else { return (state.head.take(), state.reader.take()) }
            state.end = end.map { _ in }
            if case .failure(.cancelled) = end { state.bytes = [] }
            return (state.head.take(), state.reader.take())
        }
        head?.resume(returning: end.map(\.head))
        reader?.resume(returning: end.map { _ in Piece(bytes: nil) })
    }
}
