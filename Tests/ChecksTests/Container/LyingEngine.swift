import Basics
import DockerEngine
import TestSupport

@testable import Checks

/// An engine with many containers that come, live and go at random, and tells of it as it likes.
struct LyingEngine {
    var random: SeededGenerator
    private(set) var now = 0.0
    private(set) var containers: [String: ContainerDetail] = [:]
    /// How often each container ended, by its name.
    private(set) var ends: [String: Int] = [:]
    private var told: [ContainerEvent] = []
    private var count = 0

    init(seed: Int) {
        random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<4 { create() }
        for id in ids { start(id) }
        told = []
    }

    private var ids: [String] { containers.keys.sorted() }

    var list: [ContainerDetail] { ids.compactMap { containers[$0] } }

    private mutating func pick(_ bound: UInt64) -> UInt64 { random.next() % bound }

    private mutating func tell(_ id: String, _ action: ContainerEvent.Action) {
        guard let identity = containers[id]?.identity else { return }
        told.append(ContainerEvent(identity, action, at: BoardScene.at(now + 0.001)))
    }

    private mutating func pass(_ most: Double) { now += 0.05 + Double(pick(1000)) / 1000 * most }

    mutating func step() {
        pass(20)
        guard let id = ids.isEmpty ? nil : ids[Int(pick(UInt64(ids.count)))], let detail = containers[id] else {
            return create()
        }
        switch (pick(9), detail.phase) {
        case (0, _): create()
        case (1, .running): crash(id)
        case (2, .running): stop(id)
        case (3, .running):
            stop(id)
            start(id)
        case (4, .running):
            containers[id]?.phase = .paused
            tell(id, .pause)
        case (_, .paused):
            containers[id]?.phase = .running
            tell(id, .unpause)
        case (5, .running): turn(id)
        case (6, _): rename(id)
        case (7, _): remove(id)
        case (_, .exited), (_, .created): start(id)
        default: break
        }
    }

    private mutating func create() {
        guard containers.count < 8 else { return }
        count += 1
        let text = String(count, radix: 16)
        let id = String(repeating: "0", count: 16 - text.count) + text + String(repeating: "f", count: 48)
        var detail = ContainerDetail(BoardScene.identity("c\(count)", id: id), phase: .created)
        detail.policy = count.isMultiple(of: 2) ? .always : .no
        if count.isMultiple(of: 3) { detail.health = ContainerHealth(.starting) }
        containers[id] = detail
        tell(id, .create)
    }

    private mutating func start(_ id: String) {
        pass(1)
        containers[id]?.phase = .running
        containers[id]?.pid = 7
        containers[id]?.startedAt = BoardScene.at(now)
        if containers[id]?.health != nil { containers[id]?.health = ContainerHealth(.starting) }
        tell(id, .start)
    }

    private mutating func end(_ id: String, _ exitCode: Int) {
        guard let detail = containers[id] else { return }
        ends[detail.identity.name, default: 0] += 1
        containers[id] = BoardScene.ended(detail, exitCode, at: now)
        tell(id, .die(exitCode: exitCode, ranFor: nil))
    }

    private mutating func crash(_ id: String) {
        end(id, Int(pick(3)) + 1)
        guard containers[id]?.policy == .always else { return }
        containers[id]?.restartCount += 1
        start(id)
    }

    private mutating func stop(_ id: String) {
        tell(id, .kill(signal: 15))
        pass(1)
        end(id, 143)
        tell(id, .stop)
        containers[id]?.restartCount = 0
    }

    private mutating func turn(_ id: String) {
        guard let health = containers[id]?.health else { return }
        let status: ContainerHealth.Status = health.status == .healthy ? .unhealthy : .healthy
        containers[id]?.health = ContainerHealth(status)
        tell(id, .health(status))
    }

    private mutating func rename(_ id: String) {
        count += 1
        containers[id]?.identity.name = "c\(count)"
        tell(id, .rename)
    }

    private mutating func remove(_ id: String) {
        if containers[id]?.phase == .running || containers[id]?.phase == .paused {
            tell(id, .kill(signal: 9))
            end(id, 137)
        }
        tell(id, .destroy)
        containers[id] = nil
    }

    /// The events since the last call: some lost, some twice or much later again, some in another order.
    mutating func delivery(after old: [ContainerEvent]) -> [ContainerEvent] {
        defer { told = [] }
        var out: [ContainerEvent] = []
        for event in told {
            switch pick(8) {
            case 0: continue
            case 1: out += [event, event]
            default: out.append(event)
            }
        }
        if let again = old.last, pick(6) == 0 { out.append(again) }
        if out.count > 1 {
            for index in 1..<out.count where pick(4) == 0 { out.swapAt(index, Int(pick(UInt64(index)))) }
        }
        return out
    }
}
