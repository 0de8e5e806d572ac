import Alerting
import Basics
import Glibc
import TestSupport
import Testing

@testable import Sinks

@Suite("Stdout sink")
struct StdoutSinkTests {
    private static func sink(_ writer: Int32, diagnostics: Int32, _ format: StdoutFormat = .auto) -> StdoutSink {
        var settings = StdoutSink.Settings()
        settings.format = format
        let output = OutputStream(descriptor: writer, diagnostics: diagnostics)
        return StdoutSink(settings, output: output, time: HastyTime(), coloured: true)
    }

    @Test("without a terminal every event is one line of JSON")
    func json() async throws {
        let pipe = try Pipe()
        let events = try Samples.all().map(\.event)
        try await Self.sink(pipe.writer, diagnostics: pipe.writer).deliver(Samples.delivery(events))
        let lines = pipe.drain().split(separator: "\n")
        #expect(lines.count == events.count)
        let schema = JSONSchemaValidator(try JSON(parsing: TestFolder.read("docs/reference/event.schema.json")))
        for line in lines { #expect(try schema.problems(in: JSON(parsing: line.utf8)) == []) }
    }

    @Test(
        "the formats for log shippers print one line of their schema per event",
        arguments: [(StdoutFormat.ecs, "ecs"), (.otel, "otlp-logs")]
    )
    func shippers(format: StdoutFormat, schema: String) async throws {
        let pipe = try Pipe()
        let events = try Samples.all().map(\.event)
        try await Self.sink(pipe.writer, diagnostics: pipe.writer, format).deliver(Samples.delivery(events))
        let lines = pipe.drain().split(separator: "\n")
        #expect(lines.count == events.count)
        let schema = try TestFolder.schema("Tests/Fixtures/schemas/\(schema).schema.json")
        for line in lines { #expect(try schema.problems(in: JSON(parsing: line.utf8)) == []) }
    }

    @Test("on a terminal an event is text with colour")
    func terminal() async throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(master) }
        // TIOCSPTLCK and TIOCGPTN, ioctl_tty(2): unlock the other end and ask for its number.
        var unlocked: CInt = 0
        var number: CInt = -1
        #expect(ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        defer { close(slave) }
        try await Self.sink(slave, diagnostics: slave).deliver(Samples.delivery([Samples.alert()]))
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &bytes, bytes.count)
        #expect(
            String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).contains(
                "\u{1B}[31mCRITICAL\u{1B}[0m grafana: "
            )
        )
    }

    @Test("S7 EPIPE is ignored after one line on stderr")
    func closed() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let diagnostics = try Pipe()
        let sink = Self.sink(ends[1], diagnostics: diagnostics.writer)
        for round in 0..<3 { try await sink.deliver(Samples.delivery([Samples.alert()], id: "\(round)")) }
        #expect(diagnostics.drain() == "level=warning msg=\"stdout is closed; its events are not printed any more\"\n")
    }

    @Test("S7 a blocked pipe gives up after a while, is tried again, and prints nothing twice")
    func blocked() async throws {
        let pipe = try Pipe()
        let sink = Self.sink(pipe.writer, diagnostics: pipe.writer)
        // More than a pipe holds: some events get out before it is full.
        let events = try (0..<50).map { index in
            var event = try Samples.number()
            event.summary = "event \(index)."
            event.annotations["log"] = String(repeating: "x", count: 8000)
            return event
        }
        let delivery = try Samples.delivery(events)
        var printed = ""
        var attempts = 0
        while true {
            attempts += 1
            do throws(DeliveryError) {
                try await sink.deliver(delivery)
                break
            } catch {
                #expect(error == .transient(because: "nobody reads stdout: the pipe is full", retryAfter: .seconds(1)))
                printed += pipe.drain()
            }
        }
        // A line that was begun as the pipe filled up goes out with the next write.
        try await sink.deliver(Samples.delivery([Samples.started()], id: "Z"))
        printed += pipe.drain()
        #expect(attempts > 2)
        let lines = printed.split(separator: "\n")
        #expect(lines.count == 51)
        for (line, event) in zip(lines, events) { #expect(line.contains(event.summary)) }
    }

    @Test("S7 a restart does not print its backlog again, and nothing is ever a dead letter for its age")
    func policy() {
        let policy = Self.sink(1, diagnostics: 2).policy
        #expect(!policy.replaysBacklog)
        #expect(policy.maxAge == nil)
        #expect(policy.maxPerMinute == nil)
    }

    @Test("S7 a full disk behind stdout is worth another attempt")
    func fullDisk() async throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let sink = Self.sink(descriptor, diagnostics: descriptor)
        await #expect(throws: DeliveryError.transient(because: "stdout cannot be written: No space left on device")) {
            try await sink.deliver(Samples.delivery([Samples.alert()]))
        }
    }
}
