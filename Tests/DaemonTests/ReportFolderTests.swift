import Basics
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Daemon

struct ReportFolderTests {
    private static let start = Timestamp(milliseconds: 1_795_224_154_000)
    private let scratch = Scratch()

    /// A folder that is removed with it.
    private final class Scratch {
        let path = FileManager.default.temporaryDirectory.path + "/custos-reports-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }

        var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

        func write(_ name: String) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(filePath: path + "/" + name))
        }
    }

    private func folder(keep: Int = 30, keepFor: Duration? = nil, now: Timestamp = start) -> ReportFolder {
        ReportFolder(scratch.path, keep: keep, keepFor: keepFor, time: StillTime(now: now))
    }

    @discardableResult
    private func store(_ folder: ReportFolder, at moment: Timestamp = start, node: String = "n") throws -> String {
        try folder.store(json: "{}\n", text: "ok\n", at: moment, node: node).stem
    }

    private var stems: [String] {
        scratch.files.filter { $0.hasSuffix(".json") }.map { String($0.dropFirst(14).dropLast(5)) }
    }

    @Test("a report is a JSON and a text file of mode 0640, whatever the umask; nothing else is left")
    func files() throws {
        let stem = try store(folder())
        #expect(scratch.files == ["\(stem).json", "\(stem).txt"])
        for file in scratch.files {
            var status = stat()
            #expect(lstat(scratch.path + "/" + file, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o640)
            #expect(status.st_nlink == 1)
        }
        #expect(FileManager.default.contents(atPath: "\(scratch.path)/\(stem).txt") == Data("ok\n".utf8))
    }

    @Test("the newest stay, by count")
    func count() throws {
        let folder = folder(keep: 3)
        for minute in 0..<6 { try store(folder, at: Self.start + .seconds(Int64(minute) * 60)) }
        #expect(stems == ["20261121T012534.000Z-n", "20261121T012634.000Z-n", "20261121T012734.000Z-n"])
        #expect(scratch.files.count == 6)
    }

    @Test("what is too old goes, also where few are left; the report just made stays")
    func age() throws {
        try store(folder())
        try store(folder(), at: Self.start + .seconds(3600))
        let late = Self.start + .seconds(3 * 3600)
        try store(folder(keepFor: .seconds(2 * 3600 - 1), now: late), at: late)
        #expect(stems == ["20261121T042234.000Z-n"])
        // A clock that was set back: the new report looks older than all others.
        try store(folder(keep: 1, keepFor: .seconds(60), now: late), at: Self.start)
        #expect(stems.contains("20261121T012234.000Z-n"))
    }

    @Test("what is not ours is never removed: other names, other hosts, links and folders")
    func foreign() throws {
        let others = [
            "notes.txt", "custos-report-.json", "custos-report-20200101T000000.000Z-other.json",
            "custos-report-20200101T000000.000Z-n.json.bak", "custos-report-20200101T000000.000Z-n.html",
        ]
        for name in others { try scratch.write(name) }
        let (link, made) = ("custos-report-20200102T000000.000Z-n.json", "custos-report-20200103T000000.000Z-n.txt")
        #expect(symlink("notes.txt", scratch.path + "/" + link) == 0)
        #expect(mkdir(scratch.path + "/" + made, 0o755) == 0)
        try scratch.write("custos-report-20200104T000000.000Z-n.json")
        try store(folder(keep: 1, keepFor: .seconds(60)))
        for name in others + [link, made] { #expect(scratch.files.contains(name), "\(name)") }
        #expect(!scratch.files.contains("custos-report-20200104T000000.000Z-n.json"))
    }

    @Test("two reports of one moment both stay, under names of their own")
    func sameMoment() throws {
        let first = try store(folder())
        let second = try store(folder())
        #expect(first != second)
        #expect(scratch.files.count == 4)
    }

    @Test("many runs at once lose no report and overwrite none")
    func concurrent() async throws {
        let path = scratch.path
        let stems = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<24 {
                group.addTask {
                    try ReportFolder(path, keep: 100, keepFor: nil, time: StillTime(now: Self.start))
                        .store(json: "\(number)", text: "\(number)", at: Self.start, node: "n").stem
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(stems).count == 24)
        var texts: Set<String> = []
        for stem in stems {
            let json = FileManager.default.contents(atPath: "\(path)/\(stem).json")
            #expect(json != nil && json == FileManager.default.contents(atPath: "\(path)/\(stem).txt"))
            texts.insert(String(decoding: json ?? Data(), as: UTF8.self))
        }
        #expect(texts.count == 24)
        #expect(scratch.files.count == 48)
    }

    @Test("what a killed run left is removed after an hour, not before")
    func leftovers() throws {
        try scratch.write(".custos-report-1-abc.tmp")
        var status = stat()
        #expect(lstat(scratch.path + "/.custos-report-1-abc.tmp", &status) == 0)
        let made = Timestamp(seconds: Double(withUnsafeBytes(of: status.st_mtim) { $0.load(as: Int.self) }))
        try store(folder(now: made + .seconds(3000)))
        #expect(scratch.files.contains(".custos-report-1-abc.tmp"))
        try store(folder(now: made + .seconds(4000)))
        #expect(!scratch.files.contains(".custos-report-1-abc.tmp"))
    }

    @Test("a place that is no folder says so, and what to do")
    func noFolder() throws {
        try scratch.write("file")
        let error = #expect(throws: ReportFolder.Failure.self) {
            try ReportFolder(scratch.path + "/file", keep: 1, keepFor: nil)
                .store(json: "", text: "", at: Self.start, node: "n")
        }
        #expect(
            error?.description == "the report cannot be kept in \(scratch.path)/file: Not a directory; name a folder"
        )
    }
}

/// A clock that stands.
private struct StillTime: TimeSource {
    var now: Timestamp
    var uptime: Duration { .zero }
    func sleep(for span: Duration) async throws {}
}
