import Alerting
import Basics
import Settings
import Testing

@testable import Sinks

@Suite("Sink catalogue")
struct SinkCatalogueTests {
    @Test("kinds are sorted and unique; each has its section")
    func sorted() {
        let kinds = SinkCatalogue.all.map { $0.kind }
        #expect(kinds == Set(kinds).sorted())
        #expect(SinkCatalogue.sections.map(\.key) == kinds + ["heartbeat"])
    }

    @Test("stdout runs by itself, a webhook only when configured")
    func defaults() {
        #expect(SinkCatalogue.section(StdoutSink.self).enabledByDefault)
        #expect(!SinkCatalogue.section(WebhookSink.self).enabledByDefault)
    }

    @Test("S6 S10 the common settings become the route")
    func route() throws {
        var settings = SinkSettings()
        settings.minSeverity = .critical
        settings.match = ["target": try #require(Glob("web-*"))]
        settings.sendResolved = false
        settings.lifecycle = false
        let route = settings.route(to: "webhook.ops")
        #expect(route.sink == "webhook.ops" && route.minSeverity == .critical)
        #expect(route.matchers == ["target": "web-*"])
        #expect(!route.sendResolved && !route.lifecycle)
        #expect(SinkSettings().route(to: "stdout").lifecycle)
    }
}
