/// Where the journal lives.
package enum JournalLocation: Sendable, Equatable {
    case file(String)
    /// Nothing outlives the process (S18).
    case memory
}

/// How much the journal keeps.
package struct JournalLimits: Sendable, Equatable {
    /// Deliveries waiting per sink before the oldest reminders give way.
    package var outbox = 10_000
    /// Dead letters kept per sink.
    package var deadLetters = 10_000
    /// The largest database in memory, in pages of 4 KiB.
    package var memoryPages: Int64 = 8192
    /// The largest file, in pages of 4 KiB, beyond which the journal counts as full; nil for no limit of our own.
    package var filePages: Int64?

    package init() {}
}
