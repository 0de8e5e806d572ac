import Basics
import FoundationEssentials
import Netlink
import TestSupport
import Testing

@testable import Procfs

/// Every parser on every kernel's files, and on what they look like when they are broken, compared with golden files.
///
/// A folder `Tests/Fixtures/hosts/linux-<version>` adds a kernel.
@Suite struct KernelFixturesTests {
    static let kernels: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: TestFolder.tests + "/Fixtures/hosts")) ?? [])
        .filter { $0.hasPrefix("linux-") && !$0.contains("+") }.sorted()

    @Test("there is a tree of each kernel that we promise to read")
    func promised() {
        #expect(Set(Self.kernels).isSuperset(of: ["3.10", "4.18", "5.15", "6.1", "6.12"].map { "linux-\($0)" }))
    }

    @Test("every parser reads every kernel's files as expected", arguments: kernels)
    func values(kernel: String) async throws {
        let files = try KernelFiles(kernel)
        var text = ""
        for (file, path) in files.parsed { text += try Self.value(file, files.fixture, path) }
        text += try await Readings(files.fixture).text
        try expectGolden(text, "hosts/\(kernel).txt")
    }

    @Test("a broken file is refused or understood, with the reason", arguments: kernels)
    func broken(kernel: String) throws {
        let files = try KernelFiles(kernel)
        var text = ""
        for (file, path) in files.parsed where !path.contains("/task/") {
            text += "\(path)\n"
            for fault in Fault.allCases {
                let outcome = try Self.outcome(file, files.fixture, path, fault)
                text += "  \(fault): \(outcome)\n"
            }
        }
        try expectGolden(text, "hosts/\(kernel)-broken.txt")
    }

    @Test("no file of a kernel's tree is read by nobody", arguments: kernels)
    func nothingIsSuperfluous(kernel: String) throws {
        let files = try KernelFiles(kernel)
        let places = HostFiles.places.map(\.path)
        let unread = files.all.filter { path in
            // Where an interface lies; what hangs on a process's group; a file that is there to be left alone.
            if path.hasPrefix("sys/devices/") || path.hasSuffix("/freezer.state") || path.hasSuffix("pressure/irq") {
                return false
            }
            return !places.contains { KernelFiles.fits(path, $0) || path.contains("/fd/") || path.contains("/slaves/") }
        }
        #expect(unread.isEmpty)
    }

    @Test("every tree says what it is and how it was made", arguments: kernels)
    func about(kernel: String) throws {
        let about = try String(decoding: TestFolder.read("Tests/Fixtures/hosts/\(kernel)/ABOUT.md"), as: UTF8.self)
        #expect(about.hasPrefix("# \(kernel)\n"))
        #expect(about.contains("Hand-made") || about.contains("Captured") || about.contains("captured"))
    }

    // MARK: - Rendering

    private static func value<File: HostFile>(
        _ file: File.Type,
        _ fixture: HostFixture,
        _ path: String
    ) throws -> String {
        let bytes = try Array(Data(contentsOf: URL(filePath: fixture.path(path))))
        do throws(HostFileError) {
            return "\(path) · \(File.self)\n" + Rendering.lines(try File(parsing: bytes, path: path), "  ")
        } catch {
            return "\(path) · \(File.self)\n  refused: \(error)\n"
        }
    }

    private static func outcome<File: HostFile>(
        _ file: File.Type,
        _ fixture: HostFixture,
        _ path: String,
        _ fault: Fault
    ) throws -> String {
        let whole = try Array(Data(contentsOf: URL(filePath: fixture.path(path))))
        do throws(HostFileError) {
            let read = try File(parsing: fault.applied(to: whole), path: "file")
            return (try? File(parsing: whole, path: "file")) == read ? "the same" : "understood otherwise"
        } catch {
            return "refused: \(error)"
        }
    }
}

/// What may have happened to a file.
private enum Fault: String, CaseIterable, CustomStringConvertible {
    case empty, truncated
    case unknownColumns = "unknown columns"
    case unknownLine = "unknown line"
    case hugeNumbers = "numbers of 2^64-1"

    var description: String { rawValue }

    func applied(to bytes: [UInt8]) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        switch self {
        case .empty: return []
        case .truncated:
            return Array(bytes.prefix(max(1, bytes.count * 2 / 3)).reversed().drop { $0 == newline }.reversed())
        case .unknownColumns:
            return bytes.flatMap { $0 == newline ? Array(" 7 more\n".utf8) : [$0] }
        case .unknownLine: return bytes + Array("Novelty: 1 2 3\n".utf8)
        case .hugeNumbers:
            // Numbers that stand alone, not the digits of names.
            var made: [UInt8] = []
            for word in bytes.split(
                omittingEmptySubsequences: false,
                whereSeparator: { $0 == 0x20 || $0 == newline || $0 == 9 }
            ) {
                let isNumber = !word.isEmpty && word.allSatisfy { (0x30...0x39).contains($0) }
                made += isNumber ? Array("\(UInt64.max)".utf8) : Array(word)
                if word.endIndex < bytes.endIndex { made.append(bytes[word.endIndex]) }
            }
            return made
        }
    }
}

