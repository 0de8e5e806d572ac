import Alerting
import Basics
import Procfs
import TimeSync

extension NTPCheck {
    private static let chronyd = Target("chronyd")

    // MARK: - The kernel

    static func observations(of clock: ClockState) -> [Observation] {
        let isSynchronised = clock.isSynchronised
        let evidence = [
            "frequency_ppm": "\((clock.frequency * 1000).rounded() / 1000)", "leap": clock.leap.name,
            "maximum_error": Unit.seconds.text(clock.maximumError),
        ]
        // Without discipline the kernel knows neither: it says 0 and 16 s, whatever the clock shows.
        let unknown = Observation.Value.unknown(because: "nobody disciplines the clock")
        return [
            Observation(
                sync,
                of: .host,
                .state(isSynchronised ? "synchronised" : "unsynchronised"),
                summary: isSynchronised
                    ? "the kernel's clock is synchronised" : "nobody disciplines the kernel's clock: it may run away",
                annotations: evidence
            ),
            isSynchronised
                ? offset(clock.offset, of: .host, "the kernel", evidence) : Observation(offset, of: .host, unknown),
            Observation(estimatedError, of: .host, isSynchronised ? .number(clock.estimatedError) : unknown),
            Observation(
                maximumError,
                of: .host,
                isSynchronised ? .number(clock.maximumError) : unknown,
                summary: "the kernel's clock may be off by \(Unit.seconds.text(clock.maximumError)): "
                    + "the longer nobody corrects it, the more"
            ),
            Observation(leap, of: .host, .state(clock.leap.name)),
        ]
    }

    private static func offset(
        _ seconds: Double,
        of target: Target,
        _ teller: String,
        _ evidence: [String: String]
    ) -> Observation {
        Observation(
            offset,
            of: target,
            .number(abs(seconds)),
            summary: "the clock is \(ClockAgreement.Voice.words(seconds)), says \(teller)",
            annotations: evidence
        )
    }

    // MARK: - chronyd

    static func observations(
        of result: Result<ChronyTracking, ChronyFailure>,
        at now: Double
    ) -> [Observation] {
        let tracking: ChronyTracking
        switch result {
        case .success(let answer): tracking = answer
        case .failure(let failure):
            let words = failure.words
            return [Observation(answers, of: chronyd, .state(failure.name), summary: "chronyd \(words)")]
                + [sync, offset, stratum, leap, rootDelay, rootDispersion, referenceAge].map {
                    Observation($0, of: chronyd, .unknown(because: "chronyd \(words)"))
                }
        }
        let evidence = tracking.evidence
        let state = tracking.isSynchronised ? tracking.isLocal ? "local" : "synchronised" : "unsynchronised"
        let words =
            switch state {
            case "local": "serves its own clock: none of its sources answers, or it has none"
            case "synchronised": "follows \(evidence["reference_id"] ?? "")"
            default: "has no source to follow"
            }
        var observations = [
            Observation(answers, of: chronyd, .state("answering")),
            Observation(sync, of: chronyd, .state(state), summary: "chronyd \(words)", annotations: evidence),
            state == "synchronised"
                ? offset(tracking.offset, of: chronyd, "chronyd", evidence)
                : Observation(offset, of: chronyd, .unknown(because: "chronyd \(words)")),
            Observation(stratum, of: chronyd, .number(Double(tracking.effectiveStratum)), annotations: evidence),
            Observation(leap, of: chronyd, .state(tracking.leap.name)),
            Observation(rootDelay, of: chronyd, .number(tracking.rootDelay)),
            Observation(rootDispersion, of: chronyd, .number(tracking.rootDispersion)),
        ]
        if let heard = tracking.referenceTime, tracking.isSynchronised {
            observations.append(age(max(0, now - heard), of: chronyd, "chronyd", evidence))
        } else {
            observations.append(Observation(referenceAge, of: chronyd, .unknown(because: "chronyd \(words)")))
        }
        return observations
    }

    private static func age(
        _ seconds: Double,
        of target: Target,
        _ name: String,
        _ evidence: [String: String]
    ) -> Observation {
        Observation(
            referenceAge,
            of: target,
            .number(seconds),
            summary: "\(name) last heard from its source \(Unit.seconds.text(seconds)) ago",
            annotations: evidence
        )
    }

    // MARK: - Servers

    func observations(of server: Heard) -> [Observation] {
        var observations = Self.observations(of: server, tolerance: settings.tolerance)
        if server.isRepeated { for index in observations.indices { observations[index].isRepeated = true } }
        return observations
    }

