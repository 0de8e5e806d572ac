import Alerting
import Basics
import Checks
import Settings
import TestSupport
import Testing

@testable import Daemon

@Suite struct RuntimeTests {
    private let receiver: HTTPReceiver

    init() throws {
        receiver = try HTTPReceiver()
    }

    private func yaml(_ more: String = "") -> String { "webhook: {url: '\(receiver.url())'}\n\(more)" }

    @Test("S32 a refused reload is told, shown in the metrics, and changes nothing")
    func refused() async throws {
        let bench = try await PartsBench(yaml("filefd: {every: 1m}\n"))
        await bench.parts.runtime.start()
        try bench.rewrite(yaml("filefd: {every: soon}\nneigh: off\n"))
        await bench.parts.reloader.reload()
        let event = try await receiver.event("reload_refused")
        #expect(event["kind"]?.stringValue == "lifecycle")
        #expect(event["severity"]?.stringValue == "warning")
        #expect(event["annotations"]?["problem_1"]?.stringValue?.contains("filefd.every") == true)
        let page = await bench.parts.metrics.text()
        #expect(page.contains("\ncustos_config_last_reload_successful 0\n"))
        #expect(page.contains("custos_check_success{check=\"neigh\"}"))
        #expect(bench.log.text.contains { $0.hasPrefix("error configuration refused") })
        await bench.parts.pool.drain(within: .seconds(1))
    }

    @Test("a good reload is told; what is removed is no longer watched; what needs a start is named in the log")
    func accepted() async throws {
        let bench = try await PartsBench(yaml())
        await bench.parts.runtime.start()
        await bench.parts.keeper.firstPassDone()
        try bench.rewrite(yaml("neigh: off\nnode: edge-8\nheartbeat: {url: '\(receiver.url("/ping"))'}\n"))
        await bench.parts.reloader.reload()
        #expect(try await receiver.event("reloaded")["node"]?.stringValue == "edge-7")
        let page = await bench.parts.metrics.text()
        #expect(page.contains("\ncustos_config_last_reload_successful 1\n"))
        #expect(!page.contains("check=\"neigh\""))
        #expect(page.contains("check=\"filefd\""))
        let fixed = bench.log.text.filter { $0.contains("takes effect at the next start") }
        #expect(fixed.map { $0.split(separator: "=").last } == ["node", "heartbeat"])
        await bench.parts.pool.drain(within: .seconds(1))
    }

    @Test("only sinks whose settings changed are made anew")
    func sinks() async throws {
        let bench = await TellingBench()
        let (kept, changed, removed) = (RecordingSink("a"), RecordingSink("b"), RecordingSink("c"))
        let before = await bench.pool.apply([kept.instance(), changed.instance(), removed.instance()])
        let after = await bench.pool.apply([kept.instance(), changed.instance(fingerprint: "2")])
        #expect(after.keys.sorted() == ["a", "b"])
        #expect(after["a"] === before["a"])
        #expect(after["b"] !== before["b"])
        #expect(await bench.pool.sinks.map(\.id) == ["a", "b"])
        #expect(await bench.pool.sink("c") == nil)
        #expect(await bench.pool.streams().map { $0.split(separator: "/").last } == ["a", "b"])
        await bench.pool.drain(within: .seconds(1))
    }
}
