import Basics

@testable import Curl
@testable import DockerEngine

extension Parser {
    static let engine = [
        Parser("APIVersion", of: "DockerEngine/APIVersion.swift") { bytes in
            guard let version = APIVersion(String(decoding: bytes.array, as: UTF8.self)) else { return false }
            _ = try? APIVersion.agreed(newest: version, oldest: version)
            return true
        },
        Parser(
            "ContainerInspect",
            of: "DockerEngine/ContainerInspect+decoding.swift",
            "DockerEngine/ContainerState.swift",
            fixtures: ["engine/*/GET_containers_*_json.json"]
        ) { bytes in
            let container: ContainerInspect = try json(bytes)
            return container.startedAt?.description != nil
        },
        Parser(
            "ContainerSummary",
            of: "DockerEngine/ContainerSummary.swift",
            "DockerEngine/EngineJSON.swift",
            fixtures: ["engine/*/GET_containers_json.json"]
        ) { bytes in
            let containers: [ContainerSummary] = try json(bytes)
            for container in containers { _ = (container.name, container.exitCode, container.created.description) }
            return !containers.isEmpty
        },
        Parser(
            "EngineEvent",
            of: "DockerEngine/EngineEvent.swift",
            "DockerEngine/LineSplitter.swift"
        ) { bytes in
            // The engine's lines have up to 500 bytes: two of them, and one that is too long.
            var splitter = LineSplitter(limit: 768)
            var count = 0
            bytes.extracting(first: 1024).pieces { piece in
                for case .line(let line) in splitter.split(piece.array) {
                    guard let event = try? EngineJSON.decode(EventLine.self, from: line).event else { continue }
                    _ = (event.exitCode, event.signal, event.time.description)
                    count += 1
                }
            }
            return count > 0
        },
        Parser("EngineIdentity", of: "DockerEngine/EngineIdentity.swift", fixtures: ["engine/*/GET_version.json"]) {
            let identity: EngineIdentity = try json($0)
            return APIVersion(identity.newestAPI) != nil
        },
        Parser("EngineInfo", of: "DockerEngine/EngineIdentity.swift", fixtures: ["engine/*/GET_info.json"]) { bytes in
            let info: EngineInfo = try json(bytes)
            return info.id != nil
        },
        Parser("EngineRefusal", of: "DockerEngine/EngineWire.swift") { bytes in
            EngineWire.message(in: bytes.array).count > 0
        },
        Parser("LogFrames", of: "DockerEngine/LogFrames.swift", "DockerEngine/LogTail.swift") { bytes in
            let bytes = bytes.array
            var shown = ""
            for isTTY in [nil, true, false] {
                if case .lines(let text) = LogTail(bytes, isTTY: isTTY, lines: 50) { shown = text }
            }
            return !shown.isEmpty && shown.utf8.count <= 4096
        },
        Parser("HTTPHeaders", of: "Curl/HTTPHeaders.swift") { bytes in
            var headers = HTTPHeaders()
            for line in bytes.array.split(separator: UInt8(ascii: "\n")) { headers.append(line: line) }
            return headers["content-type"] != nil
        },
    ]

    /// As a request decodes its answer; what does not fit is put into words.
    private static func json<Value: Decodable>(_ bytes: RawSpan) throws -> Value {
        do {
            return try EngineJSON.decode(Value.self, from: bytes.array)
        } catch {
            _ = EngineWire.fault(error)
            throw error
        }
    }
}