/// The files of a kernel's tree and who reads them.
private struct KernelFiles {
    let fixture: HostFixture
    let all: [String]
    let parsed: [(any HostFile.Type, String)]

    init(_ kernel: String) throws {
        fixture = try HostFixture(kernel)
        let folder = fixture.folder
        all = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            var isFolder = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder) && !isFolder
        }.filter { !$0.hasPrefix("sys/class/net/") }.sorted()
        parsed = all.flatMap { path in
            HostFiles.all.filter { file in
                (file.places + [file.source]).contains { Self.fits(path, $0) }
                    || file == ProcessStat.self && path.contains("/task/")
            }.map { ($0, path) }
        }
    }

    /// Whether a file of the tree is at a place.
    static func fits(_ path: String, _ place: HostPath) -> Bool {
        let names = path.split(separator: "/")
        let wanted = [Substring(place.tree.rawValue)] + place.relative.split(separator: "/")
        return names.count == wanted.count && zip(names, wanted).allSatisfy { $1 == "*" || $0 == $1 }
    }
}

/// What is not one file's parser: lists, streams, links.
private struct Readings {
    private(set) var text = ""

    init(_ fixture: HostFixture) async throws {
        let host = fixture.host
        let pass = try ProcessTable(host).pass(at: .zero)
        add("scope", host.scope)
        let table = ProcessTable(host)
        let lines = await table.commandLines(of: pass.processes, time: ManualTime()) { $1 }
        let files = table.openFiles(of: pass, at: Array(pass.processes.indices))
        var known: [String: Bool] = [:]
        for (process, (line, open)) in zip(pass.processes, zip(lines, files)) {
            add("process \(process.pid)", line.line.map { String(decoding: $0, as: UTF8.self) })
            add("  group", host.controlGroup(of: process))
            add("  frozen", host.isFrozen(process, known: &known))
            add("  waits in", host.waitsIn(process))
            add("  descriptors", open)
        }
        add("blocked threads", host.blockedThreads(of: pass).map(\.name.text))
        let states = Set(TCPState.allCases)
        let census = try host.tcpCensus(TCPQuestion(states, localPorts: 1...65535), of: .host)
        for state in TCPState.allCases where census.value[state].count > 0 {
            add("tcp \(state)", "\(census.value[state].count), inodes \(census.value[state].inodes.sorted())")
        }
        let destinations = census.value.destinations.map { "\($0.key.local) to \($0.key.remote): \($0.value)" }
        add("destinations", destinations.sorted())
        add("sockets' owners", host.owners(ofSockets: [14002]).owners.map { "\($0.pid) \($0.name) \($0.count)" })
        for family in AddressFamily.allCases { add("addresses \(family)", try host.addresses(family).value) }
        for device in try host.diskStats().devices {
            add("device \(device.name)", try host.blockDevice(device.name))
        }
        add("bonds", try host.bonds(nil))
        add("selinux", try host.selinuxMode())
        add("apparmor", try host.isAppArmorEnabled())
        let log = try KernelLog().news(of: host, at: SystemTime().now)
        add("hung tasks", log.hungTasks)
        add("kills", log.oomKills)
        add("missed", log.missed)
        // Replaces mountinfo, so it comes last.
        let names = try host.networkDevices().value.devices.map(\.name)
        try fixture.declareSysfs()
        let interfaces = try host.interfaces(names, nil)
        for name in names { add("interface \(name)", interfaces[name]) }
    }

    private mutating func add(_ name: String, _ value: some Any) {
        text += "\(name): \(Rendering.brief(value))\n"
    }
}

/// Values as text that people review: fields by name, bytes as text, sets and dictionaries in order.
private enum Rendering {
    static func lines(_ value: Any, _ indent: String) -> String {
        let fields = Mirror(reflecting: value).children.filter { !($0.value is MountInfo.Edition) }
        return fields.map { field in
            let name = field.label ?? ""
            let mirror = Mirror(reflecting: field.value)
            guard mirror.displayStyle == .collection, !(field.value is ArraySlice<UInt8>), !mirror.children.isEmpty
            else {
                return "\(indent)\(name): \(brief(field.value))\n"
            }
            return "\(indent)\(name):\n" + mirror.children.map { "\(indent)  \(brief($0.value))\n" }.joined()
        }.joined()
    }

    static func brief(_ value: Any) -> String {
        switch value {
        case let bytes as ArraySlice<UInt8>: return String(decoding: bytes, as: UTF8.self).debugDescription
        case let text as String: return text.debugDescription
        case let name as ProcessName: return name.text.debugDescription
        case is MountInfo.Edition: return ""
        default: break
        }
        let mirror = Mirror(reflecting: value)
        let parts = mirror.children.map { child in (child.label.map { "\($0): " } ?? "") + brief(child.value) }
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { brief($0.value) } ?? "none"
        case .collection: return "[" + parts.joined(separator: ", ") + "]"
        case .set, .dictionary: return "[" + parts.sorted().joined(separator: ", ") + "]"
        case .struct where !parts.isEmpty && !(value is any CustomStringConvertible):
            return "(" + parts.joined(separator: ", ") + ")"
        case .tuple: return parts.joined(separator: " ")
        default: return "\(value)"
        }
    }
}
