/// Which interfaces an instance is about, beside others.
struct NetifChoice: Sendable {
    private let settings: NetifSettings
    private let isNamed: Bool
    /// Those whose interfaces are told by them.
    private let others: [NetifSettings]

    init(_ share: InstanceShare<NetifSettings>) {
        settings = share.settings
        isNamed = share.name != nil
        others = share.settings.include.isEmpty ? share.others : []
    }

    /// Whether an interface is watched for what goes wrong on it, as far as its name tells.
    func covers(_ name: String) -> Bool {
        // A named instance that includes nothing is about `up` or `bond_members` alone.
        guard !isNamed || !settings.include.isEmpty else { return false }
        return settings.covers(name) && !others.contains { $0.names(name) }
    }

    func coversBond(_ name: String) -> Bool {
        if isNamed { return settings.names(name) }
        return settings.names(name) || !others.contains { $0.names(name) }
    }
}

extension NetifSettings {
    /// Whether somebody chose the interface, rather than all.
    fileprivate func names(_ interface: String) -> Bool {
        bondMembers[interface] != nil || !include.isEmpty && covers(interface)
    }
}
