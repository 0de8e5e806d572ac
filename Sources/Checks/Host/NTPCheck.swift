package import Alerting
import Basics
import Procfs
import Settings
import TimeSync

/// Fires when nobody disciplines the host's clock, when it is off, or when those who should know contradict one another.
///
/// Reads: adjtimex(2), without setting anything; chronyd's answer to `tracking`, at the host's loopback or its socket;
/// the answers of the configured time servers (SNTP).
/// Unknown when: a seccomp profile forbids adjtimex and neither chronyd nor a server is there.
package struct NTPCheck: Check {
    package static let kind = "ntp"
    package static let summary = "Nobody disciplines the clock, it is off, or those who should know it disagree."

    package typealias Settings = NTPSettings

    let settings: NTPSettings
    /// Each once, with the name that it was given.
    private let servers: [(name: String, server: TimeServer)]
    private let memory: ServerMemory
    private let serverThread = OwnThread("custos-sntp")
    private let chronyThread = OwnThread("custos-chrony")

    package init(_ settings: NTPSettings) {
        self.settings = settings
        var known: Set<TimeServer> = []
        servers = settings.servers.compactMap { endpoint in
            let server = TimeServer(host: endpoint.host, port: UInt16(clamping: endpoint.port ?? 123))
            return known.insert(server).inserted ? (endpoint.description, server) : nil
        }
        memory = ServerMemory(every: settings.queryEvery)
    }

    package var rules: [Rule] {
        var rules = [
            Rule(
                Self.offset,
                .above(warning: settings.offsetWarning?.inSeconds, critical: settings.offsetCritical?.inSeconds)
            ),
            // A stratum is a whole number: above 9 is 10 and more. Without a source it is 16, which is no news before
            // the state is.
            Rule(
                Self.stratum,
                .above(
                    warning: settings.stratumWarning.map { Double($0 - 1) },
                    critical: settings.stratumCritical.map { Double($0 - 1) }
                ),
                holdFor: settings.unsynchronisedFor
            ),
            Rule(
                Self.maximumError,
                .above(
                    warning: settings.maximumErrorWarning?.inSeconds,
                    critical: settings.maximumErrorCritical?.inSeconds
                )
            ),
            Rule(
                Self.referenceAge,
                .above(
                    warning: settings.referenceAgeWarning?.inSeconds,
                    critical: settings.referenceAgeCritical?.inSeconds
                )
            ),
        ]
        if let severity = settings.unsynchronised {
            var bad = ["unsynchronised": severity]
            if !settings.allowLocal { bad["local"] = severity }
            rules.append(Rule(Self.sync, .state(bad: bad), holdFor: settings.unsynchronisedFor))
        }
        if let severity = settings.unanswered {
            let bad = Dictionary(uniqueKeysWithValues: Self.useless.map { ($0, severity) })
            rules.append(Rule(Self.answers, .state(bad: bad), holdFor: settings.unansweredFor))
        }
        if let severity = settings.disagreement {
            let bad = [ClockAgreement.disagree: severity]
            rules.append(Rule(Self.agreement, .state(bad: bad), holdFor: settings.disagreementFor))
        }
        return rules
    }

    /// The names of all that a server or chronyd can do but answer well.
    private static let useless = [
        "denied", "forged", "kiss_of_death", "malformed", "no_answer", "refused", "unreachable", "unresolved",
        "unsynchronised",
    ]

    package func observe(_ world: World) async throws(CheckError) -> [Observation] {
        let clock: Result<ClockState, HostFileError>
        do throws(HostFileError) {
            clock = .success(try world.host.clockState())
        } catch {
            clock = .failure(error)
        }
        async let chrony = chronyd(world, isOwnHost: !clock.isAbsent)
        async let asked = asked(world)
        let (tracking, heard) = (await chrony, await asked)
        if case .failure(let error) = clock, tracking == nil, heard.isEmpty { throw CheckError(error) }
        var observations: [Observation] = []
        switch clock {
        case .success(let state): observations += Self.observations(of: state)
        case .failure(let error):
            observations += [Self.sync, Self.offset].map {
                Observation($0, of: .host, .unknown(because: "\(error)"))
            }
        }
        if let tracking { observations += Self.observations(of: tracking, at: world.time.now.seconds) }
        for server in heard { observations += self.observations(of: server) }
        let voices = Self.voices(tracking, heard)
        let kernel = try? clock.get()
        if kernel != nil || voices.count > 1 {
            observations += Self.observations(
                of: ClockAgreement(kernel: kernel?.isSynchronised, voices, tolerance: settings.tolerance)
            )
        }
        return observations
    }

    // MARK: - Asking

    /// What chronyd says; nil where it is not asked, or was looked for and never found.
    private func chronyd(_ world: World, isOwnHost: Bool) async -> Result<ChronyTracking, ChronyFailure>? {
        let addresses: [ChronyAddress]
        switch settings.chrony {
        case .off: return nil
        case .network(let endpoint):
            addresses = [.network(host: endpoint.host, port: UInt16(clamping: endpoint.port ?? 323))]
        case .socket(let path): addresses = [.socket(path: path.description)]
        case .auto:
            // The clock is the machine's: whoever follows a source on our own loopback speaks of the same one.
            guard isOwnHost, memory.looksForChronyd(at: world.time.uptime) else { return nil }
            let loopback = ["127.0.0.1", "::1"].map { ChronyAddress.network(host: $0, port: 323) }
            addresses = loopback + [Host.chronySocket().map { .socket(path: $0) }].compactMap(\.self)
        }
        let (patience, time) = (settings.answerWithin, world.time)
        // Each address is given its share of the time.
        let share = patience * 2 / addresses.count
        let result = await chronyThread.run(atMost: patience * 2 + .seconds(1), time: time) {
            ChronyClient.tracking(at: addresses, patience: share, time: time)
        }
        let answer = result ?? .failure(.noAnswer)
        if case .success = answer { memory.sawChronyd() }
        if settings.chrony == .auto, case .failure = answer, !memory.hasSeenChronyd { return nil }
        return answer
    }

    /// One server and what it said last.
    struct Heard {
        var name: String
        var result: Result<SNTPReading, SNTPFailure>
        /// Whether it said so at an earlier sweep, and is asked again.
        var isRepeated: Bool
    }

    /// Asks the servers whose turn it is.
    private func asked(_ world: World) async -> [Heard] {
        guard !servers.isEmpty else { return [] }
        let (patience, time) = (settings.answerWithin, world.time)
        let due = memory.due(servers.map(\.server), at: time.uptime)
        if !due.isEmpty {
            let results = await serverThread.run(atMost: patience * 2 + .seconds(1), time: time) {
                SNTPRound.ask(due, patience: patience, time: time)
            }
            // Only a name server can make it take longer than that; who has an address waited for the others' names.
            let overrun = due.map { Result<SNTPReading, SNTPFailure>.failure($0.isAddress ? .noAnswer : .unresolved) }
            memory.note(results ?? overrun, of: due, at: time.uptime)
        }
        let fresh = Set(due)
        return servers.compactMap { name, server in
            memory.result(of: server).map { result in
                // What is never asked again would never be judged again.
                let isRepeated = !fresh.contains(server) && !memory.isGivenUp(server)
                return Heard(name: name, result: result, isRepeated: isRepeated)
            }
        }
    }
}

extension Result<ClockState, HostFileError> {
    /// Whether there is no clock to be read at all, because the host is not the machine that we run on.
    fileprivate var isAbsent: Bool {
        if case .failure(.absent) = self { true } else { false }
    }
}
