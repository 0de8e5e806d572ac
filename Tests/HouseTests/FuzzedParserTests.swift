import Fuzzing
import Procfs
import Testing

/// `make fuzz` runs the parsers that its list names: a parser that nobody put there would never be run.
@Suite struct FuzzedParserTests {
    /// The modules that read what others write.
    private static let readers: Set = ["Basics", "Procfs", "Netlink", "SystemBus", "TimeSync", "DockerEngine"]

    /// Files that take bytes and understand nothing of them.
    private static let others = [
        "Basics/ByteReader.swift": "every parser of numbers in bytes goes through it",
        "Basics/ULID.swift": "reads what the journal wrote",
        "Procfs/Capture/CaptureFolder.swift": "writes",
        "Procfs/Capture/HostCapture.swift": "copies",
        "Procfs/HostFile.swift": "declares what each kernel file's parser is",
        "Procfs/LineScanner.swift": "every kernel file's parser goes through it",
        "SystemBus/BusConnection.swift": "sends",
        "TimeSync/DatagramSocket.swift": "sends",
        "TimeSync/Place.swift": "an address of the system's own",
    ]

    /// What stands where a declaration takes bytes, or a decoder that holds them.
    private static let marks = ["[UInt8]", "ArraySlice<UInt8>", "RawSpan", "any Decoder"].flatMap { type in
        [",", ")"].map { ": \(type)\($0)" }
    }

    @Test("every type that is a kernel file is in the list of kernel files, and so fuzzed")
    func kernelFiles() {
        let listed = Set(HostFiles.all.map { "\($0)" })
        var declared: Set<String> = []
        for line in SourceTree.sources.flatMap(\.code) {
            guard let end = line.firstRange(of: ": HostFile {") else { continue }
            declared.insert(String(line[..<end.lowerBound].split(separator: " ").last ?? ""))
        }
        #expect(declared == listed)
        #expect(listed.isSubset(of: Parser.all.map(\.name)))
    }

    @Test("every file that reads bytes from outside is run by a parser of the list")
    func files() {
        let run = Set(Parser.all.flatMap(\.sources))
        var found: Set<String> = []
        for file in SourceTree.sources where Self.readers.contains(file.module) {
            let code = file.code.joined(separator: "\n")
            guard Self.marks.contains(where: { code.contains($0) }), !code.contains(": HostFile {") else { continue }
            let name = String(file.path.dropFirst("Sources/".count))
            found.insert(name)
            #expect(run.contains(name) || Self.others[name] != nil, "no parser of Tests/Fuzzing runs \(name)")
        }
        #expect(found.count > 15)
        #expect(found.isSuperset(of: Self.others.keys))
    }

    @Test("what the list says exists, each name once, and no folder of seeds is nobody's")
    func names() {
        let names = Parser.all.map(\.name)
        #expect(Set(names).count == names.count)
        let paths = Set(SourceTree.sources.map(\.path))
        for source in Parser.all.flatMap(\.sources) { #expect(paths.contains("Sources/\(source)"), "\(source)") }
        for path in SourceTree.paths(below: "Tests/Fixtures/fuzz") {
            let folder = path.split(separator: "/").dropFirst(3).first.map(String.init) ?? ""
            #expect(names.contains(folder) || folder == "ABOUT.md", "\(path)")
        }
    }
}
