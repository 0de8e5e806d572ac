package import Alerting
import Basics
import Netlink
import Procfs
package import Settings

/// Fires when an interface damages packets, loses its carrier again and again, or is not up although it must be; when a
/// bond has lost a member.
///
/// Reads: `<proc>/1/net/dev`, `<proc>/1/net/bonding/*`; the links' states by netlink where Custos shares the host's
/// network namespace, elsewhere from `<sys>/class/net` if that is the host's.
/// Unknown when: process 1 is hidden, or only a container's own procfs is there; links also where neither netlink nor
/// sysfs shows the host's.
package struct NetifCheck: Check {
    package static let kind = "netif"
    package static let summary = "A network interface damages packets, is not up, flaps, or a bond has lost a member."
    package static let measures = NetifMeasures.all
    package typealias Settings = NetifSettings

    package static let instances = Instances.both
    package static let sharesTargets = true

    private let settings: Settings
    private let choice: NetifChoice
    private let counters = NetifCounters()

    package init(_ settings: Settings) { self.init(InstanceShare(settings)) }

    package init(_ share: InstanceShare<NetifSettings>) {
        settings = share.settings
        choice = NetifChoice(share)
    }

    package static func missingChoice(_ settings: NetifSettings) -> String? {
        settings.include.isEmpty && settings.up.isEmpty && settings.bondMembers.isEmpty ? "include" : nil
    }

    package var rules: [Rule] {
        let down = Dictionary(
            uniqueKeysWithValues: Self.states(that: { !Self.isUp($0) }).map { ($0, settings.upSeverity) }
        )
        let flaps = settings.flapsWarning.map { least in
            Rule(NetifMeasures.flaps, .occurred(atLeast: least, within: settings.flapsWithin, .warning))
        }
        let duplex = settings.halfDuplex.map { Rule(NetifMeasures.duplex, .state(bad: ["half": $0])) }
        let members = Rule(NetifMeasures.members, .below(warning: nil, critical: 1))
        return [
            Rule(NetifMeasures.required, .state(bad: down)),
            Rule(
                NetifMeasures.errorsRate,
                .above(warning: settings.errorsWarning, critical: settings.errorsCritical)
            ),
            Rule(NetifMeasures.dropsRate, .above(warning: settings.dropsWarning, critical: settings.dropsCritical)),
            Rule(
                NetifMeasures.used,
                .above(warning: settings.usedWarning?.ratio, critical: settings.usedCritical?.ratio)
            ),
        ] + [flaps, duplex, settings.bondWarning ? members : nil].compactMap(\.self)
    }

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        try observations(world, Result { () throws(HostFileError) in try world.host.links() })
    }

    /// The same with what netlink told of the links; where that failed for once, sysfs tells all but teams.
    func observations(
        _ world: World,
        _ told: Result<[NetworkLink]?, HostFileError>
    ) throws(CheckError) -> [Observation] {
        let host = world.host
        let list = try? told.get()
        let reading = try looking { () throws(HostFileError) in try host.networkDevices() }
        guard reading.scope != .container else { throw .ownContainerOnly }
        let scope = Scope(reading.scope)
        let present = Set(reading.devices.map(\.name))
        let bonds = try looking { () throws(HostFileError) in try host.bonds(list) }
        var watched = reading.devices.filter { choice.covers($0.name) }
        let names = watched.map(\.name) + settings.up.filter(present.contains)
        let links: [String: Interface]
        var blind: HostFileError?
        do {
            links = names.isEmpty ? [:] : try host.interfaces(names, list)
        } catch {
            links = [:]
            blind = told.failure ?? error
        }
        let reason = blind.map { error in "\(error)" + (error.hint.map { "; \($0)" } ?? "") }
        if settings.include.isEmpty { watched.removeAll { links[$0.name]?.isVirtual == true } }
        counters.forget(except: present)
        var observations: [Observation] = []
        for device in watched {
            // What goes wrong on a member is counted by its bond as well.
            if bonds[device.name] == nil {
                observations += traffic(device, links[device.name], scope, at: world.time.uptime)
            }
            if let link = links[device.name] { observations += Self.link(device.name, link, scope) }
            if let reason { observations += Self.hiddenLink(device.name, because: reason) }
        }
        for name in settings.up {
            observations.append(required(name, links[name], isThere: present.contains(name), reason, scope))
        }
        let expected = Set(settings.bondMembers.keys).union(told.failure == nil ? [] : counters.bonds)
        for name in expected.union(bonds.keys).sorted() where choice.coversBond(name) {
            if let members = bonds[name] ?? (present.contains(name) ? nil : []) {
                if let seen = bond(name, members, scope) { observations.append(seen) }
            } else {
                let unseen = Observation.Value.unknown(because: "its members cannot be seen")
                observations.append(
                    Observation(NetifMeasures.members, of: Target(name.safe(limit: 64)), unseen, scope: scope)
                )
            }
        }
        return observations
    }

    // MARK: - Observations

    private func traffic(
        _ device: NetworkDevices.Device,
        _ link: Interface?,
        _ scope: Scope,
        at now: Duration
    ) -> [Observation] {
        let target = Target(device.name)
        let (received, sent) = (device.received, device.sent)
        let errors = received.errors.addingClamped(sent.errors)
        let drops = received.drops.addingClamped(sent.drops)
        let rates = counters.rates(of: device, over: settings.rateOver, at: now)
        func rate(_ measure: Measure, _ value: Double?, _ received: UInt64, _ sent: UInt64) -> Observation {
            Observation(
                measure,
                of: target,
                value.map { .number($0) } ?? .unknown(because: "no judgement yet: a rate needs two readings"),
                scope: scope,
                annotations: ["received": "\(received)", "sent": "\(sent)"]
            )
        }
        var observations = [
            rate(NetifMeasures.errorsRate, rates?.errors, received.errors, sent.errors),
            rate(NetifMeasures.dropsRate, rates?.drops, received.drops, sent.drops),
        ]
        for (measure, count) in [
            (NetifMeasures.errors, errors), (NetifMeasures.drops, drops), (NetifMeasures.received, received.bytes),
            (NetifMeasures.sent, sent.bytes),
        ] {
            observations.append(Observation(measure, of: target, .number(Double(count)), scope: scope))
        }
        if let speed = link?.speed, let rates {
            observations.append(
                Observation(
                    NetifMeasures.used,
                    of: target,
                    .number(max(rates.received, rates.sent) * 8 / speed),
                    scope: scope,
                    annotations: ["speed": "\(Unit.none.text(speed / 1e6)) Mbit/s"]
                )
            )
        }
        return observations
    }

    private static func link(_ name: String, _ link: Interface, _ scope: Scope) -> [Observation] {
        let target = Target(name)
        var observations = [Observation(NetifMeasures.link, of: target, .state(link.state.rawValue), scope: scope)]
        if let changes = link.carrierChanges {
            observations.append(Observation(NetifMeasures.flaps, of: target, .number(Double(changes)), scope: scope))
        }
        if let isFull = link.isFullDuplex {
            observations.append(
                Observation(NetifMeasures.duplex, of: target, .state(isFull ? "full" : "half"), scope: scope)
            )
        }
        return observations
    }

    /// What is not told of an interface whose link nobody shows.
    private static func hiddenLink(_ name: String, because reason: String) -> [Observation] {
        [NetifMeasures.link, NetifMeasures.flaps, NetifMeasures.duplex].map { measure in
            .outOfSight(measure, of: Target(name), because: "the links of the host cannot be seen: \(reason)")
        }
    }

    private func required(
        _ name: String,
        _ link: Interface?,
        isThere: Bool,
        _ reason: String?,
        _ scope: Scope
    ) -> Observation {
        let shown = name.safe(limit: 64)
        let value: Observation.Value
        var summary: String?
        if !isThere {
            value = .state("absent")
            summary = "interface \(shown) must be up and is not there"
        } else if let link {
            value = .state(Self.word(link))
            summary = "interface \(shown) must be up and is \(Self.word(link))"
        } else {
            let reason = reason ?? "it was just made"
            value = .unknown(because: "the links of the host cannot be seen: \(reason)")
        }
        return Observation(NetifMeasures.required, of: Target(shown), value, scope: scope, summary: summary)
    }

    /// Nil for one that never had members: loading the kernel's module makes such a bond.
    private func bond(_ name: String, _ members: [Bond.Member], _ scope: Scope) -> Observation? {
        let shown = name.safe(limit: 64)
        let up = members.filter(\.isUp)
        let expected = settings.bondMembers[name] ?? counters.mostMembers(of: name, members.count)
        guard expected > 0 else { return nil }
        let lost = members.filter { !$0.isUp }.map(\.name).joined(separator: ", ")
        var observation = Observation(
            NetifMeasures.members,
            of: Target(shown),
            .number(Double(up.count)),
            scope: scope,
            summary: "bond \(shown) has \(up.count) of \(expected) members",
            annotations: ["up": up.map(\.name).joined(separator: ", "), "expected": "\(expected)"]
        )
        if !lost.isEmpty { observation.annotations["lost"] = lost }
        observation.levels = Observation.OwnLevels(warning: Double(expected), critical: 1)
        return observation
    }

    // MARK: - States

    /// What is told of a link: one that nobody switched on is down, whatever its driver says.
    private static func word(_ link: Interface) -> String {
        (link.isEnabled ? link.state : .down).rawValue
    }

    /// A driver that does not tell says `unknown` for as long as the link is switched on.
    private static func isUp(_ state: NetworkLink.State) -> Bool { state == .up || state == .unknown }

    private static func states(that belong: (NetworkLink.State) -> Bool) -> [String] {
        NetworkLink.State.allCases.filter(belong).map(\.rawValue) + ["absent"]
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
