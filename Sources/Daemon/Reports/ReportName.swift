import Basics

/// The name that the files of one report share: `custos-report-20261121T012234.123Z-edge-7`.
///
/// Names sort by time. A file whose name does not read back exactly is not ours.
struct ReportName: Hashable, Comparable {
    static let endings = ["json", "txt"]
    private static let prefix = "custos-report-"
    private static let stampLength = "20261121T012234.123Z".utf8.count

    /// In UTC, whole milliseconds.
    let time: Timestamp
    /// Characters that are safe in a file's name; `_` stands for all others.
    let node: String

    init(time: Timestamp, node: String) {
        self.time = time
        let safe = node.utf8.prefix(64).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                byte
            default: UInt8(ascii: "_")
            }
        }
        self.node = safe.isEmpty ? "_" : String(decoding: safe, as: UTF8.self)
    }

    /// Takes a file's name apart; nil for any that we would not write.
    init?(file: String) {
        guard let ending = Self.endings.first(where: { file.hasSuffix("." + $0) }), file.hasPrefix(Self.prefix),
            file.utf8.allSatisfy({ $0 < 0x80 })
        else { return nil }
        let stem = file.dropFirst(Self.prefix.count).dropLast(ending.count + 1)
        let stamp = stem.prefix(Self.stampLength)
        let rest = stem.dropFirst(Self.stampLength)
        guard rest.first == "-", let time = Self.time(stamp) else { return nil }
        self.init(time: time, node: String(rest.dropFirst()))
        guard self.file(ending) == file else { return nil }
    }

    var stem: String {
        let stamp = time.description.filter { $0 != "-" && $0 != ":" }
        return Self.prefix + stamp + "-" + node
    }

    func file(_ ending: String) -> String { "\(stem).\(ending)" }

    /// The same host's next name, for when this one is taken.
    var next: ReportName { ReportName(time: time + .milliseconds(1), node: node) }

    static func < (left: ReportName, right: ReportName) -> Bool { (left.time, left.node) < (right.time, right.node) }

    /// `20261121T012234.123Z` with its separators back.
    private static func time(_ stamp: Substring) -> Timestamp? {
        let characters = Array(stamp)
        guard characters.count == stampLength else { return nil }
        var text = ""
        for (index, character) in characters.enumerated() {
            if index == 4 || index == 6 { text.append("-") }
            if index == 11 || index == 13 { text.append(":") }
            text.append(character)
        }
        return Timestamp(text)
    }
}
