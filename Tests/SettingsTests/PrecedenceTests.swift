import Basics
import Settings
import Testing

@Suite struct PrecedenceTests {
    @Test func `the command line outranks the environment, that the files, those the defaults`() {
        func warning(_ yaml: String, _ environment: [String: String], _ set: [String]) -> Percent? {
            Sample.resolve(yaml, environment: environment, set: set).resolution.instances(of: Sample.disk).first?
                .settings.warning
        }
        let yaml = "disk: {warning: 70}"
        let environment = ["CUSTOS_DISK__WARNING": "71"]
        #expect(warning("", [:], []) == 90)
        #expect(warning(yaml, [:], []) == 70)
        #expect(warning(yaml, environment, []) == 71)
        #expect(warning(yaml, environment, ["disk.warning=72"]) == 72)
        #expect(warning(yaml, environment, ["disk.warning=72", "disk.warning=73"]) == 73)
    }

    @Test func `what was set for the instance outranks the kind, and that the section defaults`() {
        func every(_ yaml: String) -> Duration? {
            Sample.resolve(yaml).resolution.instances(of: Sample.http).first?.common.every
        }
        #expect(every("http: {a: {url: 'http://a'}}") == .seconds(30))
        #expect(every("defaults: {every: 1m}\nhttp: {a: {url: 'http://a'}}") == .seconds(60))
        #expect(every("defaults: {every: 1m}\nhttp: {every: 2m, a: {url: 'http://a'}}") == .seconds(120))
        #expect(every("defaults: {every: 1m}\nhttp: {every: 2m, a: {url: 'http://a', every: 3m}}") == .seconds(180))
        #expect(every("http: {defaults: {every: 2m}, a: {url: 'http://a'}}") == .seconds(120))
    }

    @Test func `an unprefixed name is weaker than ours and stronger than a file`() {
        func node(_ yaml: String, _ environment: [String: String]) -> String? {
            let (resolution, problems) = Sample.resolve(yaml, environment: environment)
            #expect(problems.isEmpty)
            return resolution.value(of: Sample.root).node
        }
        #expect(node("", ["NODE_NAME": "a"]) == "a")
        #expect(node("node: file", ["NODE_NAME": "a"]) == "a")
        #expect(node("node: file", ["NODE_NAME": "a", "CUSTOS_NODE": "b"]) == "b")
        #expect(node("node: file", ["NODE_NAME": ""]) == "file")
    }

    @Test func `every key tells who won and what it shadows`() {
        let (resolution, _) = Sample.resolve(
            "defaults: {every: 1m}\ndisk:\n  every: 2m\nwebhook: {token: hunter2}",
            environment: ["CUSTOS_DISK__EVERY": "3m", "CUSTOS_WEBHOOK__TOKEN": "hunter3"]
        )
        let every = resolution.effective.first { $0.path == "disk.every" }
        #expect(every?.shown == "3m")
        #expect(every?.origin.description == "CUSTOS_DISK__EVERY")
        #expect(every?.shadows.map { "\($0.shown) \($0.origin)" } == ["2m custos.yaml:3:3", "1m custos.yaml:1:12"])
        #expect(resolution.effective.first { $0.path == "disk.warning" }?.origin == .byDefault)
        let token = resolution.effective.first { $0.path == "webhook.token" }
        #expect(token?.shown == "<redacted>")
        #expect(token?.shadows.map(\.shown) == ["<redacted>"])
        #expect(Set(resolution.effective.map(\.path)).count == resolution.effective.count)
    }
}
