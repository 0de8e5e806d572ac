import Basics

@testable import Alerting

/// Words for tests: a sweep a minute, one check, short observations.
enum Sample {
    static let check = CheckID("disk")
    static let used = Measure(name: "disk_used_ratio", unit: .ratio, summary: "Used share.")
    static let deaths = Measure(name: "container_death", unit: .none, summary: "Deaths.")
    static let start = Timestamp(milliseconds: 1_700_000_000_000)
    static let boot = "boot-a"

    static func minute(_ minute: Double) -> Timestamp { start + .milliseconds(Int64(minute * 60_000)) }
    static func uptime(_ minute: Double) -> Duration { .milliseconds(Int64(1_000_000 + minute * 60_000)) }

    static func sweep(
        _ minute: Double,
        _ observations: [Observation],
        of check: CheckID = check,
        coverage: Sweep.Coverage = .complete,
        gone: [Target] = []
    ) -> Sweep {
        Sweep(
            check: check,
            at: Self.minute(minute),
            uptime: uptime(minute),
            coverage: coverage,
            outcome: .success(observations),
            gone: gone
        )
    }

    static func failure(_ minute: Double, _ error: CheckError, of check: CheckID = check) -> Sweep {
        Sweep(check: check, at: Self.minute(minute), uptime: uptime(minute), outcome: .failure(error))
    }

    static func used(_ value: Double, of target: String = "/") -> Observation {
        Observation(used, of: Target(target), .number(value))
    }

    static func deaths(_ count: Int, _ severity: Severity? = nil, of target: String = "web") -> Observation {
        Observation(deaths, of: Target(target), .occurrences(count, severity))
    }

    static func id(_ target: String = "/", measure: Measure = used) -> AlertID {
        AlertID(check: check, measure: measure.name, target: Target(target))
    }

    /// Warns over 0.9, alarms over 0.95; a death within ten minutes is critical.
    static func plan(_ policy: AlertPolicy = AlertPolicy(), rules: [Rule]? = nil) -> CheckPlan {
        CheckPlan(
            check: check,
            rules: rules ?? [
                Rule(used, .above(warning: 0.9, critical: 0.95)),
                Rule(deaths, .occurred(atLeast: 1, within: .seconds(600), .critical)),
            ],
            policy: policy
        )
    }

    static func book(_ policy: AlertPolicy = AlertPolicy(), rules: [Rule]? = nil) -> AlertBook {
        var book = AlertBook(bootID: boot)
        _ = book.reconfigure([plan(policy, rules: rules)], at: start)
        return book
    }

    static func policy(_ change: (inout AlertPolicy) -> Void) -> AlertPolicy {
        var policy = AlertPolicy()
        change(&policy)
        return policy
    }
}

extension Rule {
    /// Judges a series of values, one a minute, with fresh memory.
    func judge(_ values: [Observation.Value], boots: [String?]? = nil) -> [Judgement] {
        var memory = Memory(shape: shape.word)
        return values.enumerated().map { index, value in
            judge(
                value,
                at: Sample.minute(Double(index)),
                uptime: Sample.uptime(Double(index)),
                bootID: boots.map { $0[index] } ?? Sample.boot,
                memory: &memory
            )
        }
    }

    func severities(_ values: [Double], boots: [String?]? = nil) -> [Severity?] {
        judge(values.map { .number($0) }, boots: boots).map(\.severity)
    }
}
