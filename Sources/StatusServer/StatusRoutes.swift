import Basics
import Exposition
import Hummingbird
import NIOCore

/// Which address shows what.
enum StatusRoutes {
    static func responder(_ source: StatusSource) -> RouterResponder<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        for path in ["livez", "healthz"] as [RouterPath] {
            router.get(path) { _, _ in verdict(await source.live()) }
        }
        router.get("readyz") { _, _ in verdict(await source.ready()) }
        router.get("metrics") { _, _ in answer(Array(await source.metrics().utf8), type: Exposition.contentType) }
        router.get("api/v1/report") { _, _ in answer(await source.report().utf8, type: "application/json") }
        router.get("api/v1/alerts") { _, _ in answer(await source.alerts().utf8, type: "application/json") }
        return router.buildResponder()
    }

    private static func verdict(_ verdict: StatusSource.Verdict) -> Response {
        let text = (verdict.isGood ? "ok" : "not ok") + (verdict.reason.isEmpty ? "" : ": \(verdict.reason.safe())")
        return answer(
            Array((text + "\n").utf8),
            type: "text/plain; charset=utf-8",
            status: verdict.isGood ? .ok : .serviceUnavailable
        )
    }

    private static func answer(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
