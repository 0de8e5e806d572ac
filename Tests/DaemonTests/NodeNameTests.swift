import Basics
import Curl
import Journal
import Settings
import TestSupport
import Testing

@testable import Daemon

@Suite struct NodeNameTests {
    private struct Case: CustomTestStringConvertible {
        var places: [String?]
        var name: String
        var origin: NodeName.Origin
        var testDescription: String { "\(origin.rawValue): \(name)" }
    }

    private static let cases = [
        Case(places: ["a", "b", "c", "d"], name: "a", origin: .configured),
        Case(places: [nil, "b", "c", "d"], name: "b", origin: .hostFile),
        Case(places: [nil, nil, "c", "d"], name: "c", origin: .engine),
        Case(places: [nil, nil, nil, "d"], name: "d", origin: .journal),
        Case(places: [nil, nil, nil, nil], name: "unknown", origin: .unknown),
        Case(places: ["", "", "c", nil], name: "c", origin: .engine),
    ]

    @Test("S4 configured, the host's file, the engine, the journal, else unknown", arguments: cases)
    private func order(row: Case) {
        let found = NodeName.choose(
            configured: row.places[0],
            hostFile: row.places[1],
            engine: row.places[2],
            kept: row.places[3]
        )
        #expect(found.name == row.name)
        #expect(found.origin == row.origin)
    }

    @Test("a name is cut and cleaned")
    func hostile() {
        let found = NodeName.choose(
            configured: nil,
            hostFile: "edge\u{1B}[2J" + String(repeating: "x", count: 1000),
            engine: nil,
            kept: nil
        )
        #expect(found.name.count <= 254)
        #expect(!found.name.contains("\u{1B}"))
    }

    private func find(_ environment: [String: String], _ host: HostFixture, kept: String?) async -> String {
        let source = ConfigurationSource(path: nil, environment: environment, commandLine: [])
        return await NodeName.find(source.load().configuration, host.host, kept: kept, curl: CurlLoop()).name
    }

    @Test("S4 CUSTOS_NODE, else NODE_NAME, else the host's own file, else the engine's name")
    func found() async throws {
        let host = try HostFixture()
        let stub = try EngineStub()
        let off = ["CUSTOS_DOCKER": "off"]
        let both = off.merging(["CUSTOS_NODE": "a", "NODE_NAME": "b"]) { $1 }
        #expect(await find(both, host, kept: "d") == "a")
        #expect(await find(off.merging(["NODE_NAME": "b"]) { $1 }, host, kept: "d") == "b")
        try host.write("root/etc/hostname", "edge-9\n")
        #expect(await find(off, host, kept: "d") == "edge-9")
        try host.remove("root/etc/hostname")
        #expect(await find(["DOCKER_HOST": "unix://\(stub.socketPath)"], host, kept: "d") == "engine-host")
        #expect(await find(off, host, kept: "d") == "d")
        #expect(await find(off, host, kept: nil) == "unknown")
    }

    @Test("S4 an unknown name is said so at every start, and never kept as if it were one")
    func unknownIsNotKept() async throws {
        let host = try HostFixture()
        try host.remove("root/etc/hostname")
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let bench = try await PartsBench(
                "node: off\njournal: {path: \(folder.file("journal.db"))}\n",
                host: host,
                folder: folder
            )
            #expect(bench.parts.node == "unknown")
            #expect(bench.parts.origin == .unknown)
            await bench.parts.journal.close()
        }
    }
}
