import Synchronization

/// Collects an answer, up to its limit, for one who waits for all of it.
final class WholeBody: TransferReceiver {
    private struct State {
        var body: [UInt8] = []
        var isTruncated = false
        var waiting: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
    }

    private let state: Mutex<State>
    private let limit: Int
    private let truncates: Bool
    private let place: String

    init(for request: HTTPRequest, _ waiting: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>) {
        limit = max(0, request.bodyLimit)
        truncates = request.truncatesBody
        place = request.place
        state = Mutex(State(waiting: waiting))
    }

    /// A redirect that is followed brings a second head; only the last one's body counts.
    func receive(_ head: HTTPHead) {
        state.withLock { state in
            state.body = []
            state.isTruncated = false
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        state.withLock { state in
            let room = limit - state.body.count
            if bytes.count <= room {
                state.body.append(contentsOf: bytes)
            } else if truncates {
                state.body.append(contentsOf: bytes.prefix(room))
                state.isTruncated = true
            } else {
                return .refused(.tooLarge(at: place, limit: limit))
            }
            return .taken
        }
    }

    func end(_ end: Result<TransferEnd, HTTPError>) {
        let (waiting, body, isTruncated) = state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.body, state.isTruncated)
        }
        waiting?.resume(
            returning: end.map { end in
                HTTPResponse(
                    status: end.head.status,
                    headers: end.head.headers,
                    body: body,
                    isTruncated: isTruncated,
                    timing: end.timing,
                    certificates: end.certificates
                )
            }
        )
    }
}
