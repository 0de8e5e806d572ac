import Basics

/// A container as the name of its control group tells, whichever engine made it.
///
/// Names: `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`, `nerdctl-<id>.scope` by
/// systemd; `/docker/<id>`, `/kubepods/burstable/pod<uid>/<id>`, `/libpod_parent/libpod-<id>`, `/default/<id>` without it;
/// `<slice>:cri-containerd:<id>` where a name for the one was given to the other. The id has 64 hexadecimal digits.
package struct CgroupContainer: Hashable, Sendable {
    package var id: String
    /// What the group's name says of who made it: `docker`, `cri-containerd`; without a word of that `container`.
    package var engine: String
    /// The Kubernetes pod's uid.
    package var pod: String?

    /// What people call it without an engine to ask: `cri-containerd-0f3a0f3a0f3a`.
    package var name: String { "\(engine)-\(id.prefix(12))" }

    /// The outermost container of a path; nil where it is none's.
    init?(_ names: some Collection<String>) {
        var above: [String] = []
        // The three parts of a name that was meant for systemd, and was taken as it is.
        for name in names.lazy.flatMap({ $0.split(separator: ":").map(String.init) }) {
            if let (prefix, id) = Self.parts(of: name) {
                // What holds the terminal of a container is none.
                guard !prefix.contains("conmon") else { return nil }
                self.id = id
                engine = prefix.isEmpty ? Self.engine(below: above) : prefix
                pod = above.lazy.compactMap(Self.pod(in:)).first
                return
            }
            above.append(name)
        }
        return nil
    }

    /// `docker-<id>.scope` as `docker` and the id.
    private static func parts(of name: String) -> (prefix: String, id: String)? {
        var bytes = Array(name.utf8)[...]
        if bytes.count > 6, bytes.suffix(6).elementsEqual(".scope".utf8) { bytes = bytes.dropLast(6) }
        guard bytes.count >= 64, bytes.count <= 64 + 33 else { return nil }
        let (before, id) = (bytes.dropLast(64), bytes.suffix(64))
        guard id.allSatisfy(\.isLowercaseHexadecimal), before.isEmpty || before.last == UInt8(ascii: "-") else {
            return nil
        }
        let prefix = before.dropLast()
        guard prefix.allSatisfy(\.isOfAName) else { return nil }
        return (String(decoding: prefix, as: UTF8.self), String(decoding: id, as: UTF8.self))
    }

    private static func engine(below names: [String]) -> String {
        if let last = names.last, last == "cri-containerd" || last == "crio" { return last }
        if names.contains(where: { $0.hasPrefix("kubepods") }) { return "kubepods" }
        return names.last == "docker" ? "docker" : "container"
    }

    /// The uid in `kubepods-burstable-pod<uid>.slice` or `pod<uid>`; systemd wants `_` for `-`.
    private static func pod(in name: String) -> String? {
        guard let range = name.range(ofLast: "pod") else { return nil }
        let rest = name[range...].prefix { $0 != "." }
        guard (32...36).contains(rest.utf8.count),
            rest.utf8.allSatisfy({ $0.isLowercaseHexadecimal || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return nil }
        return String(rest.map { $0 == "_" ? "-" : $0 })
    }
}

extension String {
    /// Where what follows the last occurrence of a word begins.
    fileprivate func range(ofLast word: String) -> String.Index? {
        var last: String.Index?
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(word) { last = index(place, offsetBy: word.count) }
            place = index(after: place)
        }
        return last
    }
}

extension UInt8 {
    fileprivate var isLowercaseHexadecimal: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }

    fileprivate var isOfAName: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }
}

extension CgroupMembership {
    /// The container whose process this is; of a host that is a container itself, whose own groups are `hidden`, one in it.
    func container(below hidden: [String]) -> CgroupContainer? {
        let all = [unified, places[.memory], places[.pids], places[.cpu]].compactMap(\.self)
        for place in all {
            let names =
                place.ups == 0 && place.names.starts(with: hidden)
                ? place.names.dropFirst(hidden.count) : place.names[...]
            if let container = CgroupContainer(names) { return container }
        }
        return nil
    }
}
