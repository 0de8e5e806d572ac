import Alerting
import Basics
import Checks
import Glibc
import Settings
import Testing

@testable import Daemon

@Suite struct ConfigurationTests {
    private func load(_ settings: [String], environment: [String: String] = [:]) -> (Configuration, [Problem]) {
        let source = ConfigurationSource(path: nil, environment: environment, commandLine: settings)
        let (configuration, problems) = source.load()
        return (configuration, problems)
    }

    @Test("S11 the defaults of every check are those of the semantics")
    func defaults() {
        let (configuration, problems) = load([])
        #expect(problems.isEmpty)
        #expect(configuration.checks.map(\.id) == CheckCatalog.all.filter { $0.runsByDefault }.map { CheckID($0.kind) })
        for check in configuration.checks {
            #expect(check.every == .seconds(30), "\(check.id)")
            #expect(check.timeout == .seconds(10), "\(check.id)")
            #expect(check.plan.policy.failures == 3)
            #expect(check.plan.policy.goneAfter == 3)
            #expect(check.plan.policy.clearAfter == .zero)
            #expect(check.plan.policy.repeatEvery == nil)
        }
    }

    @Test("S11 hold_for on a check whose breaches are moments is a settings error")
    func holdForOnMoments() {
        let (_, problems) = load(["uptime.hold_for=5m"])
        #expect(problems.map(\.path) == ["uptime.hold_for"])
        #expect(problems.first?.isFatal == true)
    }

    @Test("hold_for in the defaults, or on a check whose breaches can last, is none")
    func holdForElsewhere() {
        #expect(load(["defaults.hold_for=5m"]).1.isEmpty)
        let (configuration, problems) = load(["filefd.hold_for=5m"])
        #expect(problems.isEmpty)
        #expect(configuration.checks.first { $0.id.kind == "filefd" }?.plan.policy.holdFor == .seconds(300))
    }

    @Test("S11 hold_for outranks a check's own spans where it was said of the check, also with the value of defaults")
    func holdForOutranks() {
        func outranks(_ settings: [String], _ environment: [String: String] = [:]) -> Set<String> {
            let (configuration, problems) = load(settings, environment: environment)
            #expect(problems.isEmpty)
            return Set(configuration.checks.filter { $0.plan.policy.holdForOutranks }.map { $0.id.description })
        }
        #expect(outranks([]) == [])
        #expect(outranks(["defaults.hold_for=5m"]) == [])
        #expect(outranks(["defaults.hold_for=5m", "cpu.hold_for=5m"]) == ["cpu"])
        #expect(outranks(["mem.hold_for=0"]) == ["mem"])
        let environment = ["CUSTOS_CPU__HOLD_FOR": "1m", "CUSTOS_DEFAULTS__HOLD_FOR": "1m"]
        #expect(outranks([], environment) == ["cpu"])
    }

    @Test("a kind switched off does not run", arguments: ["off", "false", "0"])
    func switchedOff(word: String) {
        let (configuration, problems) = load([], environment: ["CUSTOS_NEIGH": word])
        #expect(problems.isEmpty)
        #expect(!configuration.checks.contains { $0.id.kind == "neigh" })
    }

    @Test("S32 a typo in the environment is a warning with the nearest key, and the default stays in force")
    func environmentTypo() throws {
        let (configuration, problems) = load([], environment: ["CUSTOS_FILEFD__WARNNING": "1%"])
        let problem = try #require(problems.first)
        #expect(problems.count == 1)
        #expect(!problem.isFatal)
        #expect("\(problem)".contains("WARNING"))
        #expect(configuration.checks.contains { $0.id.kind == "filefd" })
    }

    @Test("S32 Kubernetes' service links are ignored silently")
    func serviceLinks() {
        let (_, problems) = load(
            [],
            environment: [
                "CUSTOS_PORT": "tcp://10.0.0.1:9797", "CUSTOS_SERVICE_HOST": "10.0.0.1",
                "CUSTOS_PORT_9797_TCP": "tcp://10.0.0.1:9797", "CUSTOS_SERVICE_PORT": "9797",
            ]
        )
        #expect(problems.isEmpty)
    }

    @Test("S36 the container check is a singleton named docker")
    func dockerIsASingleton() {
        #expect(load([]).0.checks.contains { $0.id.description == "docker" })
        #expect(load(["docker.other.start_limit=1m"]).1.count == 1)
    }
}
