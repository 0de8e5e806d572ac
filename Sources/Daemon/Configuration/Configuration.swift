import Alerting
import Basics
import Checks
package import Settings
package import Sinks

/// The resolved whole, an immutable value: what runs now, or would after a reload.
package struct Configuration: Sendable {
    package let resolution: Resolution
    package let general: GeneralSettings
    package let journal: JournalSettings
    package let status: StatusSettings
    package let control: ControlSettings
    package let log: LogSettings
    package let report: ReportSettings
    package let host: HostSettings
    package let heartbeat: HeartbeatPing.Settings
    /// The engines whose containers are watched.
    package let engines: [WatchedEngine]
    /// The checks that run, by name.
    package let checks: [CheckInstance]
    /// What is wrong with the zones that schedules go by.
    let zoneProblems: [Problem]
    /// Named instances that say not what they are about.
    let aimless: [Problem]

    /// - Parameters:
    ///   - resolution: What the sources say.
    ///   - environment: Where `TZ`, `HOST_ROOT` and their kin may be.
    package init(_ resolution: Resolution, environment: [String: String]) {
        self.resolution = resolution
        general = resolution.value(of: ConfigurationCatalogue.general)
        journal = resolution.value(of: ConfigurationCatalogue.journal)
        status = resolution.value(of: ConfigurationCatalogue.status)
        control = resolution.value(of: ConfigurationCatalogue.control)
        log = resolution.value(of: ConfigurationCatalogue.log)
        report = resolution.value(of: ConfigurationCatalogue.report)
        host = resolution.value(of: ConfigurationCatalogue.host)
        heartbeat = resolution.value(of: HeartbeatPing.section)
        engines = WatchedEngine.all(in: resolution)
        let origins = resolution.origins(of: "hold_for")
        let hostSettings = host
        let zones = TimeZones(environment: environment, roots: hostSettings.roots(environment))
        var timetables = Timetables(resolution, zones)
        checks = CheckCatalogue.all.flatMap {
            Self.instances($0, in: resolution, holdForOrigins: origins, &timetables)
        }
        zoneProblems = timetables.problems
        aimless = CheckCatalogue.all.flatMap { Self.aimless($0, in: resolution) }
    }

    /// What the engines must allow besides what all watching needs, because a setting asks for it.
    package var furtherRequests: [String] { engines.flatMap { $0.settings.furtherRequests(of: $0.check) } }

    /// The sinks that are told, made with the tools given.
    package func sinks(tools: SinkTools) -> [SinkInstance] {
        SinkCatalogue.all.flatMap { Self.sinks($0, in: resolution, tools: tools) }
    }

    /// Those that are switched on and, with a name, say what they are about.
    static func running<C: Check>(_ kind: C.Type, in resolution: Resolution) -> [Instance<C.Settings, CheckSettings>] {
        resolution.instances(of: ConfigurationCatalogue.section(kind)).filter {
            $0.isEnabled && ($0.name == nil || C.missingChoice($0.settings) == nil)
        }
    }

    private static func instances<C: Check>(
        _ kind: C.Type,
        in resolution: Resolution,
        holdForOrigins origins: [String: Origin],
        _ timetables: inout Timetables
    ) -> [CheckInstance] {
        let instances = running(kind, in: resolution)
        return instances.map { instance in
            let others = instances.filter { $0.name != nil && $0.name != instance.name }
            let check = C(InstanceShare(name: instance.name, instance.settings, others: others.map(\.settings)))
            var policy = instance.common.policy
            // What `defaults` says holds where a rule says nothing; said of the check itself, it outranks the rules.
            let origin = origins[instance.id] ?? .byDefault
            policy.holdForOutranks = origin != .byDefault && origin != origins[ConfigurationCatalogue.defaults.key]
            let timetable = instance.common.schedule.flatMap { timetables.timetable($0, of: instance.id) }
            if let timetable { policy.every = timetable.period }
            return CheckInstance(
                plan: CheckPlan(
                    check: CheckID(C.kind, instance: instance.name),
                    rules: check.rules,
                    policy: policy
                ),
                every: instance.common.every,
                timetable: timetable,
                timeout: instance.common.timeout,
                fingerprint: ([instance] + (C.sharesTargets ? others : [])).map(\.fingerprint).joined(separator: " ")
            ) { world in
                do throws(CheckError) {
                    return .success(try await check.observe(world))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    private static func aimless<C: Check>(_ kind: C.Type, in resolution: Resolution) -> [Problem] {
        resolution.instances(of: ConfigurationCatalogue.section(kind)).compactMap { instance in
            guard instance.isEnabled, instance.name != nil, let key = C.missingChoice(instance.settings) else {
                return nil
            }
            let own = resolution.effective.first { $0.path.hasPrefix(instance.id + ".") && $0.origin != .byDefault }
            return Problem(
                own?.origin ?? .byDefault,
                "\(instance.id).\(key)",
                "`\(key)` must be set: a named instance is about what it chooses"
            )
        }
    }

    private static func sinks<S: Sink>(_ kind: S.Type, in resolution: Resolution, tools: SinkTools) -> [SinkInstance] {
        resolution.instances(of: SinkCatalogue.section(kind)).filter(\.isEnabled).map { instance in
            SinkInstance(
                S(instance.settings, tools: tools),
                route: instance.common.route(to: instance.id),
                fingerprint: instance.fingerprint
            )
        }
    }
}
