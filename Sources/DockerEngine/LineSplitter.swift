/// Cuts a byte stream into records, wherever its pieces begin and end.
///
/// A record ends at a newline (application/x-ndjson) or before a record separator (application/json-seq, RFC 7464).
/// Neither byte can stand within JSON that is written on one line.
struct LineSplitter {
    enum Record: Hashable {
        case line([UInt8])
        /// A record longer than the limit; its bytes are gone.
        case tooLong
    }

    private let limit: Int
    private var begun: [UInt8] = []
    private var isTooLong = false

    /// - Parameter limit: the longest record, in bytes; no more than this is ever held.
    init(limit: Int = 256 << 10) {
        self.limit = limit
    }

    /// The records that `piece` completes, in order; empty ones are left out.
    mutating func split(_ piece: some Collection<UInt8>) -> [Record] {
        var records: [Record] = []
        var rest = piece[...]
        while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x1E }) {
            hold(rest[..<end])
            finish(&records)
            rest = rest[rest.index(after: end)...]
        }
        hold(rest)
        return records
    }

    private mutating func hold(_ bytes: some Collection<UInt8>) {
        guard !isTooLong else { return }
        if begun.count + bytes.count > limit {
            isTooLong = true
            begun = []
        } else {
            begun.append(contentsOf: bytes)
        }
    }

    private mutating func finish(_ records: inout [Record]) {
        if isTooLong {
            records.append(.tooLong)
        } else if begun.contains(where: { $0 > 0x20 }) {
            records.append(.line(begun))
        }
        begun = []
        isTooLong = false
    }
}