    private static func observations(of server: Heard, tolerance: Double) -> [Observation] {
        let target = Target(server.name)
        let reading: SNTPReading
        switch server.result {
        case .success(let answer): reading = answer
        case .failure(let failure):
            let words = "\(server.name) \(failure.words)"
            return [Observation(answers, of: target, .state(failure.name), summary: words)]
                + [offset, stratum, leap, delay, rootDelay, rootDispersion, referenceAge].map {
                    Observation($0, of: target, .unknown(because: words))
                }
        }
        let evidence = reading.evidence
        var observations = [
            Observation(
                answers,
                of: target,
                .state(reading.isSynchronised ? "answering" : "unsynchronised"),
                summary: "\(server.name) \(reading.isSynchronised ? "answers" : "is not synchronised itself")",
                annotations: evidence
            ),
            Observation(stratum, of: target, .number(Double(reading.stratum)), annotations: evidence),
            Observation(leap, of: target, .state(reading.leap.name)),
            Observation(delay, of: target, .number(reading.delay)),
            Observation(rootDelay, of: target, .number(reading.rootDelay)),
            Observation(rootDispersion, of: target, .number(reading.rootDispersion)),
        ]
        if let age = reading.referenceAge, reading.isSynchronised {
            observations.append(Self.age(age, of: target, server.name, evidence))
        }
        // A slow way there, quick back, looks like a wrong clock.
        if !reading.isSynchronised {
            observations += [offset, referenceAge].map {
                Observation($0, of: target, .unknown(because: "the server is not synchronised"))
            }
        } else if abs(reading.offset) > tolerance, abs(reading.offset) <= reading.delay / 2 {
            observations.append(Observation(offset, of: target, .unknown(because: "the answer took too long to tell")))
        } else {
            observations.append(offset(reading.offset, of: target, server.name, evidence))
        }
        return observations
    }

    // MARK: - Agreement

    /// Everybody but the kernel.
    static func voices(_ tracking: Result<ChronyTracking, ChronyFailure>?, _ servers: [Heard]) -> [ClockAgreement.Voice]
    {
        var voices: [ClockAgreement.Voice] = []
        if case .success(let tracking) = tracking {
            let isSynchronised = tracking.isSynchronised && !tracking.isLocal
            voices.append(
                ClockAgreement.Voice(
                    name: "chronyd",
                    isSynchronised: isSynchronised,
                    offset: isSynchronised ? tracking.offset : nil,
                    uncertainty: tracking.uncertainty,
                    disciplines: !tracking.isLocal
                )
            )
        }
        for server in servers {
            guard case .success(let reading) = server.result else { continue }
            voices.append(
                ClockAgreement.Voice(
                    name: server.name,
                    isSynchronised: reading.isSynchronised,
                    offset: reading.isSynchronised ? reading.offset : nil,
                    uncertainty: reading.uncertainty
                )
            )
        }
        return voices
    }

    static func observations(of agreement: ClockAgreement) -> [Observation] {
        guard agreement.said.count > 1 else { return [] }
        let evidence = Dictionary(agreement.said.map { ($0.name, $0.words) }, uniquingKeysWith: { first, _ in first })
        var observations = [
            Observation(
                Self.agreement,
                of: .host,
                .state(agreement.state),
                summary: agreement.sentence,
                annotations: evidence
            )
        ]
        if let spread = agreement.spread {
            observations.append(Observation(Self.spread, of: .host, .number(spread), annotations: evidence))
        }
        return observations
    }
}

extension ChronyTracking {
    fileprivate var effectiveStratum: Int { isSynchronised ? stratum : 16 }

    fileprivate var evidence: [String: String] {
        let digits = String(referenceID, radix: 16, uppercase: true)
        var evidence = [
            "reference_id": String(repeating: "0", count: max(0, 8 - digits.count)) + digits,
            "stratum": "\(stratum)", "leap": leap.name, "offset": ClockAgreement.Voice.words(offset),
            "last_offset": ClockAgreement.Voice.words(-lastOffset), "mean_offset": Unit.seconds.text(meanOffset),
            "root_delay": Unit.seconds.text(rootDelay), "root_dispersion": Unit.seconds.text(rootDispersion),
            "update_interval": Unit.seconds.text(updateInterval),
            "frequency_ppm": "\((frequency * 1000).rounded() / 1000)",
        ]
        evidence["reference_time"] = referenceTime.map { Timestamp(seconds: $0).description }
        return evidence
    }
}

extension SNTPReading {
    fileprivate var evidence: [String: String] {
        [
            "reference_id": reference, "stratum": "\(stratum)", "leap": leap.name, "delay": Unit.seconds.text(delay),
            "offset": ClockAgreement.Voice.words(offset), "root_delay": Unit.seconds.text(rootDelay),
            "root_dispersion": Unit.seconds.text(rootDispersion), "uncertainty": Unit.seconds.text(uncertainty),
        ]
    }
}

extension SNTPFailure {
    /// Completing the server's name.
    fileprivate var words: String {
        switch self {
        case .noAnswer: "does not answer"
        case .refused: "does not listen there"
        case .unreachable(let errno): "cannot be reached: error \(errno)"
        case .unresolved: "cannot be resolved"
        case .forged: "is answered for by somebody who did not get the question: the answers are refused"
        case .kissOfDeath(let code): "sends us away (\(code.safe(limit: 8)))"
        case .malformed(let because): "answers nonsense: \(because)"
        }
    }
}

extension ChronyFailure {
    /// Completing "chronyd".
    fileprivate var words: String {
        switch self {
        case .noAnswer: "does not answer"
        case .refused: "does not listen there"
        case .unreachable(let errno): "cannot be reached: error \(errno)"
        case .unresolved: "has a name that cannot be resolved"
        case .denied(let status): "refuses to tell (status \(status)): see cmdallow in chrony.conf"
        case .malformed(let because): "is not understood: \(because)"
        }
    }
}
