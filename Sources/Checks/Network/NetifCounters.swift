import Basics
import Procfs
import Synchronization

/// What an instance has read of each interface, for its rates.
final class NetifCounters: Sendable {
    /// Growth per second.
    struct Rates {
        var errors: Double
        var drops: Double
        var received: Double
        var sent: Double
    }

    private struct Windows {
        var errors = CounterWindow()
        var drops = CounterWindow()
        var received = CounterWindow()
        var sent = CounterWindow()
    }

    private struct State {
        var windows: [String: Windows] = [:]
        var members: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Takes in a reading; nil until there are two.
    func rates(of device: NetworkDevices.Device, over span: Duration, at now: Duration) -> Rates? {
        let (received, sent) = (device.received, device.sent)
        return state.withLock { state in
            var windows = state.windows.removeValue(forKey: device.name) ?? Windows()
            defer { state.windows[device.name] = windows }
            // Each takes the reading in, whatever the others say.
            let errors = windows.errors.add(received.errors.addingClamped(sent.errors), at: now, over: span)
            let drops = windows.drops.add(received.drops.addingClamped(sent.drops), at: now, over: span)
            let incoming = windows.received.add(received.bytes, at: now, over: span)
            let outgoing = windows.sent.add(sent.bytes, at: now, over: span)
            guard let errors, let drops, let incoming, let outgoing else { return nil }
            return Rates(errors: errors, drops: drops, received: incoming, sent: outgoing)
        }
    }

    /// An interface that is made anew counts from the beginning, and a bond has the members that it then has.
    func forget(except present: Set<String>) {
        state.withLock { state in
            for name in state.windows.keys where !present.contains(name) { state.windows[name] = nil }
            for name in state.members.keys where !present.contains(name) { state.members[name] = nil }
        }
    }

    /// Bonds and teams that had members.
    var bonds: [String] { state.withLock { $0.members.filter { $0.value > 0 }.map(\.key) } }

    /// The most members that a bond had since the start: one that is gone from its list is lost, too.
    func mostMembers(of bond: String, _ count: Int) -> Int {
        state.withLock { state in
            let most = max(count, state.members[bond] ?? 0)
            state.members[bond] = most
            return most
        }
    }
}
