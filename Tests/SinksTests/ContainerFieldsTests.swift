import Alerting
import Testing

@testable import Sinks

@Suite("Container fields")
struct ContainerFieldsTests {
    @Test(
        "an image's reference is taken apart at its tag, not at a registry's port or a digest",
        arguments: [
            ("nginx", "nginx", nil), ("nginx:1.27", "nginx", "1.27"),
            ("grafana/grafana:11.2.0", "grafana/grafana", "11.2.0"),
            ("registry:5000/web", "registry:5000/web", nil), ("registry:5000/web:a", "registry:5000/web", "a"),
            ("web:a@sha256:0123", "web", "a"), ("web@sha256:0123", "web", nil),
        ] as [(String, String, String?)]
    )
    func image(reference: String, name: String, tag: String?) throws {
        var event = try Samples.alert()
        event.labels = ["image": reference]
        let fields = try #require(ContainerFields(event))
        #expect(fields.image == name)
        #expect(fields.tag == tag)
    }

    @Test("only what comes from the engine is about a container")
    func others() throws {
        var event = try Samples.number()
        event.labels = ["container": "x", "image": "y"]
        #expect(ContainerFields(event) == nil)
        event = try Samples.alert()
        event.labels = [:]
        #expect(ContainerFields(event) == nil)
    }
}
