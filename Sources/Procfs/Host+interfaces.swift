import Glibc
package import Netlink

/// What is known of an interface beside its counters.
package struct Interface: Sendable, Equatable {
    package var state: NetworkLink.State
    /// Whether somebody switched it on.
    package var isEnabled: Bool
    /// Whether no hardware belongs to it, and it is no bond, team or VLAN over hardware.
    package var isVirtual: Bool
    /// How often the carrier came and went.
    package var carrierChanges: UInt64?
    /// In bits a second; nil where the driver does not tell, as for a link without carrier.
    package var speed: Double?
    /// Whether both sides may send at once; nil where the driver does not tell.
    package var isFullDuplex: Bool?
}

extension Host {
    /// The interfaces of process 1's namespace and their counters.
    package func networkDevices() throws(HostFileError) -> HostReading<NetworkDevices> {
        HostReading(value: try read(NetworkDevices.self, limit: 8 << 20), scope: scope(of: .host))
    }

    /// The host's interfaces by name, as netlink tells them or, where it does not, the host's sysfs.
    ///
    /// - Parameters:
    ///   - names: Those to look at in sysfs, where each costs some files.
    ///   - links: What netlink told (`links()`); nil where it does not tell of the host.
    /// - Returns: What is known of each; by netlink of others, too.
    /// - Throws: Where neither tells of the host.
    package func interfaces(_ names: [String], _ links: [NetworkLink]?) throws(HostFileError) -> [String: Interface] {
        let isOurs = isHostsSysfs
        if let links {
            return Dictionary(
                links.map { link in
                    let hasSpeed = isOurs && link.kind == nil && names.contains(link.name)
                    return (link.name, Interface(link, speed: hasSpeed ? speed(of: link.name) : nil))
                },
                uniquingKeysWith: { first, _ in first }
            )
        }
        guard isOurs else {
            throw .absent(path: "\(roots.sys)/class/net", hint: Self.hint(toMount: .sys))
        }
        var found: [String: Interface] = [:]
        for name in names { found[name] = interface(name) }
        return found
    }

    /// The bonds of process 1's namespace by name, and the teams among `links`.
    package func bonds(_ links: [NetworkLink]?) throws(HostFileError) -> [String: [Bond.Member]] {
        var bonds: [String: [Bond.Member]] = [:]
        let folder = HostPath.network(.host, "bonding")
        if let directory = opendir(location(of: folder)) {
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard !name.hasPrefix(".") else { continue }
                do {
                    bonds[name] = try read(Bond.self, at: .network(.host, "bonding/\(name)")).members
                } catch .absent {
                    // It was taken down meanwhile.
                }
            }
        }
        guard let links else { return bonds }
        for team in links where team.kind == "team" {
            bonds[team.name] = links.filter { $0.master == team.index }.map { member in
                Bond.Member(name: member.name, isUp: member.state == .up)
            }
        }
        return bonds
    }

    /// Whether the sysfs that we see is the one that process 1 sees: each network namespace has its own, with its own
    /// interfaces and its own number.
    var isHostsSysfs: Bool {
        var facts = stat()
        guard stat(roots.sys, &facts) == 0 else { return false }
        // As makedev(3) packs them.
        let (major, minor) = (facts.st_dev >> 8 & 0xFFF, facts.st_dev & 0xFF | facts.st_dev >> 12 & 0xFFF00)
        let own = Array("\(major):\(minor)".utf8)
        // It is among the first mounts as a rule: the rest is not read then.
        var read = 0
        var isFound = false
        _ = try? bytes(of: MountInfo.source, limit: 4 << 20) { bytes in
            guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")), end > read else { return false }
            isFound = bytes[read..<end].split(separator: UInt8(ascii: "\n")).contains { Self.isSysfs($0, own) }
            read = end
            return isFound
        }
        return isFound
    }

    /// Whether a line of mountinfo is about the sysfs with a number, where process 1 looks for its own.
    static func isSysfs(_ line: ArraySlice<UInt8>, _ number: [UInt8]) -> Bool {
        // The mount's number, its parent's, the filesystem's, the folder in it and the place.
        var fields = Fields(line)
        for _ in 0..<2 { _ = fields.next() }
        guard fields.next()?.elementsEqual(number) == true else { return false }
        _ = fields.next()
        return fields.next()?.elementsEqual("/sys".utf8) == true && line.firstRange(of: Array(" - sysfs ".utf8)) != nil
    }

    private func interface(_ name: String) -> Interface? {
        guard let state = sysfsText(name, .operstate),
            let flags = sysfsText(name, .flags).flatMap({ UInt32($0.dropFirst(2), radix: 16) })
        else { return nil }
        let isPlacedVirtually = self.isPlacedVirtually(name)
        var facts = Interface(
            state: NetworkLink.State(rawValue: Self.states[state] ?? state) ?? .unknown,
            isEnabled: flags & UInt32(IFF_UP) != 0,
            isVirtual: isPlacedVirtually && !isOverHardware(name)
        )
        facts.carrierChanges = sysfsText(name, .carrierChanges).flatMap { UInt64($0) }
        // A bond's or a VLAN's are those of the hardware below, and told there.
        if !isPlacedVirtually, let (speed, isFullDuplex) = speed(of: name) {
            facts.speed = speed
            facts.isFullDuplex = isFullDuplex
        }
        return facts
    }

    /// The words of `operstate` that are spelled in another way than ours.
    private static let states = ["notpresent": "not_present", "lowerlayerdown": "lower_layer_down"]

    /// Whether an interface is nobody's hardware by where it lies in sysfs.
    func isPlacedVirtually(_ name: String) -> Bool {
        var target = [CChar](repeating: 0, count: 512)
        let path = location(of: HostPath(.sys, "class/net/\(name)"))
        guard readlink(path, &target, target.count - 1) > 0 else { return false }
        let place = String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return place.contains("/virtual/")
    }

    private func isOverHardware(_ name: String) -> Bool {
        guard let event = sysfsText(name, .uevent) else { return false }
        return Interface.overHardware.contains { event.contains("DEVTYPE=\($0)") }
    }

    private func speed(of name: String) -> (bits: Double, isFullDuplex: Bool?)? {
        // Unknown is -1; 2^32 - 1 before Linux 3.19.
        guard let speed = sysfsText(name, .speed).flatMap({ Double($0) }), speed > 0, speed < 4_294_967_295 else {
            return nil
        }
        let duplex = sysfsText(name, .duplex)
        return (speed * 1e6, duplex == "full" ? true : duplex == "half" ? false : nil)
    }

    /// A small file of an interface; nil where it cannot be read, as the speed of a link that is down.
    private func sysfsText(_ name: String, _ file: InterfaceFile) -> String? {
        guard !name.contains("/"),
            let bytes = try? bytes(of: HostPath(.sys, "class/net/\(name)/\(file.rawValue)"))
        else {
            return nil
        }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).trimmedOfLineEnd
    }
}

extension Interface {
    /// Kinds that stand for hardware.
    fileprivate static let overHardware = ["bond", "team", "vlan", "wlan", "wwan"]

    fileprivate init(_ link: NetworkLink, speed: (bits: Double, isFullDuplex: Bool?)?) {
        state = link.state
        isEnabled = link.isEnabled
        isVirtual = link.kind.map { !Self.overHardware.contains($0) } ?? link.isLoopback
        carrierChanges = link.carrierChanges.map(UInt64.init)
        self.speed = speed?.bits
        isFullDuplex = speed?.isFullDuplex
    }
}

extension String {
    fileprivate var trimmedOfLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
