import ArgumentParser
import Basics
import Daemon
import Settings
import TestSupport
import Testing

@testable import Commands

@Suite struct ExplainCommandTests {
    private static let environment = [
        "CUSTOS_WEBHOOK__OPS__URL": "https://example.org/hook", "CUSTOS_WEBHOOK__OPS__SECRET": "hunter2",
        "CUSTOS_DOCKER__START_LIMIT": "3m", "DOCKER_HOST": "unix:///run/engine.sock",
    ]

    private func explained(_ key: String, set: [String] = []) -> ExplanationText {
        let source = ConfigurationSource(path: nil, environment: Self.environment, commandLine: set)
        return ExplanationText(source.explain(key).explanation)
    }

    @Test("a setting is this text")
    func text() {
        #expect(
            explained("docker.start_limit", set: ["docker.start_limit=4m"]).text == """
                docker.start_limit = 4m
                  from      --set docker.start_limit
                  over      3m from CUSTOS_DOCKER__START_LIMIT
                Warns when a health check says `starting` for longer than this.
                  type      duration
                  expects   a duration such as 30s, 1m30s, 2h or 3d
                  unit      ms, s, m, h, d or w
                  default   5m
                  variable  CUSTOS_DOCKER__START_LIMIT
                  label     custos.docker.start_limit, for the container that carries it

                """
        )
    }

    @Test("a secret is not shown, in text and in JSON, and says how it may come from a file")
    func secret() {
        let secret = explained("webhook.ops.secret")
        #expect(secret.text.hasPrefix("webhook.ops.secret = <redacted>\n  from      CUSTOS_WEBHOOK__OPS__SECRET\n"))
        #expect(secret.text.contains("CUSTOS_WEBHOOK__OPS__SECRET_FILE or webhook.ops.secret_file"))
        #expect(secret.text.contains("never shown"))
        #expect(!(secret.text + secret.json.text).contains("hunter2"))
        #expect(secret.json["secret"] == .bool(true))
    }

    @Test("JSON holds the same, a field each")
    func json() throws {
        let host = explained("DOCKER_HOST").json
        #expect(host["schema"]?.stringValue == "custos.explanation/1")
        #expect(host["key"]?.stringValue == "docker.host")
        #expect(host["value"]?.stringValue == "unix:///run/engine.sock")
        #expect(host["origin"]?.stringValue == "DOCKER_HOST")
        #expect(host["variable"]?.stringValue == "CUSTOS_DOCKER__HOST")
        #expect(host["also_from"] == ["DOCKER_HOST"])
        #expect(host["label"] == .null)
        let limit = explained("docker.start_limit", set: ["docker.start_limit=4m"]).json
        #expect(limit["shadows"] == [["value": "3m", "origin": "CUSTOS_DOCKER__START_LIMIT"]])
        #expect(limit["default"]?.stringValue == "5m")
        let missing = explained("webhook.nobody.format").json
        #expect(missing["configured"] == .bool(false))
        #expect(missing["value"] == nil)
        #expect(missing["choices"]?.text.contains("\"alertmanager\"") == true)
        let section = explained("docker.restarts").json
        #expect(section["settings"]?.text.contains(#""key":"docker.restarts.warning","value":"3""#) == true)
    }

    @Test("an instance that is not configured is said to be none, with those there are")
    func missing() {
        let text = explained("webhook.nobody.format").text
        #expect(
            text.hasPrefix("webhook.nobody.format\n  from      nowhere: no such instance is configured; there are ops")
        )
        #expect(explained("webhook").text.contains("webhook.ops.format"))
        #expect(explained("webhook.nobody").text.contains("Not configured"))
        #expect(explained("custos.ignore").text.contains("Leaves the container out"))
    }

    @Test(
        "an unknown key exits with 64 and names the nearest one; a terminal escape in it is harmless",
        arguments: [("journal.paht", "journal.path"), ("docker.strat_limit", "docker.start_limit")]
    )
    func unknown(key: String, nearest: String) throws {
        let command = try #require(try CustosCommand.parseAsRoot(["explain", key]) as? ExplainCommand)
        let failure = #expect(throws: CommandFailure.self) { try command.run() }
        #expect(failure?.code == ExitStatus.usage)
        #expect(failure?.description.contains("did you mean `\(nearest)`?") == true)
        #expect(!CommandFailure(unknown: "a\u{1B}[2J", similar: []).description.contains("\u{1B}"))
        #expect(
            CommandFailure(unknown: "every", similar: ["a.every", "b.every"]).description.contains("a.every, b.every")
        )
    }

    @Test("every key that is offered can be explained")
    func offered() throws {
        let source = ConfigurationSource(path: nil, environment: Self.environment, commandLine: [])
        let configuration = source.load().configuration
        #expect(configuration.sinkNames.contains("webhook.ops"))
        let keys = configuration.keys()
        #expect(keys.contains("webhook.ops.url") && keys.contains("docker") && keys.contains("node"))
        // Of the variables every seventh: each reads the whole configuration anew, and one index answers both.
        let variables = configuration.keys(asVariables: true).enumerated().filter { $0.offset.isMultiple(of: 7) }
        for key in keys + variables.map(\.element) {
            if case .unknown = source.explain(key).explanation { Issue.record("\(key) is offered and unknown") }
        }
    }
}
