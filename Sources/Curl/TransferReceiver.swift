import Basics

/// Where the parts of an answer go, in the order head, body, end; called on the loop's thread, so it never blocks.
protocol TransferReceiver: AnyObject, Sendable {
    func receive(_ head: HTTPHead)
    func receive(_ bytes: UnsafeRawBufferPointer) -> Verdict
    /// The last call; an error may come at any time, also before the head.
    func end(_ end: Result<TransferEnd, HTTPError>)
}

/// What becomes of a piece of the body.
enum Verdict {
    case taken
    /// The reader is slow: offer the same piece again when it asks for more.
    case wait
    case refused(HTTPError)
}

/// What is known when an exchange has ended well.
struct TransferEnd: Sendable {
    var head: HTTPHead
    var timing: HTTPTiming
    var certificates: [String]
}
