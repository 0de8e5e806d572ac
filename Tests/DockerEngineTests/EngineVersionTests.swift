import Basics
import Curl
import FoundationEssentials
import TestSupport
import Testing

@testable import DockerEngine

private let recorded = ["1.24", "1.41", "1.44", "1.52"]

/// What changes from one version of the API to another: numbers, members that are not there yet, members that are new.
@Suite(.timeLimit(.minutes(2)))
struct EngineVersionTests {
    private static func reply(_ version: String, _ name: String) throws -> [UInt8] {
        let api = try #require(APIVersion(version))
        return try #require(EngineStub.fixtures(of: api)[name])
    }

    /// The inspects of one version: of the container with a health check, and of the one that was killed for memory.
    private static func inspects(_ version: String) throws -> [JSONTree] {
        let api = try #require(APIVersion(version))
        let names = try EngineStub.fixtures(of: api)
            .filter { $0.key.hasSuffix("_json.json") && $0.key != "GET_containers_json.json" }
        let trees = try names.values.map { try JSONTree($0) }
        return try trees.filter { ["shop-web-1", "hog"].contains(try $0.read(as: ContainerInspect.self).name) }
    }

    @Test("every version from the oldest to the newest that is known is agreed on and read", arguments: 24...56)
    func everyVersion(minor: Int) async throws {
        let stub = try EngineStub("1.\(minor)")
        let client = try await EngineClient.connect(to: stub.address, over: CurlLoop())
        #expect(client.api == APIVersion(1, minor))
        #expect(APIVersion.known.contains(client.api))
        let list = try await client.containers()
        #expect(list.count == 6)
        #expect(list.first { $0.name == "shop-web-1" }?.health == .healthy)
        let hog = try await client.inspect(try #require(list.first { $0.name == "hog" }).id)
        #expect(hog.oomKilled)
        #expect(hog.exitCode == 137)
        var events = try await client.events().makeAsyncIterator()
        try await stub.streams()
        stub.replayEvents()
        #expect(try await events.next(isolation: nil) != nil)
        #expect(stub.requests.dropFirst().allSatisfy { $0.path.hasPrefix("/v1.\(minor)/") })
    }

    @Test("an engine that was replaced while it was away is agreed with anew")
    func replaced() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("docker.sock")
        let older = try EngineStub("1.41", at: path)
        let first = try await EngineClient.connect(to: .unix(path), over: CurlLoop())
        older.stop()
        let newer = try EngineStub("1.52", at: path)
        await #expect(throws: EngineError.self) { _ = try await first.containers() }
        let second = try await EngineClient.connect(to: newer.address, over: CurlLoop())
        #expect(second.api == APIVersion(1, 52))
        #expect(try await second.containers().count == 6)
        // Its end would take away the socket at its path, which is the newer one's.
        withExtendedLifetime(older) {}
    }

    @Test("what an engine does not tell of a container is no fault", arguments: recorded)
    func missingInInspect(_ version: String) throws {
        for whole in try Self.inspects(version) {
            let complete = try whole.read(as: ContainerInspect.self)
            for path in whole.paths {
                for change in [{ _ in nil }, { _ in JSONTree.null }] as [(JSONTree) -> JSONTree?] {
                    let less = whole.changing(path[...], change)
                    // A label has a value or is not there.
                    if path.dropLast().last == "Labels", change(.null) != nil { continue }
                    guard path != ["Id"], path != ["State"] else {
                        #expect(throws: DecodingError.self) { try less.read(as: ContainerInspect.self) }
                        continue
                    }
                    let container = try less.read(as: ContainerInspect.self)
                    #expect(container.id == complete.id, "\(path)")
                }
            }
        }
    }

    @Test("what an engine does not tell in its list is no fault", arguments: recorded)
    func missingInList(_ version: String) throws {
        let whole = try JSONTree(try Self.reply(version, "GET_containers_json.json"))
        let complete = try whole.read(as: [ContainerSummary].self)
        for path in whole.paths where path != ["Id"] {
            for change in [{ _ in nil }, { _ in JSONTree.null }] as [(JSONTree) -> JSONTree?] {
                if path.dropLast().last == "Labels", change(.null) != nil { continue }
                let list = try whole.changing(path[...], change).read(as: [ContainerSummary].self)
                #expect(list.map(\.id) == complete.map(\.id), "\(path)")
            }
        }
    }

    @Test("what a newer engine tells besides changes nothing", arguments: recorded)
    func future(_ version: String) throws {
        let list = try JSONTree(try Self.reply(version, "GET_containers_json.json"))
        // Labels are the owner's own names: there nothing is unknown.
        func trimmed(_ list: [ContainerSummary]) -> [ContainerSummary] {
            list.map { row in
                var row = row
                row.labels = row.labels.filter { !$0.key.hasPrefix("Future") }
                return row
            }
        }
        let futureList = list.fromTheFuture.changing(["Labels"]) { $0.texts }
        #expect(
            trimmed(try futureList.read(as: [ContainerSummary].self)) == (try list.read(as: [ContainerSummary].self))
        )
        for whole in try Self.inspects(version) {
            let future = whole.fromTheFuture.changing(["Config", "Labels"]) { $0.texts }
            var container = try future.read(as: ContainerInspect.self)
            container.labels = container.labels.filter { !$0.key.hasPrefix("Future") }
            #expect(container == (try whole.read(as: ContainerInspect.self)))
        }
        for line in try Self.reply(version, "events.ndjson").split(separator: UInt8(ascii: "\n")) {
            let whole = try JSONTree(Array(line))
            let future = whole.fromTheFuture.changing(["Actor", "Attributes"]) { $0.texts }
            var event = try #require(try future.read(as: EventLine.self).event)
            event.attributes = event.attributes.filter { !$0.key.hasPrefix("Future") }
            #expect(event == (try whole.read(as: EventLine.self).event))
        }
        let identity = try JSONTree(try Self.reply(version, "GET_version.json"))
        #expect(
            try identity.fromTheFuture.read(as: EngineIdentity.self) == (try identity.read(as: EngineIdentity.self))
        )
    }
}

extension JSONTree {
    /// An object without the members that are no text: labels are nothing else.
    fileprivate var texts: JSONTree {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { if case .text = $0.value { true } else { false } })
    }
}
