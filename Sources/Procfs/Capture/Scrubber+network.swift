// The network's files: addresses in hexadecimal, and interfaces.

extension Scrubber {
    /// The substitute for an address in host byte order.
    mutating func ipv4(_ address: UInt32) -> UInt32 {
        let made = networks.address(address)
        if made != address { _ = substitute(.ipv4, Self.dotted(address)) { _ in Self.dotted(made) } }
        return made
    }

    /// The substitute for sixteen bytes: a network for documentation (RFC 3849) for each network of 64 bits.
    mutating func ipv6(_ bytes: [UInt8]) -> [UInt8] {
        // IPv4 in disguise.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            let address = ipv4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
            return bytes[..<12] + stride(from: 24, through: 0, by: -8).map { UInt8(address >> UInt32($0) & 0xFF) }
        }
        let isNobody = bytes[..<15].allSatisfy { $0 == 0 }
        let isDocumentation = bytes[..<4].elementsEqual([0x20, 0x01, 0x0D, 0xB8])
        let isOurs = bytes[0] >= 0xFE && bytes[2..<14].allSatisfy { $0 == 0 }
        if isNobody || isDocumentation || isOurs { return bytes }
        let isBase = bytes[8...].allSatisfy { $0 == 0 }
        // Of link-local and multicast addresses the kind stays.
        var made: [UInt8]
        if bytes[0] >= 0xFE {
            made = [bytes[0], bytes[1]] + [UInt8](repeating: 0, count: 14)
        } else {
            let network = number("network " + Self.hex(bytes[..<8]))
            made = [0x20, 0x01, 0x0D, 0xB8, 0, 0, UInt8(network >> 8 & 0xFF), UInt8(network & 0xFF)]
            made += [UInt8](repeating: 0, count: 8)
        }
        guard !isBase else { return made }
        let host = number(Self.hex(bytes[...]))
        made[14] = UInt8(host >> 8 & 0xFF)
        made[15] = UInt8(host & 0xFF)
        return made
    }

    private mutating func number(_ original: String) -> Int {
        Int(substitute(.ipv6, original) { String($0) }) ?? 0
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String { bytes.map { digits(Int($0), 2) }.joined() }

    /// The bytes of hexadecimal digits; nil where they are none, or not so many.
    private static func bytes(_ digits: some StringProtocol, count: Int) -> [UInt8]? {
        let text = Array(digits.utf8)
        guard text.count == count * 2 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = text[index].hexadecimalDigit, let low = text[index + 1].hexadecimalDigit else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    // MARK: - Files

    /// `net/route`: eight digits as they lie in memory.
    mutating func routes(_ line: Substring) -> String {
        fields(line) { scrubber, fields in
            guard fields.count > 7, fields[0] != "Iface" else { return }
            fields[0] = scrubber.interface(fields[0])
            let destination = fields[1]
            for index in [1, 2] { fields[index] = scrubber.memoryOrder(fields[index]) }
            // The substitutes' networks are of 254 hosts.
            if let mask = Self.bytes(fields[7], count: 4), mask != [0, 0, 0, 0], mask != [255, 255, 255, 255],
                fields[1] != destination
            {
                fields[7] = "00FFFFFF"
            }
        }
    }

    /// The networks of `net/route`, those first that are reached without a gateway.
    mutating func learnNetworks(_ routes: IPv4Routes) {
        for route in routes.routes where !route.hasGateway { networks.add(route.destination, mask: route.mask) }
        for route in routes.routes where route.hasGateway { networks.add(route.destination, mask: route.mask) }
    }

    private mutating func memoryOrder(_ field: String) -> String {
        guard let bytes = Self.bytes(field, count: 4) else { return field }
        let made = ipv4(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
        return Self.hex([0, 8, 16, 24].map { UInt8(made >> $0 & 0xFF) }).uppercased()
    }

    /// `net/tcp` and `net/tcp6`: words in the machine's byte order.
    mutating func sockets(_ line: Substring) -> String {
        fields(line) { scrubber, fields in
            guard fields.count > 3, fields[0].hasSuffix(":") else { return }
            for index in [1, 2] {
                let parts = fields[index].split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2 else { continue }
                fields[index] = scrubber.endpoint(String(parts[0])) + ":" + parts[1]
            }
            // Where the kernel keeps it: zeros, or a number that it scrambles itself.
            if fields.count > 11, fields[11].utf8.count == 16, fields[11].contains(where: { $0 != "0" }) {
                fields[11] = "0000000000000000"
                scrubber.remove(.pointer)
            }
        }
    }

    private mutating func endpoint(_ digits: String) -> String {
        guard digits.utf8.count != 8 else { return memoryOrder(digits) }
        guard let bytes = Self.bytes(digits, count: 16) else { return digits }
        return Self.hex(Self.swapped(ipv6(Self.swapped(bytes)))).uppercased()
    }

    /// Turns each word of four bytes around.
    private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: 16, by: 4).flatMap { bytes[$0..<($0 + 4)].reversed() }
    }

    /// `net/if_inet6` and `net/ipv6_route`: thirty-two digits, the interface at the end.
    mutating func addresses6(_ line: Substring) -> String {
        fields(line) { scrubber, fields in
            for index in fields.indices {
                guard let bytes = Self.bytes(fields[index], count: 16) else { continue }
                fields[index] = Self.hex(scrubber.ipv6(bytes))
            }
            if let last = fields.last { fields[fields.count - 1] = scrubber.interface(last) }
        }
    }

    /// `net/dev`: the name before the colon.
    mutating func device(_ line: Substring) -> String {
        guard let colon = line.firstIndex(of: ":"), !line.contains("|") else { return String(line) }
        let name = line[..<colon].drop { $0 == " " }
        return line[..<name.startIndex] + interface(String(name)) + line[colon...]
    }

    /// A bond's line.
    mutating func bond(_ line: Substring) -> String {
        let keys = ["Slave Interface", "Currently Active Slave", "Primary Slave", "Active Slave"]
        guard let colon = line.firstIndex(of: ":"), keys.contains(String(line[..<colon])) else {
            return figures(String(line))
        }
        let words = line[line.index(after: colon)...].split(separator: " ", maxSplits: 1)
        guard let name = words.first, name != "None" else { return String(line) }
        return "\(line[...colon]) \(interface(String(name)))" + (words.count > 1 ? " \(figures(String(words[1])))" : "")
    }

    /// Of an interface's `uevent` only what is looked at stays.
    mutating func interfaceEvent(_ line: Substring) -> String? {
        if line.hasPrefix("INTERFACE=") { return "INTERFACE=" + interface(String(line.dropFirst(10))) }
        return line.hasPrefix("DEVTYPE=") || line.hasPrefix("IFINDEX=") ? String(line) : nil
    }

    // MARK: - Interfaces

    /// The name of an interface: what the kernel and the usual programs choose by number stays.
    mutating func interface(_ name: String) -> String {
        // systemd names some by their address.
        for prefix in ["enx", "wlx", "wwx"]
        where name.hasPrefix(prefix) && name.utf8.count == 15
            && name.utf8.dropFirst(3).allSatisfy({ $0.hexadecimalDigit != nil })
        {
            return prefix + mac(digits: name.dropFirst(3).lowercased(), separator: "")
        }
        for prefix in ["br-", "veth", "cali", "lxc", "vnet", "tap", "flannel.", "cni-"] where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.utf8.count)
            if rest.utf8.count < 6, rest.utf8.allSatisfy(\.isDigit) { return keep(.interface, name) }
            return substitute(.interface, name) { "\(prefix)\($0)" }
        }
        if Self.isUsualInterface(name) { return name }
        return self.name(.interface, name)
    }

    // MARK: - Lines

    /// Has the fields of a line changed, the blanks between them left as they are.
    mutating func fields(_ line: Substring, _ change: (inout Scrubber, inout [String]) -> Void) -> String {
        let fields = line.split { $0 == " " || $0 == "\t" }
        var texts = fields.map(String.init)
        change(&self, &texts)
        var result = ""
        var index = line.startIndex
        for (field, text) in zip(fields, texts) {
            result += line[index..<field.startIndex] + text
            index = field.endIndex
        }
        return result + line[index...]
    }
}
