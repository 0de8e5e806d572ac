import Synchronization

/// Sends HTTP requests, all of them on one thread of its own.
///
/// Connections are kept and used again. The thread starts with the first request and ends when the loop is let go.
package final class CurlLoop: Sendable {
    private let thread = LoopThread()

    package init() {}

    deinit { thread.stop() }

    /// The whole answer, whatever its status; up to `bodyLimit` bytes of body.
    ///
    /// - Throws: `HTTPError` where there is no whole answer; `.cancelled` at once when the task is cancelled.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let cell = TransferCell()
        let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let receiver = WholeBody(for: request, continuation)
                start(Transfer(request, streams: false, to: receiver), in: cell)
            }
        } onCancel: {
            cell.cancel().map(cancel)
        }
        return try result.get()
    }

    /// The head of an answer as soon as it has come, and its body piece by piece.
    ///
    /// - Throws: `HTTPError` where no head came.
    package func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
        let cell = TransferCell()
        let buffer = StreamBuffer(limit: request.bodyLimit)
        let transfer = Transfer(request, streams: true, to: buffer)
        let head = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                buffer.awaitHead(continuation)
                start(transfer, in: cell)
            }
        } onCancel: {
            cell.cancel().map(cancel)
        }
        return HTTPStream(head: try head.get(), buffer: buffer, transfer: transfer, loop: self)
    }

    /// Gives an exchange up; nothing happens when it has ended.
    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        _ = thread.post(.cancel(transfer))
    }

    /// Lets a paused exchange go on.
    func proceed(_ transfer: Transfer) {
        _ = thread.post(.proceed(transfer))
    }

    private func start(_ transfer: Transfer, in cell: TransferCell) {
        guard cell.fill(transfer), thread.post(.start(transfer)) else {
            transfer.refuse(.cancelled)
            return
        }
    }
}
