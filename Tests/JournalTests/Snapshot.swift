import Alerting
import Basics
import FoundationEssentials
import Journal
import TestSupport

/// A journal as the first released schema left it: `Tests/Fixtures/journal/v1.db`.
///
/// `UPDATE_JOURNAL_SNAPSHOT=1 swift test --filter OpeningTests` writes it anew. A schema that was released keeps its
/// file; a new migration adds a file of its own.
enum Snapshot {
    static var isUpdating: Bool { ProcessInfo.processInfo.environment["UPDATE_JOURNAL_SNAPSHOT"] == "1" }

    private static var path: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
            + "/Fixtures/journal/v1.db"
    }

    static func bytes() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

    static func write() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        var samples = Samples(time)
        let journal = await Journal.opened(folder.journal, time)
        await journal.keep("node", "edge-7")
        var first = samples.decision(target: "web", sinks: ["webhook"])
        first.memories = [
            RuleMemory(key: RuleKey(alert: Samples.id("web"), rule: "above"), memory: Rule.Memory(shape: "above"))
        ]
        first.memories[0].memory.lastValue = 0.5
        first.swept = [CheckID("docker"): time.now]
        await journal.commit(first, freezing: ["webhook"])
        await journal.commit(samples.decision(target: "db", sinks: ["webhook", "stdout"]))
        if let delivery = await journal.freeze("stdout", through: 1) {
            await journal.deadLetter(delivery, because: "HTTP 400")
        }
        await journal.add(
            Silence(
                id: samples.ulids.next(at: time.now),
                matchers: ["target": "web*"],
                startsAt: time.now,
                endsAt: time.now + .seconds(3600),
                comment: "deploy",
                author: "me"
            )
        )
        await journal.close()
        let folderPath = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: folderPath, withIntermediateDirectories: true)
        try Data(try folder.bytes("journal.db")).write(to: URL(filePath: path))
    }
}
