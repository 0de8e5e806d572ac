package import Alerting
package import Basics
package import Procfs
package import Settings

/// Fires when a kernel parameter is not what it should be, or is not what it was.
///
/// Reads: `<proc>/sys/…`, one file for each parameter that is named.
/// Unknown when: a parameter belongs to a namespace that Custos does not share with the host (`net.*`, `kernel.shm*` and
/// their like), or must not be read.
package struct SysctlCheck: Check {
    package static let kind = "sysctl"
    package static let summary = "A kernel parameter is not what it should be, or is not what it was."
    package static let runsByDefault = false

    package struct Settings: SettingsGroup {
        package var warning: [ParameterExpectation] = []
        package var critical: [ParameterExpectation] = []
        package var changes: [ParameterName] = []
        package var changeSeverity = Severity.warning

        package init() {}

        package static var schema: Schema<Self> {
            Schema {
                Field(
                    "warning",
                    \.warning,
                    "Warns when one of these does not hold: `vm.swappiness <= 10`, `net.ipv4.tcp_rmem >= 4096 * *`."
                )
                Field("critical", \.critical, "Alarms when one of these does not hold.")
                Field("changes", \.changes, "Tells when one of these parameters is another than when first seen.")
                Field("change_severity", \.changeSeverity, "Tells changes with this severity.")
            }
        }
    }

    static let compliance = Measure(
        name: "sysctl_compliance",
        unit: .none,
        summary: "Whether the kernel parameter is what the settings expect."
    )
    static let value = Measure(
        name: "sysctl_value",
        unit: .none,
        summary: "The kernel parameter, compared with the value kept."
    )
    package static let measures = [compliance, value]

    /// What is asked of one parameter; the critical expectations come first.
    private struct Watched {
        var name: ParameterName
        var expectations: [(Severity, ParameterExpectation)]
        var isKept: Bool
    }

    private let changeSeverity: Severity
    private let watched: [Watched]

    package init(_ settings: Settings) {
        changeSeverity = settings.changeSeverity
        let expected = settings.critical.map { (Severity.critical, $0) } + settings.warning.map { (.warning, $0) }
        let expectations = Dictionary(grouping: expected, by: \.1.name)
        let kept = Set(settings.changes)
        watched = kept.union(expectations.keys).sorted { $0.description < $1.description }.map { name in
            Watched(name: name, expectations: expectations[name] ?? [], isKept: kept.contains(name))
        }
    }

    package var rules: [Rule] {
        [
            Rule(Self.compliance, .state(bad: Compliance.bad)),
            Rule(Self.value, .changed(changeSeverity)),
        ]
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        guard !watched.isEmpty else {
            throw .notApplicable(because: "the settings name no kernel parameter", remedy: nil)
        }
        // Without any procfs nothing is missing.
        _ = try looking { () throws(HostFileError) in try world.host.bootID() }
        return watched.flatMap { watched -> [Observation] in
            let found = Self.look(at: watched.name, world.host)
            var observations: [Observation] = []
            if !watched.expectations.isEmpty {
                observations.append(Self.judged(watched.name, found, watched.expectations))
            }
            if watched.isKept { observations.append(Self.kept(watched.name, found)) }
            return observations
        }
    }

    private enum Finding {
        case values([String])
        case missing
        case unknown(String)
    }

    private static func look(at name: ParameterName, _ host: Host) -> Finding {
        switch (host.scope(of: name), name.namespace) {
        case (.host, _), (_, nil): break
        case (_, let namespace?):
            return .unknown(
                "only a reader in the host's \(namespace.rawValue) namespace sees its value: needs \(option(namespace))"
            )
        }
        do throws(HostFileError) {
            return .values(try host.kernelParameter(name).values)
        } catch .absent(_, nil) {
            return .missing
        } catch {
            return .unknown(error.hint.map { "\(error); \($0)" } ?? "\(error)")
        }
    }

    /// How compose, or docker run, says that a container shares a namespace with the host.
    private static func option(_ namespace: ReaderNamespace) -> String {
        switch namespace {
        case .network: "network_mode: host"
        case .ipc: "ipc: host"
        case .uts: "uts: host"
        case .pid: "pid: host"
        case .user: "userns_mode: host"
        }
    }

    private static func judged(
        _ name: ParameterName,
        _ found: Finding,
        _ expectations: [(Severity, ParameterExpectation)]
    ) -> Observation {
        let target = Target(name.description)
        let wanted = expectations.map { "\($0.1.comparison.rawValue) \($0.1.values.joined(separator: " "))" }
        let values: [String]
        switch found {
        case .unknown(let because): return Observation(compliance, of: target, .unknown(because: because))
        case .missing:
            return Observation(
                compliance,
                of: target,
                .state(Compliance(breaking: expectations.first?.0).rawValue),
                summary: "\(target.name) does not exist in this kernel",
                annotations: ["expected": wanted.joined(separator: "; ")]
            )
        case .values(let read): values = read
        }
        // The critical ones come first.
        let broken = expectations.lazy.compactMap { severity, expectation in
            expectation.deviation(of: values).map { (severity, $0) }
        }.first
        let text = values.joined(separator: " ").safe(limit: 200)
        return Observation(
            compliance,
            of: target,
            .state(Compliance(breaking: broken?.0).rawValue),
            summary: "\(target.name) \(broken?.1 ?? "is \(text), as expected")",
            annotations: ["value": text, "expected": wanted.joined(separator: "; ")]
        )
    }

    private static func kept(_ name: ParameterName, _ found: Finding) -> Observation {
        let target = Target(name.description)
        return switch found {
        case .unknown(let because): Observation(value, of: target, .unknown(because: because))
        case .missing: Observation(value, of: target, .state("does not exist"))
        case .values(let values): Observation(value, of: target, .state(values.joined(separator: " ").keptAsBaseline))
        }
    }
}
