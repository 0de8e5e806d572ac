import Testing

@testable import Settings

@Suite struct ExplainerTests {
    private func explain(
        _ key: String,
        _ yaml: String = "",
        environment: [String: String] = [:],
        set: [String] = [],
        labels: [ContainerLabels] = [],
        files: [String: String] = [:]
    ) -> Explanation {
        let documents = yaml.isEmpty ? [] : [Document(name: "custos.yaml", bytes: Array(yaml.utf8))]
        let sources = Sources(documents: documents, environment: environment, commandLine: set, labels: labels)
        return Sample.catalogue.explain(key, sources, files: Sample.access(files)).explanation
    }

    private func setting(_ explanation: Explanation) throws -> ExplainedSetting {
        guard case .setting(let setting) = explanation else {
            Issue.record("not a setting: \(explanation)")
            throw Mismatch("a setting")
        }
        return setting
    }

    private func section(_ explanation: Explanation) throws -> ExplainedSection {
        guard case .section(let section) = explanation else {
            Issue.record("not a section: \(explanation)")
            throw Mismatch("a section")
        }
        return section
    }

    private func similar(_ key: String) -> [String]? {
        if case .unknown(let similar) = explain(key) { similar } else { nil }
    }

    @Test func `the strongest source has it, and every weaker one is named with its value, strongest first`() throws {
        let yaml = "defaults: {timeout: 1m}\ndisk:\n  timeout: 2m"
        let environment = ["CUSTOS_DISK__TIMEOUT": "3m"]
        let value = try #require(
            try setting(explain("disk.timeout", yaml, environment: environment, set: ["disk.timeout=4m"])).value
        )
        #expect(value.shown == "4m")
        #expect(value.origin.description == "--set disk.timeout")
        #expect(
            value.shadows.map { "\($0.shown) \($0.origin)" } == [
                "3m CUSTOS_DISK__TIMEOUT", "2m custos.yaml:3:3", "1m custos.yaml:1:12",
            ]
        )
        let untouched = try setting(explain("disk.timeout"))
        #expect(untouched.value?.origin == .byDefault)
        #expect(untouched.value?.shadows == [])
    }

    @Test(
        arguments: [
            "webhook.ops.token", "CUSTOS_WEBHOOK__OPS__TOKEN", "webhook.ops.token_file",
            "CUSTOS_WEBHOOK__OPS__TOKEN_FILE",
        ]
    )
    func `every spelling of a key finds the same setting, and a secret is never shown`(key: String) throws {
        let yaml = "webhook: {ops: {url: 'http://a', token: hunter2}}"
        let found = explain(
            key,
            yaml,
            environment: ["CUSTOS_WEBHOOK__OPS__TOKEN_FILE": "/run/token"],
            files: ["/run/token": "hunter3\n"]
        )
        let token = try setting(found)
        #expect(token.path == "webhook.ops.token")
        #expect(token.value?.shown == "<redacted>")
        #expect(token.value?.origin.description == "CUSTOS_WEBHOOK__OPS__TOKEN_FILE")
        #expect(token.value?.shadows.map(\.shown) == ["<redacted>"])
        #expect(token.fileSpellings?.variable == "CUSTOS_WEBHOOK__OPS__TOKEN_FILE")
        #expect(token.fileSpellings?.path == "webhook.ops.token_file")
        #expect(!"\(found)".contains("hunter"))
    }

    @Test func `another program's variable and a container's label are keys too`() throws {
        let node = try setting(explain("NODE_NAME", environment: ["NODE_NAME": "edge-7"]))
        #expect(node.path == "node")
        #expect(node.variable == "CUSTOS_NODE")
        #expect(node.value?.shown == "edge-7")
        #expect(node.value?.origin.description == "NODE_NAME")
        let restarts = try setting(explain("custos.docker.restarts.warning"))
        #expect(restarts.path == "docker.restarts.warning")
        #expect(restarts.label == "custos.docker.restarts.warning")
        #expect(try setting(explain("docker.host")).label == nil)
        guard case .label(let label) = explain("custos.ignore") else { throw Mismatch("a label") }
        #expect(label.key == "ignore")
    }

    @Test func `it says what a value may be: type, bounds, unit, choices, default`() throws {
        let attempts = try setting(explain("http.a.retry.attempts", "http: {a: {url: 'http://a'}}")).shape
        #expect(attempts.typeName == "integer")
        #expect(attempts.expectation == "a whole number, from 1 to 10")
        #expect(attempts.unit == nil)
        #expect(attempts.defaultShown == "3")
        #expect(try setting(explain("disk.critical")).shape.unit == "%")
        #expect(try setting(explain("disk.free")).shape.unit?.hasPrefix("bytes") == true)
        #expect(try setting(explain("disk.every")).shape.unit == "ms, s, m, h, d or w")
        #expect(try setting(explain("http.method")).shape.choices == ["get", "head", "post-form"])
    }

    @Test func `a name that nobody configured has its documentation, no value, and the names there are`() throws {
        let yaml = "http: {web-1: {url: 'http://a'}, db: {url: 'http://b'}}"
        let missing = try setting(explain("http.nobody.timeout", yaml))
        #expect(missing.value == nil)
        #expect(missing.instances == ["db", "web-1"])
        #expect(missing.shape.summary == "How long one look may take.")
        // An underscore is a dash: the environment cannot spell one.
        let present = try setting(explain("CUSTOS_HTTP__WEB_1__TIMEOUT", yaml))
        #expect(present.path == "http.web-1.timeout")
        #expect(present.value?.shown == "10s")
        #expect(try setting(explain("webhook.token")).value == nil)
    }

    @Test func `what holds for all instances has its own value and origin`() throws {
        let yaml = "defaults: {timeout: 1m}\nhttp: {timeout: 2m, a: {url: 'http://a', timeout: 3m}}"
        for key in ["http.timeout", "http.defaults.timeout"] {
            let value = try setting(explain(key, yaml)).value
            #expect(value?.shown == "2m")
            #expect(value?.shadows.map(\.shown) == ["1m"])
        }
        #expect(try setting(explain("http.defaults.method")).value?.shown == "get")
        let listed = try section(explain("http.defaults", yaml))
        #expect(listed.settings.first { $0.path == "http.defaults.timeout" }?.shown == "2m")
        #expect(listed.isConfigured)
    }

    @Test func `what a source says wrong about the key is told with it, and about no other`() throws {
        let yaml = "http: {a: {url: 'http://a', retry: {attempts: 99}}}\ndisk: {warning: x}"
        let environment = ["CUSTOS_HTTP__A__RETRY__ATTEMPTS": "soon"]
        let attempts = try setting(explain("http.a.retry.attempts", yaml, environment: environment))
        #expect(attempts.value?.origin == .byDefault)
        #expect(attempts.problems.map(\.origin.description) == ["custos.yaml:1:37", "CUSTOS_HTTP__A__RETRY__ATTEMPTS"])
        #expect(try setting(explain("http.a.retry.wait", yaml, environment: environment)).problems == [])
    }

    @Test func `a section, an instance or a group lists what stands below it`() throws {
        let yaml = "http: {a: {url: 'http://a'}}\ndocker: {restarts: {warning: 4}}"
        let group = try section(explain("docker.restarts", yaml))
        #expect(
            group.settings.map { "\($0.path)=\($0.shown)" } == [
                "docker.restarts.warning=4", "docker.restarts.critical=10",
            ]
        )
        #expect(try section(explain("CUSTOS_DOCKER", yaml)).settings.contains { $0.path == "docker.every" })
        let instance = try section(explain("http.a", yaml))
        #expect(instance.settings.allSatisfy { $0.path.hasPrefix("http.a.") })
        #expect(instance.isConfigured)
        let begin = try section(explain("http.b.retry", yaml))
        #expect(begin.settings.map(\.path) == ["http.b.retry.attempts", "http.b.retry.wait"])
        #expect(!begin.isConfigured)
    }

    @Test(
        arguments: [
            ("disk.warnning", "disk.warning"), ("CUSTOS_DISK_WARNING", "CUSTOS_DISK__WARNING"),
            ("CUSTOS_DISK__WARNNING", "CUSTOS_DISK__WARNING"),
            ("custos.docker.restart.warning", "custos.docker.restarts.warning"),
            ("attempts", "smart.attempts"), ("webhook.ops.tokn", "webhook.ops.token"), ("dsik", "disk"),
            ("disk.", "disk"),
        ]
    )
    func `S32 an unknown key has the nearest one, in the spelling asked for`(key: String, nearest: String) {
        #expect(similar(key)?.first == nearest)
    }

    @Test(arguments: ["", ".", "..", "CUSTOS_", "custos.", "no.such.thing.at.all", "disk.Ignore!\u{1B}[2J", "🐳"])
    func `whatever is asked for is a key or not, and harms nobody`(key: String) {
        #expect(similar(key) != nil)
    }
}
