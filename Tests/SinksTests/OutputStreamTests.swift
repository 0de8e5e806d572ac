import Basics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Sinks

@Suite("Output stream")
struct OutputStreamTests {
    @Test("S7 a full pipe is told at once, and nothing of the line is out")
    func full() throws {
        let pipe = try Pipe()
        pipe.fill()
        let output = OutputStream(descriptor: pipe.writer, diagnostics: pipe.writer)
        #expect(throws: OutputStream.Failure.full) { try output.write(Array("late\n".utf8)) }
        #expect(!pipe.drain().contains("late"))
    }

    @Test("S7 a line that was begun is ended before the next one begins")
    func whole() throws {
        let pipe = try Pipe()
        let output = OutputStream(descriptor: pipe.writer, diagnostics: pipe.writer)
        // Larger than a pipe, so that it must be cut wherever the pipe's end is.
        let long = String(repeating: "a", count: 150_000) + "\n"
        try output.write(Array(long.utf8))
        #expect(throws: OutputStream.Failure.full) { try output.write(Array("b\n".utf8)) }
        var read = pipe.drain()
        while (try? output.write(Array("c\n".utf8))) == nil { read += pipe.drain() }
        read += pipe.drain()
        #expect(read == long + "c\n")
    }

    @Test("S7 a reader that went away is told apart")
    func closed() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = OutputStream(descriptor: ends[1], diagnostics: ends[1])
        #expect(throws: OutputStream.Failure.closed) { try output.write(Array("x\n".utf8)) }
    }

    @Test("S7 a terminal that nobody reads blocks nothing")
    func terminal() async throws {
        let reader = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // Ends a write that hangs after all.
        defer { close(reader) }
        // TIOCSPTLCK and TIOCGPTN, which the overlay lacks.
        var (locked, number): (Int32, Int32) = (0, 0)
        try #require(ioctl(reader, 0x4004_5431, &locked) == 0 && ioctl(reader, 0x8004_5430, &number) == 0)
        let writer = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(writer >= 0)
        let output = OutputStream(descriptor: writer, diagnostics: writer)
        #expect(output.isTerminal)
        let line = Array((String(repeating: "x", count: 998) + "\n").utf8)
        let end = End()
        Task.detached {
            do throws(OutputStream.Failure) {
                while true { try output.write(line) }
            } catch {
                end.failure.withLock { $0 = error }
            }
            close(writer)
        }
        let failure = try await eventually("refusal") { end.failure.withLock(\.self) }
        #expect(failure == .full)
    }

    /// How the writing ended.
    private final class End: Sendable {
        let failure = Mutex<OutputStream.Failure?>(nil)
    }

    @Test("a full disk is told with its number")
    func noSpace() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let output = OutputStream(descriptor: descriptor, diagnostics: descriptor)
        #expect(throws: OutputStream.Failure.refused(errno: ENOSPC)) { try output.write(Array("x\n".utf8)) }
    }
}
