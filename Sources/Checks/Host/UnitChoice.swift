/// Which units an instance is about, beside others: a named one about those it names, the one without a name about all
/// that no other names.
struct UnitChoice: Sendable {
    let isNamed: Bool
    private let settings: SystemdSettings
    private let others: [SystemdSettings]

    init(_ share: InstanceShare<SystemdSettings>) {
        isNamed = share.name != nil
        settings = share.settings
        others = share.name == nil ? share.others : []
    }

    /// Names that tell whose a unit is, beside those that this instance watches: others name it, or it is left out.
    var recognised: [String] { others.flatMap(\.named) + settings.exclude.compactMap(\.name) }

    // A unit has its first name and `aliases`, of which each settings may use another.

    /// Whether it is told that a unit failed which this instance does not name.
    func coversFailure(of unit: String, _ aliases: [String] = []) -> Bool {
        !isNamed && !settings.names(unit, aliases) && !settings.excludes(unit, aliases)
            && !others.contains { $0.names(unit, aliases) }
    }

    func coversRestarts(of unit: String, _ aliases: [String] = []) -> Bool {
        if settings.excludes(unit, aliases) { return false }
        if settings.names(unit, aliases) { return true }
        return !isNamed && !others.contains { $0.names(unit, aliases) }
    }

    func coversTimer(_ unit: String, _ aliases: [String] = []) -> Bool {
        if settings.maxAge(of: unit, aliases) != nil { return true }
        if settings.excludes(unit, aliases) { return false }
        if isNamed { return settings.namesTimer(unit, aliases) }
        guard settings.watchesTimer(unit, aliases) else { return false }
        return settings.namesTimer(unit, aliases) || !others.contains { $0.namesTimer(unit, aliases) }
    }
}

extension SystemdSettings {
    /// Whether somebody chose the timer, rather than all.
    fileprivate func namesTimer(_ unit: String, _ aliases: [String]) -> Bool {
        names(unit, aliases) || choosesTimers && watchesTimer(unit, aliases)
    }
}
