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

    /// Whether it is told that a unit failed which this instance does not name.
    func coversFailure(of unit: String) -> Bool {
        !isNamed && !settings.names(unit) && !settings.excludes(unit) && !others.contains { $0.names(unit) }
    }

    func coversRestarts(of unit: String) -> Bool {
        if settings.excludes(unit) { return false }
        if settings.names(unit) { return true }
        return !isNamed && !others.contains { $0.names(unit) }
    }

    func coversTimer(_ unit: String) -> Bool {
        if settings.timerMaxAge[unit] != nil { return true }
        if settings.excludes(unit) { return false }
        if isNamed { return settings.namesTimer(unit) }
        guard settings.timers.contains(where: { $0.matches(unit) }) else { return false }
        return settings.namesTimer(unit) || !others.contains { $0.namesTimer(unit) }
    }
}

extension SystemdSettings {
    /// Whether somebody chose the timer, rather than all.
    fileprivate func namesTimer(_ unit: String) -> Bool {
        names(unit) || choosesTimers && timers.contains { $0.matches(unit) }
    }
}
