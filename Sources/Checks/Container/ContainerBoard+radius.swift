import Alerting
import Basics

/// What goes down with an engine, its disk, or a container.
extension ContainerBoard {
    /// The containers that ran when they were last seen.
    var up: BlastRadius { BlastRadius(records.speakers.filter { records.values[$0.place].runs }.map(\.target)) }

    /// The running containers that live in this one's network.
    func dependants(of record: ContainerRecord) -> BlastRadius {
        guard networkParents.contains(record.target) else { return BlastRadius([]) }
        let cutOff = records.values.filter { $0.networkOf == record.target && $0.runs }
        return BlastRadius(Set(cutOff.map(\.target)).sorted())
    }

    /// Finds out whose network a container lives in; what was known of a parent that is no more stays.
    mutating func findParent(of record: inout ContainerRecord) {
        guard let name = record.networkParent else {
            if record.networkOf != nil { record.networkOf = nil }
            return
        }
        guard let target = self.record(goingBy: name)?.target, target != record.target else { return }
        if record.networkOf != target { record.networkOf = target }
        networkParents.insert(target)
    }

    /// The container that the engine means: by its id, its beginning, or a name.
    func record(goingBy name: String) -> ContainerRecord? {
        records[name] ?? records.values.first { $0.identity.goes(by: name) }
    }

    /// The same for all that are known, once all are.
    mutating func findParents() {
        for var record in records.values where record.networkParent != nil {
            let known = record.networkOf
            findParent(of: &record)
            if record.networkOf != known { records[record.identity.id] = record }
        }
    }
}

extension ContainerIdentity {
    /// Whether the engine may mean it: by its name, or by the beginning of its id.
    fileprivate func goes(by text: String) -> Bool { name == text || text.utf8.count >= 12 && id.hasPrefix(text) }
}

extension ContainerRecord {
    /// Whether it has not ended, as far as anybody knows.
    fileprivate var runs: Bool { phase.isUp && run?.end == nil }
}
