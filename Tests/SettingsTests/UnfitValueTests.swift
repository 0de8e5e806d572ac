import Basics
import Glibc
import Settings
import TestSupport
import Testing

/// Variables and secret files as they come from compose, from editors and from accidents.
@Suite struct UnfitValueTests {
    @Test func `an empty variable means that nobody set it`() {
        let (resolution, problems) = Sample.resolve(
            "webhook: {url: 'http://file'}",
            environment: [
                "CUSTOS_WEBHOOK__URL": "", "CUSTOS_WEBHOOK__OPS__URL": "", "CUSTOS_WEBHOOK__TOKEN_FILE": "",
                "CUSTOS_HTTP": "", "CUSTOS_HTTP__GRAFANA": "", "CUSTOS_DISK__WARNING": "", "CUSTOS_NODE": "",
                "NODE_NAME": "",
            ]
        )
        #expect(problems.lines == [])
        #expect(resolution.instances(of: Sample.webhook).map(\.settings.url?.text) == ["http://file"])
        #expect(resolution.instances(of: Sample.http).isEmpty)
        #expect(resolution.instances(of: Sample.disk).first?.settings.warning == 90)
        #expect(resolution.effective.first { $0.path == "webhook.url" }?.shadows.isEmpty == true)
    }

    @Test func `an unknown variable is told even when it is empty`() {
        #expect(
            Sample.resolve(environment: ["CUSTOS_WEBHOK__URL": ""]).problems.lines
                == ["CUSTOS_WEBHOK__URL: unknown variable, did you mean `CUSTOS_WEBHOOK__URL`?"]
        )
    }

    @Test(
        "a secret's file may end in one line break of either kind, and nothing else is taken off",
        arguments: [
            ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
            (" hunter2 ", " hunter2 "), ("hunter2\t\n", "hunter2\t"),
        ]
    )
    func lineBreak(_ content: String, _ secret: String) {
        let (resolution, problems) = Sample.resolve(
            environment: ["CUSTOS_WEBHOOK__TOKEN_FILE": "/t"],
            files: ["/t": content]
        )
        #expect(problems.lines == [])
        #expect(resolution.instances(of: Sample.webhook).first?.settings.token?.reveal() == secret)
    }

    @Test(
        "a secret's file that holds no secret is told with what is wrong, and never quoted",
        arguments: [
            (Array("".utf8), "expected a secret that is not empty, or off"),
            (Array("\n".utf8), "expected a secret that is not empty, or off"),
            (Array("hunter2\0hunter2".utf8), "expected a secret without NUL, or off"),
            ([0x68, 0xFF, 0xFE], "file /t: is not UTF-8 text"),
        ]
    )
    func unfit(_ content: [UInt8], _ because: String) {
        let sources = Sources(
            documents: [],
            environment: ["CUSTOS_WEBHOOK__TOKEN_FILE": "/t", "CUSTOS_WEBHOOK__URL": "http://a"]
        )
        let (resolution, problems) = Sample.catalogue.resolve(
            sources,
            files: FileAccess { _, _ throws(FileFailure) in content }
        )
        #expect(problems.lines == ["CUSTOS_WEBHOOK__TOKEN_FILE: \(because)"])
        #expect(problems.allSatisfy { !$0.isFatal })
        // The webhook is told all the same.
        #expect(resolution.instances(of: Sample.webhook).map(\.settings.url?.text) == ["http://a"])
    }

    @Test func `a secret's file that is a folder, or may not be read, is told with its path`() throws {
        let file = try TemporaryFile("hunter2")
        #expect(chmod(file.folder, 0o755) == 0)
        #expect(chmod(file.path, 0) == 0)
        let sources = Sources(
            documents: [],
            environment: ["CUSTOS_WEBHOOK__TOKEN_FILE": "/", "CUSTOS_WEBHOOK__OPS__TOKEN_FILE": file.path]
        )
        // Root may read everything; the thread is root no more.
        let problems = try IsolatedThread.run(.unprivileged) {
            Sample.catalogue.resolve(sources, files: .system).problems
        }
        #expect(
            problems.lines == [
                "CUSTOS_WEBHOOK__OPS__TOKEN_FILE: file \(file.path): permission denied; make it readable for uid 65534",
                "CUSTOS_WEBHOOK__TOKEN_FILE: file /: is a folder; name a file",
            ]
        )
        #expect(problems.allSatisfy { !$0.isFatal })
    }
}
