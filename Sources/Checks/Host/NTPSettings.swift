package import Basics
package import Settings

/// Whom the clock is compared with, and when it is wrong.
package struct NTPSettings: SettingsGroup {
    package var unsynchronised: Severity? = .warning
    package var unsynchronisedFor: Duration = .seconds(3600)
    package var allowLocal = false
    package var offsetWarning: Duration? = .milliseconds(100)
    package var offsetCritical: Duration? = .milliseconds(500)
    package var stratumWarning: Int? = 10
    package var stratumCritical: Int? = 16
    package var maximumErrorWarning: Duration? = .seconds(5)
    package var maximumErrorCritical: Duration?
    package var referenceAgeWarning: Duration? = .seconds(2 * 3600)
    package var referenceAgeCritical: Duration?
    package var servers: [Endpoint] = []
    package var queryEvery: Duration = .seconds(300)
    package var answerWithin: Duration = .seconds(2)
    package var unanswered: Severity? = .warning
    package var unansweredFor: Duration = .seconds(600)
    package var chrony = ChronyPlace.auto
    package var disagreement: Severity? = .warning
    package var disagreementFor: Duration = .seconds(600)

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field("unsynchronised", \.unsynchronised, "Says with this severity that nobody disciplines the clock.")
            Field(
                "unsynchronised_for",
                \.unsynchronisedFor,
                "Fires only when the clock has been unsynchronised, or its stratum too great, for this long.",
                in: .zero ... .seconds(7 * 86400)
            )
            Field("allow_local", \.allowLocal, "Takes a chronyd that serves its own clock (`local`) for synchronised.")
            Field(
                "offset_warning",
                \.offsetWarning,
                "Warns when the clock is off by more than this, whoever says so.",
                in: .milliseconds(1) ... .seconds(86400)
            )
            Field(
                "offset_critical",
                \.offsetCritical,
                "Alarms when the clock is off by more than this, whoever says so.",
                in: .milliseconds(1) ... .seconds(86400)
            )
            Field(
                "stratum_warning",
                \.stratumWarning,
                "Warns when a server or chronyd is this many servers away from a reference clock, or more.",
                in: 1...16
            )
            Field(
                "stratum_critical",
                \.stratumCritical,
                "Alarms when a server or chronyd is this many servers away, or more; 16 has no reference clock.",
                in: 1...16
            )
            Field(
                "maximum_error_warning",
                \.maximumErrorWarning,
                "Warns when the kernel's greatest possible error has grown to this: it gains 1.8 s an hour without news.",
                in: .milliseconds(1) ... .seconds(16)
            )
            Field(
                "maximum_error_critical",
                \.maximumErrorCritical,
                "Alarms when the kernel's greatest possible error has grown to this.",
                in: .milliseconds(1) ... .seconds(16)
            )
            Field(
                "reference_age_warning",
                \.referenceAgeWarning,
                "Warns when chronyd or a server has not heard from its own source for this long.",
                in: .seconds(1) ... .seconds(30 * 86400)
            )
            Field(
                "reference_age_critical",
                \.referenceAgeCritical,
                "Alarms when chronyd or a server has not heard from its own source for this long.",
                in: .seconds(1) ... .seconds(30 * 86400)
            )
            Field("servers", \.servers, "Compares the clock with these time servers; the port is 123 unless given.")
            Field(
                "query_every",
                \.queryEvery,
                "Asks each server this often, and more slowly when it wants that.",
                in: .seconds(1) ... .seconds(86400)
            )
            Field(
                "answer_within",
                \.answerWithin,
                "Waits this long for an answer; twice this and a second must be less than `timeout`.",
                in: .milliseconds(100) ... .seconds(60)
            )
            Field(
                "unanswered",
                \.unanswered,
                "Says with this severity that a server, or a chronyd that answered or is named, gives no usable answer."
            )
            Field(
                "unanswered_for",
                \.unansweredFor,
                "Fires only when there has been no usable answer for this long.",
                in: .zero ... .seconds(7 * 86400)
            )
            Field(
                "chrony",
                \.chrony,
                "Asks chronyd there, too; `auto` tries the host's loopback and socket, and lets it be where neither answers."
            )
            Field(
                "disagreement",
                \.disagreement,
                "Says with this severity that kernel, chronyd and servers contradict one another."
            )
            Field(
                "disagreement_for",
                \.disagreementFor,
                "Fires only when they have contradicted one another for this long.",
                in: .zero ... .seconds(7 * 86400)
            )
        }
    }

    /// From which difference on two clocks contradict each other, in seconds.
    var tolerance: Double { (offsetWarning ?? offsetCritical ?? .milliseconds(100)).inSeconds }
}
