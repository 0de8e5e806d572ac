import Alerting
import Basics

/// The containers that the board remembers, by their ids, and which of them claim a target.
///
/// A record is too large to be moved about, and a list of the engine asks for each of its rows who else claims the target:
/// records are looked at in their places.
struct ContainerRecords: Sendable {
    /// Where a record is, until the next one comes or goes.
    typealias Place = Dictionary<String, ContainerRecord>.Index

    /// The container that stands for a target.
    struct Speaker: Sendable {
        var target: Target
        var place: Place
    }

    private var known: [String: ContainerRecord] = [:]
    /// By their ids; of most targets it is one.
    private var claimants: [Target: [String]] = [:]
    /// Kept between sweeps in which no record changes.
    private var sortedSpeakers: [Speaker]?

    var count: Int { known.count }
    var values: Dictionary<String, ContainerRecord>.Values { known.values }

    subscript(id: String) -> ContainerRecord? {
        get { known[id] }
        set {
            sortedSpeakers = nil
            let former = known.index(forKey: id).map { known.values[$0].target }
            if let former, former != newValue?.target {
                claimants[former]?.removeAll { $0 == id }
                if claimants[former]?.isEmpty == true { claimants[former] = nil }
            }
            if let target = newValue?.target, target != former { claimants[target, default: []].append(id) }
            known[id] = newValue
        }
    }

    /// Whether a container other than `id` claims a target.
    func isClaimed(_ target: Target, besides id: String = "") -> Bool {
        claimants[target]?.contains { $0 != id } ?? false
    }

    /// Whether no other container stands for this one's target; it need not be among those that are remembered.
    func isSpeaker(_ record: ContainerRecord) -> Bool {
        !(claimants[record.target] ?? []).contains { id in
            guard id != record.identity.id, let place = known.index(forKey: id) else { return false }
            return known.values[place].speaks(before: record)
        }
    }

    /// One container per target, sorted by target: while one replaces another, both have its name.
    var speakers: [Speaker] {
        if let sortedSpeakers { return sortedSpeakers }
        let best = claimants.compactMap { target, ids in
            ids.compactMap { known.index(forKey: $0) }.min { known.values[$0].speaks(before: known.values[$1]) }
                .map { Speaker(target: target, place: $0) }
        }
        return best.sorted { $0.target < $1.target }
    }

    /// Sorts the speakers for all who ask until a record changes.
    mutating func sortSpeakers() {
        if sortedSpeakers == nil { sortedSpeakers = speakers }
    }
}

extension ContainerRecord {
    /// Whether this one stands for a target that both claim: the one that runs, then the younger.
    fileprivate func speaks(before other: ContainerRecord) -> Bool {
        let (mine, others) = (phase.isUp && run?.end == nil, other.phase.isUp && other.run?.end == nil)
        if mine != others { return mine }
        let (began, otherBegan) = (run?.startedAt, other.run?.startedAt)
        if began != otherBegan { return (began?.milliseconds ?? 0) > (otherBegan?.milliseconds ?? 0) }
        return identity.id < other.identity.id
    }
}
