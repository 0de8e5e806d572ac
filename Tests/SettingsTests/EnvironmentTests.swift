import Basics
import Settings
import Testing

@Suite struct EnvironmentTests {
    @Test func `S32 the environment's problems are warnings and the defaults hold`() {
        let (resolution, problems) = Sample.resolve(environment: [
            "CUSTOS_DISK__WARNNING": "85", "CUSTOS_DISK__CRITICAL": "lots", "CUSTOS_DISK_WARNING": "85",
            "CUSTOS_HTTP": "perhaps", "CUSTOS_DISK__": "x", "CUSTOS_": "x",
            "CUSTOS_HTTP__GRAFANA__URL": "grafana",
        ])
        #expect(
            problems.lines == [
                "CUSTOS_: unknown variable",
                "CUSTOS_DISK_WARNING: unknown variable, did you mean `CUSTOS_DISK__WARNING`?",
                "CUSTOS_DISK__: unknown variable, did you mean `CUSTOS_DISK`?",
                "CUSTOS_DISK__CRITICAL: expected a percentage such as 85%, from 1% to 100%, or off, found `lots`",
                "CUSTOS_DISK__WARNNING: unknown variable, did you mean `CUSTOS_DISK__WARNING`?",
                "CUSTOS_HTTP: expected true or false (also yes, no, on, off, 1, 0), or keys below it, found `perhaps`",
                "CUSTOS_HTTP__GRAFANA__URL: expected an address such as https://example.org/path, or off, "
                    + "found `grafana`",
                "CUSTOS_HTTP__GRAFANA__URL: `url` must be set",
            ]
        )
        #expect(problems.filter { $0.isFatal || !$0.isFromEnvironment } == [])
        #expect(resolution.instances(of: Sample.disk).first?.settings.warning == 90)
        #expect(resolution.instances(of: Sample.disk).first?.settings.critical == 95)
        #expect(resolution.instances(of: Sample.disk).first?.isEnabled == true)
    }

    @Test func `S32 problems of files and the command line are fatal`() {
        let (_, problems) = Sample.resolve("dsik: {}", set: ["disk.warning=x", "nothing"])
        #expect(problems.map(\.isFatal) == [true, true, true])
        #expect(problems.map(\.isFromEnvironment) == [false, false, false])
        #expect(
            problems.lines == [
                "custos.yaml:1:1: dsik: unknown key, did you mean `disk`?",
                "--set disk.warning: expected a percentage such as 85%, from 1% to 100%, found `x`",
                "--set: an argument without `=`; write --set section.key=value",
            ]
        )
    }

    @Test func `a typo below an instance is told with the instance's own name`() {
        let (_, problems) = Sample.resolve(environment: [
            "CUSTOS_HTTP__MY_APP__URL": "http://a", "CUSTOS_HTTP__MY_APP__RETRY__ATTEMPT": "2",
        ])
        #expect(
            problems.lines == [
                "CUSTOS_HTTP__MY_APP__RETRY__ATTEMPT: unknown variable, "
                    + "did you mean `CUSTOS_HTTP__MY_APP__RETRY__ATTEMPTS`?"
            ]
        )
    }

    @Test func `S32 values of the environment that do not go together never stop what runs by default`() {
        let (resolution, problems) = Sample.resolve(environment: ["CUSTOS_DISK__CRITICAL": "80"])
        #expect(problems.lines == ["CUSTOS_DISK__CRITICAL: `warning` must not exceed `critical`"])
        #expect(resolution.instances(of: Sample.disk).first?.isEnabled == true)
        #expect(resolution.instances(of: Sample.disk).first?.settings.critical == 95)
    }

    @Test func `S32 the links of Kubernetes services are ignored silently`() {
        let links = [
            "CUSTOS_PORT": "tcp://10.0.0.1:9797", "CUSTOS_SERVICE_HOST": "10.0.0.1", "CUSTOS_SERVICE_PORT": "9797",
            "CUSTOS_SERVICE_PORT_HTTP": "9797", "CUSTOS_PORT_9797_TCP": "tcp://10.0.0.1:9797",
            "CUSTOS_PORT_9797_TCP_PROTO": "tcp", "CUSTOS_PORT_9797_TCP_PORT": "9797",
            "CUSTOS_PORT_9797_TCP_ADDR": "10.0.0.1",
            "CUSTOS_METRICS_SERVICE_HOST": "10.0.0.2", "CUSTOS_METRICS_PORT": "tcp://10.0.0.2:80",
            "CUSTOS_METRICS_PORT_80_TCP_PORT": "80", "CUSTOS_CONFIG": "/etc/custos",
        ]
        #expect(Sample.resolve(environment: links).problems.lines == [])
        #expect(Sample.resolve(environment: ["CUSTOS_PORT": "9797"]).problems.count == 1)
    }

    @Test func `two variables for one setting are told, and so are a value and its file`() {
        let (resolution, problems) = Sample.resolve(
            environment: [
                "CUSTOS_HTTP__EVERY": "1m", "CUSTOS_HTTP__DEFAULTS__EVERY": "2m", "CUSTOS_WEBHOOK__TOKEN": "hunter2",
                "CUSTOS_WEBHOOK__TOKEN_FILE": "/run/token", "CUSTOS_WEBHOOK__URL": "http://a",
            ],
            files: ["/run/token": "hunter3"]
        )
        #expect(
            problems.lines == [
                "CUSTOS_HTTP__EVERY: set twice (also CUSTOS_HTTP__DEFAULTS__EVERY); keep one of the two",
                "CUSTOS_WEBHOOK__TOKEN_FILE: set both directly and by file (also CUSTOS_WEBHOOK__TOKEN); "
                    + "keep one of the two",
            ]
        )
        #expect(resolution.instances(of: Sample.webhook).first?.settings.token == Secret("hunter2"))
    }

    @Test func `a file gives any text or secret, without one final newline`() {
        let (resolution, problems) = Sample.resolve(
            "webhook: {ops: {token_file: /t, url: 'http://old'}}",
            environment: [
                "CUSTOS_WEBHOOK__OPS__URL_FILE": "/u", "CUSTOS_HTTP__A__HEADERS_FILE": "/h",
                "CUSTOS_HTTP__A__URL": "http://a",
            ],
            files: ["/t": "hunter2\n\n", "/u": "http://new\r\n", "/h": "Authorization=Basic x,X-A=1"]
        )
        #expect(problems.isEmpty)
        let ops = resolution.instances(of: Sample.webhook).first?.settings
        #expect(ops?.token?.reveal() == "hunter2\n")
        #expect(ops?.url?.text == "http://new")
        #expect(resolution.instances(of: Sample.http).first?.settings.headers["X-A"] == Secret("1"))
        #expect(
            resolution.effective.first { $0.path == "webhook.ops.url" }?.origin
                == .environment("CUSTOS_WEBHOOK__OPS__URL_FILE")
        )
    }

    @Test func `a secret's file that is missing or unfit is told with a remedy, and never quoted`() {
        let (_, problems) = Sample.resolve(
            environment: [
                "CUSTOS_WEBHOOK__TOKEN_FILE": "/absent", "CUSTOS_WEBHOOK__URL_FILE": "/u",
                "CUSTOS_DISK__WARNING_FILE": "/u",
            ],
            files: ["/u": "hunter2"]
        )
        #expect(
            problems.lines == [
                "CUSTOS_DISK__WARNING_FILE: this key cannot be read from a file",
                "CUSTOS_WEBHOOK__TOKEN_FILE: file /absent: no such file; mount it",
                "CUSTOS_WEBHOOK__URL_FILE: expected an address such as https://example.org/path, or off",
            ]
        )
    }
}
