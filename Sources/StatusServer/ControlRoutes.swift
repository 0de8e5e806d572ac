import Basics
import Hummingbird
import NIOCore

/// Which request of the other commands gets which answer.
enum ControlRoutes {
    static func responder(_ source: ControlSource) -> RouterResponder<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.get("/v1/health") { _, _ in
            let (isHealthy, reason) = await source.health()
            return json(["healthy": .bool(isHealthy), "reason": .string(reason)])
        }
        router.get("/v1/alerts") { _, _ in json(await source.alerts()) }
        router.get("/v1/report") { _, _ in json(await source.report()) }
        router.get("/v1/events") { request, _ in
            let query = request.uri.queryParameters
            let limit = query["limit"].flatMap { Int($0) } ?? 50
            let after = query["after"].map { String($0) }.flatMap { $0.isEmpty ? nil : $0 }
            let events = await source.events(min(max(limit, 1), 10000), after)
            guard query["lines"] == nil else { return text(events.map { $0.text + "\n" }.joined()) }
            return json(["events": .array(events)])
        }
        router.get("/v1/silences") { _, _ in json(await source.silences()) }
        router.post("/v1/silences") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 16)
            do throws(ControlRefusal) {
                return json(try await source.addSilence(Array(body.readableBytesView)))
            } catch {
                throw HTTPError(.badRequest, message: error.because)
            }
        }
        router.delete("/v1/silences/{id}") { _, context in
            guard await source.expireSilence(try context.parameters.require("id")) else {
                throw HTTPError(.notFound, message: "no silence of this id is in force")
            }
            return json(.object([]))
        }
        router.post("/v1/sinks/test") { _, _ in json(await source.testSinks(nil) ?? .null) }
        router.post("/v1/sinks/test/{name}") { _, context in
            guard let answer = await source.testSinks(try context.parameters.require("name")) else {
                throw HTTPError(.notFound, message: "no sink of this name is configured")
            }
            return json(answer)
        }
        router.post("/v1/sinks/retry/{name}") { _, context in
            guard let queued = await source.retrySink(try context.parameters.require("name")) else {
                throw HTTPError(.notFound, message: "no sink of this name is configured")
            }
            return json(["queued": .integer(Int64(queued))])
        }
        return router.buildResponder()
    }

    private static func json(_ value: JSON) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.utf8))
        )
    }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
