import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Template")
struct TemplateTests {
    private static func text(_ template: Template, _ event: Event) -> String {
        String(decoding: template.payload([Samples.queued(event)]).body, as: UTF8.self)
    }

    @Test("what a container says cannot leave its JSON string")
    func escaping() throws {
        let template = try Template(
            #"{"text": "{{summary}}", "target": "{{ target }}", "log": "{{annotations.huge}}"}"#
        )
        var event = try Samples.hostile()
        event.summary = #"", "admin": true, "x": "\"#
        event.annotations = [:]
        let json = try JSON(parsing: Self.text(template, event).utf8)
        #expect(json["text"]?.stringValue == event.summary)
        #expect(json["target"]?.stringValue == event.target)
        #expect(json["log"] == "")
        #expect(json["admin"] == nil)
    }

    @Test("every documented field can be used, and is not put in twice", arguments: Template.fields)
    func fields(name: String) throws {
        let event = try Samples.alert()
        let result = Self.text(try Template("<{{\(name)}}>", contentType: "text/plain"), event)
        #expect(result.hasPrefix("<") && result.hasSuffix(">"))
        let empty: Set = ["value", "ends_at"]
        #expect((result == "<>") == empty.contains(name))
    }

    @Test("a placeholder within a value stays text")
    func noRecursion() throws {
        var event = try Samples.alert()
        event.summary = "{{node}}"
        #expect(Self.text(try Template("{{summary}}", contentType: "text/plain"), event) == "{{node}}")
    }

    @Test("labels and annotations are named with a dot")
    func labels() throws {
        let template = try Template(
            "{{labels.image}} {{annotations.failing_streak}} {{labels.none}}.",
            contentType: "text/plain"
        )
        #expect(Self.text(template, try Samples.alert()) == "grafana/grafana:11.2.0 3 .")
    }

    @Test("a value that is no number is null in JSON, and the whole event is JSON")
    func json() throws {
        let template = try Template(#"{"value": {{value}}, "event": {{json}}}"#)
        let json = try JSON(parsing: Self.text(template, Samples.alert()).utf8)
        #expect(json["value"] == .null)
        #expect(json["event"]?["target"] == "grafana")
    }

    @Test("a form's values are percent-encoded")
    func form() throws {
        var event = try Samples.alert()
        event.summary = "a&b=c +é"
        let template = try Template("text={{summary}}", contentType: "application/x-www-form-urlencoded; charset=utf-8")
        #expect(Self.text(template, event) == "text=a%26b%3Dc%20%2B%C3%A9")
    }

    @Test("an unknown field is a problem that names the nearest one")
    func unknown() {
        #expect(throws: Template.Problem.unknown(field: "sumary", nearest: "summary")) {
            try Template(#""{{sumary}}""#)
        }
        #expect(throws: Template.Problem.unknown(field: "labels.", nearest: nil)) { try Template(#""{{labels.}}""#) }
    }

    @Test("an open placeholder and a body that is not JSON are problems")
    func broken() {
        #expect(throws: Template.Problem.unclosed) { try Template(#"{"a": "{{node"}"#) }
        #expect(throws: Template.Problem.notJSON) { try Template("{{summary}}") }
        #expect(throws: Template.Problem.notJSON) { try Template(#"{"a": {{summary}}}"#) }
    }
}
