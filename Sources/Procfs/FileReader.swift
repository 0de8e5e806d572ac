import CLinux
import Glibc

/// Opens a file, reads it in one loop, closes it.
///
/// There is no `stat` before: a kernel file's size is 0 or a guess.
enum FileReader {
    /// Longest content unless a parser asks for more.
    static let usualLimit = 1 << 20

    /// What reading gave; `errno` values stay numbers here, the caller knows what they mean for its file.
    enum Outcome: Equatable {
        case bytes([UInt8])
        case failed(Int32)
        case tooLarge
    }

    /// The content of a file, or why there is none.
    ///
    /// With a `root`, `path` is resolved as if that were the root directory. `isEnough` looks at what was read so far;
    /// true stops before the end.
    static func read(
        _ path: String,
        below root: String? = nil,
        limit: Int = usualLimit,
        isEnough: ([UInt8]) -> Bool = { _ in false }
    ) -> Outcome {
        let file = open(path, below: root)
        guard file >= 0 else { return .failed(-file) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var room = 4096
        while true {
            let start = bytes.count
            let wanted = room
            var failure: Int32 = 0
            bytes.reserveCapacity(start + wanted)
            let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                let got = Glibc.read(file, buffer.baseAddress, wanted)
                if got < 0 { failure = errno }
                count = max(0, got)
            }
            if failure == EINTR { continue }
            guard failure == 0 else { return .failed(failure) }
            if start == 0 { bytes = chunk } else { bytes += chunk }
            guard bytes.count <= limit else { return .tooLarge }
            if chunk.isEmpty || isEnough(bytes) { return .bytes(bytes) }
            room = min(65536, max(4096, bytes.count))
        }
    }

    /// Hands over a file's content piece by piece, in one pass; returns an `errno`, or 0.
    static func stream(_ path: String, _ take: (RawSpan) throws(HostFileError) -> Void) throws(HostFileError) -> Int32 {
        let file = open(path, below: nil)
        guard file >= 0 else { return -file }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 32768)
        while true {
            let got = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return errno }
            guard got > 0 else { return 0 }
            try take(buffer.span.bytes.extracting(first: got))
        }
    }

    /// A descriptor, or a negative `errno`.
    static func open(_ path: String, below root: String?) -> Int32 {
        if let root { return custos_open_below(root, path) }
        // Not blocking: whoever puts a FIFO in a kernel file's place must not hang us.
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        return file < 0 ? -errno : file
    }
}
