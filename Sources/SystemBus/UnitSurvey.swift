package import Basics

/// What is asked of systemd in one conversation.
package struct UnitSurvey: Sendable {
    /// Units that are looked for by name, loaded or not.
    package var named: [String]
    /// Names that are only to be known as some unit's second ones.
    package var recognised: [String]
    /// Of which units the number of automatic restarts is wanted.
    package var countsRestarts: Choice
    /// Of which timers the times are wanted.
    package var wantsTimes: Choice
    /// Of which units everything that helps a person is wanted.
    package var wantsEvidence: Choice

    /// Takes or leaves a unit, given those of its second names that were asked for.
    package typealias Choice = @Sendable (SystemdUnit, [String]) -> Bool

    package init(
        named: [String],
        recognised: [String] = [],
        countsRestarts: @escaping Choice = { _, _ in false },
        wantsTimes: @escaping Choice = { _, _ in false },
        wantsEvidence: @escaping Choice = { _, _ in false }
    ) {
        self.named = named
        self.recognised = recognised
        self.countsRestarts = countsRestarts
        self.wantsTimes = wantsTimes
        self.wantsEvidence = wantsEvidence
    }

    /// Most units about which evidence is gathered: what is worth reading.
    private static let mostEvidence = 16

    /// Asks at the system bus's socket.
    ///
    /// Blocks for at most `patience`. Call it on a thread of its own.
    package func look(
        at socket: String,
        patience: Duration,
        time: any TimeSource
    ) -> Result<UnitAnswers, BusError> {
        do throws(BusError) {
            var bus = try BusConnection.open(path: socket, until: time.uptime + patience, time: time)
            return .success(try look(&bus))
        } catch {
            return .failure(error)
        }
    }

    private func look(_ bus: inout BusConnection) throws(BusError) -> UnitAnswers {
        var answers = UnitAnswers()
        for reply in try bus.call([Systemd.listUnits]) {
            answers.units = try SystemdUnit.list(try reply.body(SystemdUnit.listSignature))
        }
        try find(&answers, &bus)
        let counted = answers.units.filter { countsRestarts($0, answers.aliases(of: $0.name)) }
        for (unit, reply) in zip(counted, try bus.call(counted.map { Systemd.get("Service", "NRestarts", of: $0) })) {
            answers.restarts[unit.name] = answers.read(reply, about: unit, Systemd.uint32)
        }
        let timers = answers.units.filter { $0.isTimer && wantsTimes($0, answers.aliases(of: $0.name)) }
        for (unit, reply) in zip(timers, try bus.call(timers.map { Systemd.all("Timer", of: $0) })) {
            answers.timers[unit.name] = answers.read(reply, about: unit, Systemd.timer)
        }
        let idle = timers.filter { answers.timers[$0.name].map { $0.lastRun == nil } ?? false }
        for (unit, reply) in zip(
            idle,
            try bus.call(idle.map { Systemd.get("Unit", "ActiveEnterTimestamp", of: $0) })
        ) {
            let startedAt = answers.read(reply, about: unit, Systemd.uint64)
            answers.timers[unit.name]?.startedAt = startedAt.flatMap { SystemdTimer.seconds($0) }
        }
        let telling = answers.units.filter { wantsEvidence($0, answers.aliases(of: $0.name)) }
        for unit in telling.prefix(Self.mostEvidence) {
            answers.evidence[unit.name] = try Systemd.evidence(of: unit, &bus)
        }
        return answers
    }

    /// Looks for the named units that are not in the list: loaded by nobody, or known by another name.
    private func find(_ answers: inout UnitAnswers, _ bus: inout BusConnection) throws(BusError) {
        guard !(named.isEmpty && recognised.isEmpty) else { return }
        var known = Set(answers.units.map(\.name))
        let missing = named.filter { !known.contains($0) }
        let strange = recognised.filter { !known.contains($0) && !missing.contains($0) }
        let names = missing + strange
        for (index, (name, reply)) in zip(names, try bus.call(names.map(Systemd.find))).enumerated() {
            do throws(BusError) {
                guard let unit = try SystemdUnit.list(try reply.body(SystemdUnit.listSignature)).first else { continue }
                if index < missing.count, known.insert(unit.name).inserted { answers.units.append(unit) }
                if unit.name != name { answers.aliases[name] = unit.name }
            } catch let error where error.meansAbsent || error.meansDenied {
                // Older than systemd 230, whose bus denies what it does not know, or no name of a unit: it is not
                // loaded, which is all that can be said.
            }
        }
    }
}

/// What systemd said.
package struct UnitAnswers: Sendable, Equatable {
    /// Every unit in memory, and those that were asked for by name.
    package var units: [SystemdUnit] = []
    /// Names that are another unit's second one.
    package var aliases: [String: String] = [:]
    /// How often each service was restarted by systemd since a person last started it.
    package var restarts: [String: UInt32] = [:]
    package var timers: [String: SystemdTimer] = [:]
    /// Why a service's restarts or a timer's times could not be read, though there are some.
    package var unread: [String: BusError] = [:]
    /// The units of which something could not be read.
    package var unreadUnits: [SystemdUnit] { unread.isEmpty ? [] : units.filter { unread[$0.name] != nil } }
    /// What helps a person, by the unit's name.
    package var evidence: [String: [String: String]] = [:]

    package init() {}

    /// What an answer about a unit says; nil where there is no such thing, and where it cannot be read, which is noted.
    fileprivate mutating func read<Value>(
        _ reply: BusReply,
        about unit: SystemdUnit,
        _ value: (BusReply) throws(BusError) -> Value
    ) -> Value? {
        do throws(BusError) {
            return try value(reply)
        } catch {
            if !error.meansAbsent { unread[unit.name] = error }
            return nil
        }
    }

    /// The second names of a unit that somebody asked for.
    package func aliases(of unit: String) -> [String] {
        // Nobody uses one, as a rule.
        aliases.isEmpty ? [] : aliases.filter { $0.value == unit }.keys.sorted()
    }
}
