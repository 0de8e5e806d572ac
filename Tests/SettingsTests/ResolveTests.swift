import Basics
import Settings
import Testing

/// One path, four spellings: the same tree from YAML, the environment and the command line.
@Suite struct ResolveTests {
    @Test(
        "one path has the same value in YAML, environment and --set",
        arguments: [
            ("disk: {warning: 85%}", "CUSTOS_DISK__WARNING", "disk.warning", "85%"),
            ("disk: {critical: off}", "CUSTOS_DISK__CRITICAL", "disk.critical", "off"),
            ("disk: {ignore: [/boot*, /mnt]}", "CUSTOS_DISK__IGNORE", "disk.ignore", "/boot*,/mnt"),
            ("disk: {every: 10m}", "CUSTOS_DISK__EVERY", "disk.every", "10m"),
            ("http: {grafana: {url: 'http://a'}}", "CUSTOS_HTTP__GRAFANA__URL", "http.grafana.url", "http://a"),
            (
                "http: {g: {url: 'http://a', retry: {attempts: 5}}}", "CUSTOS_HTTP__G__RETRY__ATTEMPTS",
                "http.g.retry.attempts", "5"
            ),
            ("webhook: {url: 'http://a'}", "CUSTOS_WEBHOOK__URL", "webhook.url", "http://a"),
            ("webhook: {ops: {token: t}}", "CUSTOS_WEBHOOK__OPS__TOKEN", "webhook.ops.token", "t"),
            ("webhook: {labels: {a: '1', b: '2'}}", "CUSTOS_WEBHOOK__LABELS", "webhook.labels", "a=1,b=2"),
            ("node: edge-7", "CUSTOS_NODE", "node", "edge-7"),
            (
                "http: {defaults: {every: 2m}, g: {url: 'http://a'}}", "CUSTOS_HTTP__DEFAULTS__EVERY",
                "http.defaults.every", "2m"
            ),
            ("defaults: {every: 2m}", "CUSTOS_DEFAULTS__EVERY", "defaults.every", "2m"),
            ("disk: off", "CUSTOS_DISK", "disk", "off"),
        ]
    )
    func spellings(_ yaml: String, _ variable: String, _ path: String, _ text: String) {
        // What the YAML names besides is given to the others too.
        let url = yaml.contains("g: {url") ? ["http.g.url=http://a"] : []
        let file = Sample.resolve(yaml)
        let environment = Sample.resolve(environment: [variable: text], set: url)
        let commandLine = Sample.resolve(set: url + ["\(path)=\(text)"])
        for outcome in [file, environment, commandLine] {
            #expect(outcome.problems.lines == [])
        }
        let values = file.resolution.effective.map { "\($0.path)=\($0.shown)" }
        #expect(environment.resolution.effective.map { "\($0.path)=\($0.shown)" } == values)
        #expect(commandLine.resolution.effective.map { "\($0.path)=\($0.shown)" } == values)
        #expect(values != Sample.resolve().resolution.effective.map { "\($0.path)=\($0.shown)" })
        #expect(fingerprints(file.resolution) == fingerprints(environment.resolution))
        #expect(fingerprints(file.resolution) == fingerprints(commandLine.resolution))
    }

    private func fingerprints(_ resolution: Resolution) -> [String] {
        resolution.instances(of: Sample.disk).map(\.fingerprint)
            + resolution.instances(of: Sample.http).map(\.fingerprint)
            + resolution.instances(of: Sample.webhook).map(\.fingerprint)
    }

    @Test func `without any source all defaults hold and nothing is wrong`() {
        let (resolution, problems) = Sample.resolve()
        #expect(problems.isEmpty)
        #expect(resolution.instances(of: Sample.disk).map(\.id) == ["disk"])
        #expect(resolution.instances(of: Sample.disk).first?.settings.warning == 90)
        #expect(resolution.instances(of: Sample.disk).first?.isEnabled == true)
        #expect(resolution.instances(of: Sample.smart).first?.isEnabled == false)
        #expect(resolution.instances(of: Sample.http).isEmpty)
        #expect(resolution.instances(of: Sample.webhook).isEmpty)
        #expect(resolution.value(of: Sample.journal).path == "/var/lib/custos/journal.db")
        #expect(resolution.value(of: Sample.journal).listen == HostPort("127.0.0.1", 9797))
    }

    @Test func `scalars keep their text`() {
        let (resolution, problems) = Sample.resolve("node: 0644\ndisk: {every: 10m, free: 1_0}")
        #expect(resolution.value(of: Sample.root).node == "0644")
        #expect(problems.lines == ["custos.yaml:2:20: disk.free: expected \(ByteCount.expectation), found `1_0`"])
    }

    @Test func `an environment variable creates an instance, and a dash equals an underscore`() {
        let (resolution, problems) = Sample.resolve(
            "http: {my-app: {url: 'http://a'}}",
            environment: ["CUSTOS_HTTP__MY_APP__METHOD": "head", "CUSTOS_HTTP__OTHER__URL": "http://b"]
        )
        #expect(problems.isEmpty)
        let instances = resolution.instances(of: Sample.http)
        #expect(instances.map(\.id) == ["http.my-app", "http.other"])
        #expect(instances.map(\.settings.method) == [.head, .get])
    }

