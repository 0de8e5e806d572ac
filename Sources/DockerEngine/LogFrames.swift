/// What a container wrote, as `GET /containers/{id}/logs` sends it: as it is where there is a terminal, in frames where there
/// is none.
///
/// A frame is a byte for the stream (1 stdout, 2 stderr), three of zero, the length of what follows in four, highest first.
/// <https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach>
struct LogFrames {
    /// Of a longer line only the beginning is kept, in bytes.
    static let lineLimit = 4096

    private var lines: [[UInt8]] = []
    /// The line that each stream has begun.
    private var begun: [[UInt8]] = [[], []]

    /// The last `count` lines, oldest first, without their ends; a line stands where it ended.
    ///
    /// `isTTY` is nil where nobody knows: then the bytes themselves tell. What is cut off, or no frame, ends the reading.
    static func lines(in body: [UInt8], isTTY: Bool?, last count: Int) -> [[UInt8]] {
        var frames = LogFrames()
        if isTTY == true || length(in: body, at: 0) == nil {
            frames.take(body[...], stream: 0, keeping: count)
        } else {
            frames.read(body, keeping: count)
        }
        for stream in 0...1 where !frames.begun[stream].isEmpty { frames.end(stream, keeping: count) }
        return Array(frames.lines.suffix(max(0, count)))
    }

    private mutating func read(_ body: [UInt8], keeping count: Int) {
        var place = 0
        while let length = Self.length(in: body, at: place) {
            let start = place + 8
            let end = length > body.count - start ? body.count : start + length
            take(body[start..<end], stream: body[place] == 2 ? 1 : 0, keeping: count)
            place = end
        }
    }

    /// The payload's length that the header at this place tells; nil where there is no header.
    private static func length(in body: [UInt8], at place: Int) -> Int? {
        guard body.count - place >= 8, body[place] <= 3, body[place + 1...place + 3].allSatisfy({ $0 == 0 }) else {
            return nil
        }
        return body[place + 4...place + 7].reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, stream: Int, keeping count: Int) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            hold(rest[..<end], stream)
            self.end(stream, keeping: count)
            rest = rest[(end + 1)...]
        }
        hold(rest, stream)
    }

    private mutating func hold(_ bytes: ArraySlice<UInt8>, _ stream: Int) {
        begun[stream] += bytes.prefix(max(0, Self.lineLimit - begun[stream].count))
    }

    private mutating func end(_ stream: Int, keeping count: Int) {
        if begun[stream].last == 0x0D { begun[stream].removeLast() }
        lines.append(begun[stream])
        begun[stream] = []
        if lines.count > 2 * max(1, count) { lines.removeFirst(lines.count - max(1, count)) }
    }
}
