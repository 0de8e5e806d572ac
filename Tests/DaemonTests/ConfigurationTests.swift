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
        #expect(
            configuration.checks.map(\.id) == CheckCatalogue.all.filter { $0.runsByDefault }.map { CheckID($0.kind) }
        )
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
        let (_, problems) = load(["oom.hold_for=5m"])
        #expect(problems.map(\.path) == ["oom.hold_for"])
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

    // MARK: - Labels

    @Test("S28 of all settings, a label may name only those that the reference of labels lists")
    func labels() {
        let reading = load([]).0.engines[0].options.reading
        var allowed: Set<String> = []
        for section in ConfigurationCatalogue.all.sections {
            for shape in section.shapes() {
                let label = "custos." + ([section.key] + shape.path).filter { !$0.isEmpty }.joined(separator: ".")
                if shape.fromLabels { allowed.insert(label) }
                // Of the right kind, so that only the key can be at fault.
                let refused = reading("web", [label: shape.defaultShown]).refused
                #expect(refused.isEmpty == shape.fromLabels, "\(label): \(refused)")
                #expect(!(shape.fromLabels && shape.isSecret), "\(label)")
                #expect(refused.allSatisfy { $0.name == label && !$0.reason.isEmpty && !$0.remedy.isEmpty })
            }
        }
        #expect(allowed.allSatisfy { $0.hasPrefix("custos.docker.") })
    }

    @Test(
        "S28 labels for nobody are refused with the nearest that there is",
        arguments: [
            ("custos.dokcer.start_limit", "did you mean `custos.docker.start_limit`?"),
            ("custos.disk", "set it in the file or the environment"),
            ("custos.webhook.ops.secret", "set it in the file or the environment"),
            ("custos.http.url", "set it in the file or the environment"),
            ("custos.httpx.url", "docs/reference/labels.md says which labels there are and what they take"),
            ("custos.", "docs/reference/labels.md says which labels there are and what they take"),
            ("custos..", "docs/reference/labels.md says which labels there are and what they take"),
        ]
    )
    func strayLabels(label: String, remedy: String) {
        let refused = load([]).0.engines[0].options.reading("web", [label: "off", "custos.docker.kill_counts": "on"])
        #expect(refused.refused.map(\.remedy) == [remedy])
        #expect(refused.tuning?.killCounts == true)
        let isProbe = label == "custos.http.url"
        #expect(refused.refused.first?.reason.contains("no probe can be declared by a label") == isProbe)
    }

    // MARK: - Schedules

    private func check(_ kind: String, in configuration: Configuration) -> CheckInstance? {
        configuration.checks.first { $0.id.description == kind }
    }

    @Test("a schedule takes the place of the interval, and its period is what streaks are counted in")
    func schedule() throws {
        let (configuration, problems) = load(["disk.schedule=CRON_TZ=Europe/Berlin 30 3 * * *"])
        #expect(problems.isEmpty)
        let timetable = try #require(check("disk", in: configuration)?.timetable)
        let noon = try #require(Timestamp("2026-07-01T12:00:00Z"))
        #expect(timetable.next(after: noon) == Timestamp("2026-07-02T01:30:00Z"))
        #expect(check("disk", in: configuration)?.plan.policy.every == .seconds(86400))
        #expect(check("cpu", in: configuration)?.timetable == nil)
        #expect(check("cpu", in: configuration)?.plan.policy.every == .seconds(30))
    }

    @Test("a schedule without a zone goes by TZ")
    func ownZone() throws {
        let noon = try #require(Timestamp("2026-07-01T12:00:00Z"))
        for (zone, next) in [("America/New_York", "2026-07-01T16:00:00Z"), ("UTC", "2026-07-02T12:00:00Z")] {
            let (configuration, problems) = load(["disk.schedule=0 12 * * *"], environment: ["TZ": zone])
            #expect(problems.isEmpty)
            #expect(check("disk", in: configuration)?.timetable?.next(after: noon) == Timestamp(next))
        }
        let (configuration, problems) = load(["disk.schedule=@daily"], environment: ["TZ": "Europe/Berlln"])
        #expect(
            problems.map(\.description) == [
                "TZ: the time zone `Europe/Berlln` is not known; schedules without a zone go by UTC, "
                    + "did you mean `Europe/Berlin`?"
            ]
        )
        #expect(problems.first?.isFatal == false)
        #expect(check("disk", in: configuration)?.timetable?.next(after: noon) == Timestamp("2026-07-02T00:00:00Z"))
    }

    @Test("S32 a bad schedule or zone says what is wrong and where, with the nearest name; the default stays in force")
    func badSchedules() throws {
        let (_, zone) = load(["disk.schedule=CRON_TZ=Europe/Berlln @daily"])
        #expect(
            zone.map(\.description)
                == ["--set disk.schedule: the time zone `Europe/Berlln` is not known, did you mean `Europe/Berlin`?"]
        )
        #expect(zone.first?.isFatal == true)
        let (_, field) = load(["disk.schedule=0 24 * * *"])
        #expect(field.map(\.path) == ["disk.schedule"])
        #expect(field.first?.message.contains("its hour to be 0 to 23") == true)
        let (_, key) = load(["disk.shedule=@daily"])
        #expect(key.first?.nearest == "disk.schedule")
        let (configuration, warning) = load([], environment: ["CUSTOS_DEFAULTS__SCHEDULE": "TZ=Mars/Olympus @daily"])
        #expect(warning.map(\.path) == ["defaults.schedule"])
        #expect(warning.first?.isFatal == false)
        #expect(configuration.checks.allSatisfy { $0.timetable == nil && $0.every == .seconds(30) })
    }

    @Test("every and schedule of the same strength are a problem, told once")
    func bothSet() {
        let (_, own) = load(["disk.every=1m", "disk.schedule=@daily"])
        #expect(own.map(\.path) == ["disk.schedule"])
        #expect(own.first?.isFatal == true)
        let (_, general) = load(["defaults.every=1m", "defaults.schedule=@daily"])
        #expect(general.map(\.path) == ["defaults.schedule"])
        let variables = ["CUSTOS_DISK__EVERY": "1m", "CUSTOS_DISK__SCHEDULE": "@daily"]
        let (configuration, warnings) = load([], environment: variables)
        #expect(warnings.map(\.isFatal) == [false])
        #expect(check("disk", in: configuration)?.every == .seconds(60))
        #expect(check("disk", in: configuration)?.timetable == nil)
    }

    @Test("of every and schedule the one said nearer, or by the stronger source, counts")
    func nearerCounts() {
        func read(_ settings: [String], _ environment: [String: String] = [:]) -> String {
            let (configuration, problems) = load(settings, environment: environment)
            #expect(problems.isEmpty)
            let disk = check("disk", in: configuration)
            return disk?.timetable.map { "\($0.schedule)" } ?? disk?.every.text ?? ""
        }
        #expect(read(["defaults.schedule=@daily", "disk.every=10s"]) == "10s")
        #expect(read(["defaults.every=1m", "disk.schedule=@daily"]) == "@daily")
        #expect(read(["disk.schedule=@daily"], ["CUSTOS_DISK__EVERY": "1m"]) == "@daily")
        #expect(read(["disk.every=1m", "disk.schedule=off"]) == "1m")
        #expect(read(["defaults.schedule=@daily", "disk.schedule=off"]) == "30s")
    }

    // MARK: - Several instances

    @Test("a named instance has its own levels, and the one without a name leaves it what it includes")
    func namedInstances() {
        let settings = ["disk.root.include=/", "disk.root.warning=80%", "netif.uplink.up=eth0", "systemd.db.units=pg"]
        let (configuration, problems) = load(settings)
        #expect(problems.isEmpty)
        let names = Set(configuration.checks.map(\.id.description))
        #expect(names.isSuperset(of: ["disk", "disk.root", "netif", "netif.uplink", "systemd.db"]))
        #expect(!names.contains("systemd"))
    }

    @Test("a named instance that chooses nothing is a problem, and does not run")
    func aimlessInstances() {
        for (setting, key) in [
            ("disk.root.warning=80%", "disk.root.include"), ("netif.x.errors_warning=1", "netif.x.include"),
            ("systemd.db.failed=off", "systemd.db.units"),
        ] {
            let (configuration, problems) = load([setting])
            #expect(problems.map(\.path) == [key])
            #expect(problems.first?.isFatal == true)
            #expect(!configuration.checks.contains { key.hasPrefix($0.id.description + ".") && $0.id.instance != nil })
        }
    }

    @Test("S14 what another instance chooses restarts those that share with it, and nobody else")
    func sharedFingerprints() {
        func fingerprints(_ settings: [String]) -> [String: String] {
            let checks = load(settings).0.checks
            return Dictionary(uniqueKeysWithValues: checks.map { ($0.id.description, $0.fingerprint) })
        }
        let before = fingerprints(["disk.root.include=/"])
        let after = fingerprints(["disk.root.include=/srv"])
        #expect(before["disk"] != after["disk"])
        #expect(before["disk.root"] != after["disk.root"])
        #expect(before["cpu"] == after["cpu"])
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
