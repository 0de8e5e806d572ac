import ArgumentParser
import Basics
import FoundationEssentials

/// `custos events`: what the journal remembers, newest last.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "events", abstract: "Lists what happened.")

    @OptionGroup var source: SourceOptions
    @Option(help: "How to write them: text or json (one event a line).") var output: OutputFormat = .text
    @Option(help: "How many, counted from the newest.") var limit = 50
    @Flag(help: "Goes on with what happens from now.") var follow = false

    struct Row: Decodable {
        var id: String
        var time: Timestamp
        var kind: String
        var severity: String?
        var reason: String
        var summary: String
    }

    private struct Named: Decodable {
        var id: String
    }

    struct Answer: Decodable {
        var events: [Row]
    }

    func validate() throws {
        guard (1...10000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000") }
    }

    func run() async throws {
        let control = try source.control()
        let time = SystemTime()
        var last = try await show(control, "/v1/events?limit=\(limit)")
        while follow {
            try await time.sleep(for: .seconds(1))
            // Few at a time: whoever follows must not hold up the journal.
            last = try await show(control, "/v1/events?limit=500&after=\(last ?? "")") ?? last
        }
    }

    /// Writes what the path gives; the id of the last event.
    private func show(_ control: ControlClient, _ path: String) async throws -> String? {
        switch output {
        case .json:
            // The events as they are, so that nothing of the contract is lost on the way.
            let raw = try await control.get(path + "&lines=true")
            Terminal.write(String(decoding: raw, as: UTF8.self))
            let last = raw.split(separator: UInt8(ascii: "\n")).last
            return last.flatMap { try? JSONDecoder().decode(Named.self, from: Data($0)).id }
        case .text:
            let rows = try await control.get(path, as: Answer.self).events
            for row in rows {
                let severity = row.severity ?? row.kind
                Terminal.write("\(row.time)  \(severity)  \(row.reason)  \(row.summary)\n")
            }
            return rows.last?.id
        }
    }
}