    @Test func `the unnamed and the named instance stand side by side`() {
        let (resolution, problems) = Sample.resolve(
            "webhook: {url: 'http://a', ops: {url: 'http://b'}, defaults: {severity: critical}}"
        )
        #expect(problems.isEmpty)
        let instances = resolution.instances(of: Sample.webhook)
        #expect(instances.map(\.name) == [nil, "ops"])
        #expect(instances.map(\.settings.url?.text) == ["http://a", "http://b"])
        #expect(instances.map(\.settings.severity) == [.critical, .critical])
    }

    @Test func `the kind's switch turns all off, an instance's own only itself`() {
        let yaml = "http: {a: {url: 'http://a', enabled: no}, b: {url: 'http://b'}, c: off}"
        let (resolution, problems) = Sample.resolve(yaml)
        // What is switched off may lack what it would need.
        #expect(problems.isEmpty)
        #expect(resolution.instances(of: Sample.http).map(\.isEnabled) == [false, true, false])
        let off = Sample.resolve("http: {b: {url: 'http://b'}}", environment: ["CUSTOS_HTTP": "off"]).resolution
        #expect(off.instances(of: Sample.http).map(\.isEnabled) == [false])
        #expect(Sample.resolve(set: ["disk=off"]).resolution.instances(of: Sample.disk).first?.isEnabled == false)
        #expect(Sample.resolve("smart: on").resolution.instances(of: Sample.smart).first?.isEnabled == true)
        #expect(Sample.resolve("smart: {attempts: 2}").resolution.instances(of: Sample.smart).first?.isEnabled == true)
    }

    @Test func `a kind that may have names and none is switched on without one`() {
        let on = Sample.resolve(environment: ["CUSTOS_WEBHOOK": "on"]).resolution
        #expect(on.instances(of: Sample.webhook).map(\.isEnabled) == [true])
        let named = Sample.resolve("webhook: {ops: {token: t}}", environment: ["CUSTOS_WEBHOOK": "on"]).resolution
        #expect(named.instances(of: Sample.webhook).map(\.name) == ["ops"])
        #expect(Sample.resolve("webhook: off").resolution.instances(of: Sample.webhook).isEmpty)
    }

    @Test func `defaults feed the shared settings of every check, and a kind's own default is weaker`() {
        let before = Sample.resolve().resolution
        #expect(before.instances(of: Sample.smart).first?.common.every == .seconds(1800))
        let after = Sample.resolve("defaults: {every: 5m}").resolution
        #expect(after.instances(of: Sample.disk).first?.common.every == .seconds(300))
        #expect(after.instances(of: Sample.smart).first?.common.every == .seconds(300))
        let own = Sample.resolve("defaults: {every: 5m}\ndisk: {every: 7m}").resolution
        #expect(own.instances(of: Sample.disk).first?.common.every == .seconds(420))
    }

    @Test func `a required key that is missing switches the instance off and is told`() {
        let (resolution, problems) = Sample.resolve("http:\n  grafana:\n    every: 1m\n")
        #expect(problems.lines == ["custos.yaml:2:3: http.grafana.url: `url` must be set"])
        #expect(resolution.instances(of: Sample.http).map(\.isEnabled) == [false])
    }

    @Test func `values that do not go together fall back to the weaker one`() {
        let (resolution, problems) = Sample.resolve(
            "disk: {warning: 80}",
            environment: ["CUSTOS_DISK__WARNING": "97"]
        )
        #expect(problems.lines == ["CUSTOS_DISK__WARNING: must not exceed `critical`"])
        #expect(resolution.instances(of: Sample.disk).first?.settings.warning == 80)
        #expect(resolution.instances(of: Sample.disk).first?.isEnabled == true)
    }

    @Test func `several files merge in order, the later one wins`() {
        let documents = [
            Document(name: "a.yaml", bytes: Array("disk: {warning: 70, critical: 80}".utf8)),
            Document(name: "b.yaml", bytes: Array("disk: {warning: 75}".utf8)),
        ]
        let (resolution, problems) = Sample.catalogue.resolve(Sources(documents: documents))
        #expect(problems.isEmpty)
        let disk = resolution.instances(of: Sample.disk).first?.settings
        #expect(disk?.warning == 75)
        #expect(disk?.critical == 80)
    }

    @Test func `a fingerprint follows the effective values alone`() throws {
        func fingerprint(_ yaml: String, _ files: [String: String] = [:]) throws -> String {
            try #require(Sample.resolve(yaml, files: files).resolution.instances(of: Sample.webhook).first).fingerprint
        }
        let first = try fingerprint("webhook: {token: hunter2}")
        #expect(try fingerprint("webhook: {token: 'hunter2', severity: info}") == first)
        #expect(try fingerprint("webhook: {token_file: /t}", ["/t": "hunter2\n"]) == first)
        #expect(try fingerprint("webhook: {token: hunter3}") != first)
        #expect(try fingerprint("webhook: {token: hunter2, enabled: false}") != first)
        #expect(!first.contains("hunter"))
    }
}
