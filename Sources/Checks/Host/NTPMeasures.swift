package import Alerting

extension NTPCheck {
    static let sync = Measure(
        name: "ntp_sync",
        unit: .none,
        summary: "Whether the clock is disciplined, as the kernel (`host`) and chronyd say."
    )
    static let offset = Measure(
        name: "ntp_offset_seconds",
        unit: .seconds,
        summary: "How far the clock is off, as the kernel (`host`), chronyd and each server say."
    )
    static let estimatedError = Measure(
        name: "ntp_estimated_error_seconds",
        unit: .seconds,
        summary: "How far the clock is off as its discipline guesses."
    )
    static let maximumError = Measure(
        name: "ntp_maximum_error_seconds",
        unit: .seconds,
        summary: "How far the clock may be off at most; grows by 1.8 s an hour without news."
    )
    static let stratum = Measure(
        name: "ntp_stratum",
        unit: .none,
        summary: "How many servers away a reference clock is; 16 where there is none."
    )
    static let leap = Measure(
        name: "ntp_leap",
        unit: .none,
        summary: "Whether a leap second is announced for today, and whether the clock is synchronised at all."
    )
    static let delay = Measure(
        name: "ntp_delay_seconds",
        unit: .seconds,
        summary: "How long question and answer were under way: the offset is right within half of it."
    )
    static let rootDelay = Measure(
        name: "ntp_root_delay_seconds",
        unit: .seconds,
        summary: "Time from there to its reference clock and back."
    )
    static let rootDispersion = Measure(
        name: "ntp_root_dispersion_seconds",
        unit: .seconds,
        summary: "How far chronyd or a server may be off its reference clock."
    )
    static let referenceAge = Measure(
        name: "ntp_reference_age_seconds",
        unit: .seconds,
        summary: "Time since chronyd or a server heard from its own source."
    )
    static let answers = Measure(
        name: "ntp_answers",
        unit: .none,
        summary: "Whether a server or chronyd gives a usable answer, and if not, why."
    )
    static let agreement = Measure(
        name: "ntp_agreement",
        unit: .none,
        summary: "Whether kernel, chronyd and servers tell the same story."
    )
    static let spread = Measure(
        name: "ntp_spread_seconds",
        unit: .seconds,
        summary: "Greatest difference between what two of them, chronyd and the servers, say of the clock."
    )
    package static let measures = [
        sync, offset, estimatedError, maximumError, stratum, leap, delay, rootDelay, rootDispersion, referenceAge,
        answers,
        agreement, spread,
    ]
}
