import Basics

/// Replaces what tells whose machine it is: the same by the same, so that relations stay, and what is replaced already
/// by itself.
///
/// What may stay is listed, in `Scrubber+words.swift` for the most part; everything else that people choose goes.
package struct Scrubber {
    /// What is replaced, named as the report shows it.
    package enum Subject: String, CaseIterable, Sendable {
        case hostName = "host names"
        case userName = "user names"
        case ipv4 = "IPv4 addresses"
        case ipv6 = "IPv6 addresses"
        case mac = "MAC addresses"
        case uuid = "UUIDs"
        case identifier = "identifiers of containers, networks and machines"
        case interface = "names of interfaces"
        case folder = "names of folders"
        case volume = "names of volumes"
        case label = "labels of filesystems"
        case unit = "names of units and control groups"
        case option = "values of mount options"
        case argument = "arguments of command lines"
        case comment = "comments"
        case pointer = "addresses in memory"

        /// How a substitute begins: `host-1`.
        var prefix: String {
            switch self {
            case .hostName: "host"
            case .userName: "user"
            case .interface: "if"
            case .folder: "dir"
            case .volume: "volume"
            case .label: "label"
            case .unit: "unit"
            default: "value"
            }
        }
    }

    private var substitutes: [Subject: [String: String]] = [:]
    private var taken: [Subject: Set<String>] = [:]
    /// Names that are replaced wherever a program or a person may have written them.
    private var names: [(name: [UInt8], substitute: String)] = []
    /// How often something was replaced that needs no substitute of its own.
    private var removed: [Subject: Int] = [:]
    var networks = NetworkPlan()

    package init() {}

    /// How many different values of each subject were replaced.
    package var counts: [(subject: Subject, count: Int)] {
        Subject.allCases.compactMap { subject in
            let count = (substitutes[subject] ?? [:]).count { $0.key != $0.value } + (removed[subject] ?? 0)
            return count > 0 ? (subject, count) : nil
        }
    }

    // MARK: - Substitutes

    /// The substitute for `original`; a new one is made from a number, counting from 1.
    mutating func substitute(_ subject: Subject, _ original: String, _ make: (Int) -> String) -> String {
        if let known = substitutes[subject]?[original] { return known }
        var number = substitutes[subject, default: [:]].count + 1
        var made = make(number)
        // What was there already and looks like a substitute; with few numbers to choose from, one is given twice.
        var tries = 0
        while taken[subject]?.contains(made) == true, tries < 4096 {
            number += 1
            tries += 1
            made = make(number)
        }
        substitutes[subject, default: [:]][original] = made
        taken[subject, default: []].insert(made)
        return made
    }

    /// Keeps what is a substitute already.
    mutating func keep(_ subject: Subject, _ text: String) -> String {
        taken[subject, default: []].insert(text)
        return text
    }

    /// `host-1` for a name.
    mutating func name(_ subject: Subject, _ original: some StringProtocol) -> String {
        let original = String(original)
        if Self.isNumbered(original, subject.prefix) { return keep(subject, original) }
        return substitute(subject, original) { "\(subject.prefix)-\($0)" }
    }

    /// Notes that something was taken away.
    mutating func remove(_ subject: Subject, _ count: Int = 1) { removed[subject, default: 0] += count }

    /// Whether a text is a prefix, `-` and a number.
    static func isNumbered(_ text: some StringProtocol, _ prefix: String) -> Bool {
        guard text.hasPrefix("\(prefix)-") else { return false }
        let digits = text.utf8.dropFirst(prefix.utf8.count + 1)
        return !digits.isEmpty && digits.count < 7 && digits.allSatisfy { $0.isDigit }
    }

    // MARK: - Names in texts

    /// Has a name replaced wherever it stands in what programs and people write.
    mutating func know(_ subject: Subject, _ name: String) {
        // A number or two letters stand for too much.
        guard name.utf8.count > 2, !name.utf8.allSatisfy(\.isDigit), !Self.isCommonWord(name) else { return }
        let substitute = self.name(subject, name)
        guard substitute != name else { return }
        names.append((Array(name.utf8), substitute))
        names.sort { $0.name.count > $1.name.count }
    }

    /// The host's name, in full and without its domain.
    mutating func know(host name: String) {
        guard name != "localhost" else { return }
        know(.hostName, name)
        if let label = name.split(separator: ".").first, label.count < name.count { know(.hostName, String(label)) }
    }

    /// Replaces names that are known, then addresses and identifiers.
    mutating func text(_ text: some StringProtocol) -> String { figures(named(text)) }

    private func named(_ text: some StringProtocol) -> String {
        guard !names.isEmpty else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if index == 0 || !bytes[index - 1].isWord,
                let known = names.first(where: { Self.stands($0.name, bytes, index) })
            {
                result += known.substitute.utf8
                index += known.name.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func stands(_ name: [UInt8], _ bytes: [UInt8], _ index: Int) -> Bool {
        let end = index + name.count
        return end <= bytes.count && bytes[index..<end].elementsEqual(name)
            && (end == bytes.count || !bytes[end].isWord)
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// A letter of any script, or a digit.
    var isWord: Bool {
        isDigit || self >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
