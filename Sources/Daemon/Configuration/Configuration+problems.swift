import Alerting
import Checks
import Settings

extension Configuration {
    /// What is wrong with the checks' settings that neither the fields nor the groups can see.
    var problems: [Problem] { zoneProblems + aimless + uselessSpans }

    private var uselessSpans: [Problem] {
        checks.filter { check in
            // What `defaults` says holds for the rules that can hold; said of this check alone, it is a mistake (S11).
            let policy = check.plan.policy
            return policy.holdForOutranks && policy.holdFor > .zero && check.plan.rules.allSatisfy(\.happensAtAMoment)
        }.map { check in
            let path = "\(check.id).hold_for"
            return Problem(
                resolution.effective.first { $0.path == path }?.origin ?? .byDefault,
                path,
                "has no effect: what this check watches happens at a moment and cannot last",
                remedy: "remove it"
            )
        }
    }
}

extension Rule {
    /// Whether its breaches are occurrences, which have no duration of their own.
    fileprivate var happensAtAMoment: Bool {
        switch shape {
        case .changed, .occurred: true
        case .above, .below, .rate, .trend, .state, .became: false
        }
    }
}
