import Alerting
import Basics
import Netlink
import Procfs
import Settings
import Synchronization

/// What the counters allow at most.
struct SocketBound {
    /// Sockets in any state but TIME_WAIT.
    var inUse: [AddressFamily: UInt64]
    var timeWait: UInt64

    var all: UInt64 { inUse.values.reduce(0) { $0.addingClamped($1) } }
    /// Everything that may hold a port.
    var connections: UInt64 { all.addingClamped(timeWait) }
}

/// The host's ephemeral ports, as far as they can be known.
enum EphemeralRange {
    case known(ClosedRange<UInt16>, count: Int)
    case unknown(because: String)
    case outOfSight(because: String)

    init(_ host: Host, _ settings: TcpstateSettings) {
        do {
            if let (range, count) = try host.ephemeralPorts() {
                self = .known(range, count: count)
                return
            }
        } catch {
            self = .unknown(because: "\(error)")
            return
        }
        guard let range = settings.portRange else {
            let remedy = "set `port_range` to its net.ipv4.ip_local_port_range"
            self = .outOfSight(because: "the range of ephemeral ports shows only on the host's own network: \(remedy)")
            return
        }
        self = .known(range.ports, count: range.ports.count)
    }
}

/// What one sweep looks at.
struct TcpstatePlan {
    var question: TCPQuestion
    var looksAtCloseWait: Bool
    /// How many connections were begun here until the ports were looked at; nil where that is unknown or not asked.
    var begun: UInt64?
}

extension TCPQuestion {
    var isEmpty: Bool { states.isEmpty && localPorts == nil }
}

/// What an instance has seen, so that it looks at the table of connections only when there is cause.
///
/// The kernel's counters cost nothing and bound what the table can hold. By netlink a look for one state costs a
/// fraction of a millisecond, and a quarter of a microsecond for each socket; the files cost the kernel milliseconds,
/// however few connections there are.
final class TcpstateLooks: Sendable {
    private struct Look {
        var observation: Observation
        var bound: UInt64
        var at: Duration
        var begun: UInt64?

        /// How long not to look for taken ports again although there may be too many.
        ///
        /// Each connection that is begun here takes one port at most: before enough were, no destination's share can be
        /// above its level. Where they cannot be counted: a share far below its level takes a while to get there.
        func pause(_ settings: TcpstateSettings, ports: Int, begun present: UInt64?) -> Duration {
            guard case .number(let share) = observation.value else { return .zero }
            let level = [settings.portsWarning, settings.portsCritical].compactMap { $0?.ratio }.min() ?? .infinity
            if let begun, let present, present >= begun {
                let most = share + Double(present - begun) / Double(max(1, ports))
                if most <= level { return TcpstateLooks.pause }
            }
            return share < level / 2 ? .seconds(60) : .zero
        }
    }

    private struct State {
        var looks: [Measure: Look] = [:]
        /// Whether the last sweep left CLOSE_WAIT out.
        var hasRested = false

        /// Whether this sweep leaves CLOSE_WAIT out although a look is cheap: among many sockets, when few waited.
        func rests(_ bound: SocketBound, below levels: [Double?]) -> Bool {
            guard !hasRested, bound.all > TcpstateLooks.manySockets,
                let last = looks[TcpstateCheck.closeWait]?.observation, case .number(let waited) = last.value
            else { return false }
            return waited < (levels.compactMap(\.self).min() ?? .infinity) / 2
        }
    }

    private let state = Mutex(State())

    /// What is far below every level is looked at this often all the same.
    private static let pause = Duration.seconds(300)

    /// Beside more sockets than this every second sweep leaves CLOSE_WAIT out: the kernel passes over each of them.
    private static let manySockets: UInt64 = 10_000

    func plan(
        _ bound: SocketBound,
        _ ephemeral: EphemeralRange,
        _ settings: TcpstateSettings,
        isCheap: Bool,
        at now: Duration,
        begun: () -> UInt64?
    ) -> TcpstatePlan {
        state.withLock { state in
            func isDue(
                _ measure: Measure,
                _ present: UInt64,
                _ levels: [Double?],
                nearLevel: (Look) -> Duration = { _ in .zero }
            ) -> Bool {
                guard let last = state.looks[measure] else { return true }
                let level = levels.compactMap(\.self).min() ?? .infinity
                // Once below the level, one more look sees the end of it.
                let wasNear = Double(last.bound) > level
                let isNear = Double(present) > level || wasNear
                let hasGrown = Double(present) > 1.25 * Double(last.bound)
                let pause = wasNear && !hasGrown ? nearLevel(last) : isNear ? .zero : Self.pause
                return last.observation.exceeds(present) || now - last.at >= pause
            }
            let levels = [settings.closeWaitWarning, settings.closeWaitCritical].map { $0.map(Double.init) }
            let rests = state.rests(bound, below: levels)
            let looksAtCloseWait = isCheap ? !rests : isDue(TcpstateCheck.closeWait, bound.all, levels)
            var question = TCPQuestion(looksAtCloseWait ? [.closeWait] : [])
            var begunBefore: UInt64?
            let ended = [settings.timeWaitWarning, settings.timeWaitCritical].compactMap(\.self).min()
            if let ended, bound.timeWait > UInt64(ended) { question.states.insert(.timeWait) }
            if case .known(let range, let count) = ephemeral {
                // Half of the level: what is told below it is seldom looked at, and not far from the truth.
                let shares = [settings.portsWarning, settings.portsCritical].map { share in
                    share.map { $0.ratio / 2 * Double(count) }
                }
                let looksAtPorts = isDue(TcpstateCheck.ports, bound.connections, shares) { last in
                    last.pause(settings, ports: count, begun: begun())
                }
                if looksAtPorts {
                    question.localPorts = range
                    begunBefore = begun()
                }
            }
            if question.states == [.closeWait], question.localPorts == nil {
                question.families = Set(bound.inUse.filter { $0.value > 0 }.keys)
            }
            return TcpstatePlan(question: question, looksAtCloseWait: looksAtCloseWait, begun: begunBefore)
        }
    }

    func observation(_ measure: Measure) -> Observation? { state.withLock { $0.looks[measure]?.observation } }

    func keep(_ observations: [Observation], of plan: TcpstatePlan, _ bound: SocketBound, at now: Duration) {
        state.withLock { state in
            state.hasRested = !plan.looksAtCloseWait
            for observation in observations where !observation.isRepeated {
                switch observation.measure {
                case TcpstateCheck.closeWait:
                    state.looks[observation.measure] = Look(observation: observation, bound: bound.all, at: now)
                case TcpstateCheck.ports where plan.question.localPorts != nil:
                    state.looks[observation.measure] = Look(
                        observation: observation,
                        bound: bound.connections,
                        at: now,
                        begun: plan.begun
                    )
                default: break
                }
            }
        }
    }
}

extension Observation {
    /// Whether the number read earlier cannot be right any more.
    fileprivate func exceeds(_ bound: UInt64) -> Bool {
        guard measure == TcpstateCheck.closeWait, case .number(let number) = value else { return false }
        return number > Double(bound)
    }
}
