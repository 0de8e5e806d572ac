import Basics
import Settings
import Testing

@Suite struct LabelTests {
    private func http(_ yaml: String, environment: [String: String] = [:], set: [String] = []) -> String? {
        let labels = ContainerLabels(container: "web", labels: ["custos.http.url": "http://label"])
        let (resolution, problems) = Sample.resolve(yaml, environment: environment, set: set, labels: [labels])
        #expect(problems.isEmpty)
        return resolution.instances(of: Sample.http).first { $0.name == "web" }?.settings.url?.text
    }

    @Test func `S28 a label outranks kind-wide file and environment, not the instance's own nor the command line`() {
        #expect(http("") == "http://label")
        #expect(http("http: {defaults: {url: 'http://file'}}") == "http://label")
        #expect(http("", environment: ["CUSTOS_HTTP__DEFAULTS__URL": "http://env"]) == "http://label")
        #expect(http("", set: ["http.defaults.url=http://set"]) == "http://set")
        #expect(http("http: {web: {url: 'http://file'}}") == "http://file")
        #expect(http("", environment: ["CUSTOS_HTTP__WEB__URL": "http://env"]) == "http://env")
    }

    @Test func `S28 a label makes an instance named after the container, or with a name of its own`() {
        let labels = [
            ContainerLabels(container: "My.App", labels: ["custos.http.url": "http://a"]),
            ContainerLabels(
                container: "b",
                labels: ["custos.http.api.url": "http://b", "custos.http.api.retry.attempts": "2"]
            ),
        ]
        let (resolution, problems) = Sample.resolve(labels: labels)
        #expect(problems.isEmpty)
        #expect(resolution.instances(of: Sample.http).map(\.id) == ["http.api", "http.my-app"])
        #expect(resolution.instances(of: Sample.http).first?.settings.retry.attempts == 2)
    }

    @Test func `S28 a singleton's label holds for its container alone`() {
        let labels = ContainerLabels(container: "web", labels: ["custos.docker.restarts.critical": "20", "other": "x"])
        let (resolution, problems) = Sample.resolve("docker: {restarts: {critical: 12}}", labels: [labels])
        #expect(problems.isEmpty)
        #expect(resolution.instances(of: Sample.docker).first?.settings.restarts.critical == 12)
        let own = resolution.instance(of: Sample.docker, labels: labels)
        #expect(own.problems.isEmpty)
        #expect(own.instance?.settings.restarts.critical == 20)
        #expect(own.instance?.fingerprint != resolution.instances(of: Sample.docker).first?.fingerprint)
        let fixed = Sample.resolve(set: ["docker.restarts.critical=12"]).resolution
        #expect(fixed.instance(of: Sample.docker, labels: labels).instance?.settings.restarts.critical == 12)
    }

    @Test func `a label that does not fit the rest is dropped and told`() {
        let labels = ContainerLabels(container: "web", labels: ["custos.docker.restarts.critical": "2"])
        let own = Sample.resolve().resolution.instance(of: Sample.docker, labels: labels)
        #expect(own.instance?.settings.restarts.critical == 10)
        #expect(
            own.problems.lines
                == ["label custos.docker.restarts.critical on container web: must not be below `warning`"]
        )
    }

    @Test func `secrets, paths, files, switches and fields not marked cannot be set from a label`() {
        let labels = ContainerLabels(
            container: "web",
            labels: [
                "custos.http.url_file": "/etc/shadow", "custos.http.headers": "a=b", "custos.disk.warning": "1",
                "custos.http": "off", "custos.webhook.token": "hunter2", "custos.journal.path": "/x",
                "custos.docker.restarts.critcal": "5", "custos.ignore": "true", "custos.http.method": "hunt\u{1B}[31m",
            ]
        )
        let (resolution, problems) = Sample.resolve(labels: [labels])
        let remedy = "; set it in the file or the environment"
        #expect(
            problems.lines == [
                "label custos.disk.warning on container web: cannot be set from a label" + remedy,
                "label custos.docker.restarts.critcal on container web: unknown label, "
                    + "did you mean `custos.docker.restarts.critical`?",
                "label custos.http on container web: cannot be set from a label" + remedy,
                "label custos.http.headers on container web: cannot be set from a label" + remedy,
                "label custos.http.method on container web: expected one of get, head, post-form, "
                    + "found `hunt\u{FFFD}[31m`",
                "label custos.http.url_file on container web: cannot be set from a label" + remedy,
                "label custos.journal.path on container web: cannot be set from a label" + remedy,
                "label custos.webhook.token on container web: cannot be set from a label" + remedy,
                "label custos.http.method on container web: `url` must be set",
            ]
        )
        #expect(problems.filter(\.isFatal) == [])
        #expect(resolution.instances(of: Sample.webhook).isEmpty)
    }

    @Test func `too many and too long labels are refused`() {
        let many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("custos.http.a\($0).url", "http://a") })
        let crowded = Sample.resolve(labels: [ContainerLabels(container: "web", labels: many)])
        #expect(crowded.resolution.instances(of: Sample.http).count == 64)
        #expect(crowded.problems.count == 1)
        let long = ["custos.http.url": "http://" + String(repeating: "a", count: 5000)]
        let outcome = Sample.resolve(labels: [ContainerLabels(container: "web", labels: long)])
        #expect(outcome.problems.count == 1)
        #expect(outcome.resolution.instances(of: Sample.http).isEmpty)
    }
}
