import Basics
import CCurl
import Synchronization

/// One exchange on its way: the easy handle, what came of the head, and the deadlines libcurl does not keep.
///
/// `@unchecked Sendable` holds because only the loop's thread touches the mutable fields; the atomic flag is the only
/// thing others write.
final class Transfer: @unchecked Sendable {
    /// Set by whoever gives the exchange up, possibly before the loop has seen it.
    let isCancelled = Atomic(false)
    /// When the exchange ends for want of an answer, by `TimeSource.uptime`; nil for never.
    private(set) var deadline: Duration?

    private static let headLimit = 64 << 10

    private var request: HTTPRequest
    private let streams: Bool
    private let receiver: any TransferReceiver
    private let place: String
    private var handle: CurlHandle?
    private var head = HTTPHead(status: 0, headers: HTTPHeaders())
    private var headSize = 0
    private var isHeadDelivered = false
    private var failure: HTTPError?

    init(_ request: HTTPRequest, streams: Bool, to receiver: any TransferReceiver) {
        self.request = request
        self.streams = streams
        self.receiver = receiver
        place = request.place
    }

    // MARK: - What the loop does with it

    /// Hands the easy handle to `multi`; its address, or nil when the exchange has ended instead.
    func start(on multi: CurlMulti, at uptime: Duration) -> UnsafeMutableRawPointer? {
        guard !isCancelled.load(ordering: .acquiring) else { return refuse(.cancelled) }
        guard var handle = CurlHandle() else {
            return refuse(.other(at: place, code: Int32(CURLE_OUT_OF_MEMORY.rawValue), because: "no memory"))
        }
        if let error = handle.prepare(request, streams: streams) { return refuse(error) }
        request.body = []
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.set(CURLOPT_WRITEDATA, context: context)
        handle.set(CURLOPT_HEADERDATA, context: context)
        handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.of(context)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.of(context)?.takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        guard multi.add(handle) else {
            return refuse(.other(at: place, code: Int32(CURLE_FAILED_INIT.rawValue), because: "libcurl is broken"))
        }
        let address = handle.pointer
        self.handle = consume handle
        if streams { deadline = uptime + request.timeout }
        return address
    }

    /// Ends the exchange as libcurl says.
    func end(_ code: CURLcode, on multi: CurlMulti) {
        guard let handle = handle.take() else { return }
        multi.remove(handle)
        if code == CURLE_OK, failure == nil {
            deliverHead()
            receiver.end(.success(TransferEnd(head: head, timing: handle.timing, certificates: handle.certificates)))
        } else {
            receiver.end(.failure(failure ?? HTTPError(code, of: handle, head: head, at: place)))
        }
    }

    /// Ends the exchange for a reason of ours.
    func abandon(_ error: HTTPError, on multi: CurlMulti) {
        guard let handle = handle.take() else { return }
        multi.remove(handle)
        receiver.end(.failure(error))
    }

    /// Ends the exchange when its deadline has passed; whether it did.
    func expire(at uptime: Duration, on multi: CurlMulti) -> Bool {
        guard let deadline, deadline <= uptime else { return false }
        abandon(.timedOut(at: place, while: phase), on: multi)
        return true
    }

    /// Offers again what the receiver had no room for.
    func proceed() {
        guard let pointer = handle?.pointer else { return }
        curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    /// The easy handle's address while it is in use.
    var address: UnsafeMutableRawPointer? { handle?.pointer }

    // MARK: - What libcurl tells

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// One line of the head; a number other than the line's length ends the exchange.
    private func takeHead(_ line: UnsafeRawBufferPointer) -> Int {
        headSize += line.count
        guard headSize <= Self.headLimit else {
            failure = .tooLarge(at: place, limit: Self.headLimit)
            return 0
        }
        if line.starts(with: "HTTP/".utf8) {
            // Each redirect and each interim answer starts a new head.
            let status = line.drop { $0 != 0x20 }.dropFirst().prefix(3)
            head = HTTPHead(status: Int(String(decoding: status, as: UTF8.self)) ?? 0, headers: HTTPHeaders())
            isHeadDelivered = false
        } else if line.contains(where: { $0 != 0x0D && $0 != 0x0A }) {
            head.headers.append(line: line)
        } else if streams, head.status >= 200 {
            deliverHead()
        }
        return line.count
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        deliverHead()
        switch receiver.receive(bytes) {
        case .taken:
            keepAlive()
            return bytes.count
        case .wait:
            // Silence is the reader's fault now.
            deadline = nil
            return Int(CURL_WRITEFUNC_PAUSE)
        case .refused(let error):
            failure = error
            return 0
        }
    }

    private func deliverHead() {
        guard !isHeadDelivered else { return }
        isHeadDelivered = true
        keepAlive()
        receiver.receive(head)
    }

    private func keepAlive() {
        guard streams else { return }
        deadline = request.idleTimeout.map { SystemTime().uptime + $0 }
    }

    private var phase: HTTPError.Phase {
        if isHeadDelivered { return .reading }
        return (handle?.size(CURLINFO_PRETRANSFER_TIME_T) ?? 0) > 0 ? .waiting : .connecting
    }

    /// Ends an exchange that has not begun.
    @discardableResult
    func refuse(_ error: HTTPError) -> UnsafeMutableRawPointer? {
        receiver.end(.failure(error))
        return nil
    }
}

extension CurlHandle {
    /// How long each phase took; infos that end in `_TIME_T` count microseconds.
    fileprivate var timing: HTTPTiming {
        var timing = HTTPTiming()
        timing.resolved = .microseconds(size(CURLINFO_NAMELOOKUP_TIME_T))
        timing.connected = .microseconds(size(CURLINFO_CONNECT_TIME_T))
        timing.secured = .microseconds(size(CURLINFO_APPCONNECT_TIME_T))
        timing.firstByte = .microseconds(size(CURLINFO_STARTTRANSFER_TIME_T))
        timing.total = .microseconds(size(CURLINFO_TOTAL_TIME_T))
        return timing
    }

    /// The chain the server showed, in PEM.
    fileprivate var certificates: [String] {
        var chain: UnsafeMutablePointer<curl_certinfo>?
        guard custos_curl_get_certificates(pointer, &chain) == CURLE_OK, let chain else { return [] }
        return (0..<Int(chain.pointee.num_of_certs)).compactMap { index in
            var entry = chain.pointee.certinfo[index]
            while let item = entry {
                let text = String(cString: item.pointee.data)
                if text.hasPrefix("Cert:") { return String(text.dropFirst(5)) }
                entry = item.pointee.next
            }
            return nil
        }
    }
}
