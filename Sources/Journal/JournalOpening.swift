package import Basics

/// What was found when the journal was opened: the started event tells it (S10).
package struct JournalOpening: Sendable, Equatable {
    /// What became of the last run's memory.
    package enum Found: Sendable, Equatable {
        /// No journal was there before.
        case new
        /// The last run ended as it should.
        case clean(at: Timestamp)
        /// The last run was killed: from its last sign of life until now nobody watched.
        case unclean(from: Timestamp, to: Timestamp)
        /// The file was damaged, and was renamed so that somebody can look at it; the memory is lost.
        case corrupt(renamedTo: String, because: String)
        /// Nothing could be read: the memory is lost (S18).
        case lost
    }

    package var found: Found
    /// Whether the machine was booted since the last run; nil where either boot id is unknown.
    package var rebooted: Bool?
    /// Where the journal stands now.
    package var status: JournalStatus
    /// The first part of every stream's name (S2).
    package var journal: ULID

    package init(found: Found, rebooted: Bool?, status: JournalStatus, journal: ULID) {
        self.found = found
        self.rebooted = rebooted
        self.status = status
        self.journal = journal
    }
}

/// How well the journal keeps what it is told.
package enum JournalStatus: Sendable, Equatable {
    /// Every commit is on disk when it returns.
    case durable
    /// In memory, because it was asked to be.
    case memory
    /// In memory, because the file cannot be written; all is written back when it can (S17).
    case degraded(JournalTrouble)

    /// Why the journal is not on disk although it should be.
    package var trouble: JournalTrouble? {
        if case .degraded(let trouble) = self { trouble } else { nil }
    }
}

/// Why the journal cannot be written, and what an operator can do.
package struct JournalTrouble: Sendable, Equatable {
    /// What the trouble is; the names appear in metrics and events.
    package enum Kind: String, Sendable {
        case full, locked, newer, foreign, corrupt, io, other
        case readOnly = "read_only"
        case cannotOpen = "cannot_open"
    }

    package var kind: Kind
    package var because: String
    package var since: Timestamp
    /// Whether a restart or a writable file brings back what this run decides; false once another journal stands
    /// where ours should be.
    package var willReturn: Bool

    package init(kind: Kind, because: String, since: Timestamp, willReturn: Bool) {
        self.kind = kind
        self.because = because
        self.since = since
        self.willReturn = willReturn
    }

    /// What an operator can do.
    package var hint: String {
        switch kind {
        case .full: "free space where the journal lies"
        case .locked: "another Custos uses this journal: give each its own file"
        case .newer: "the journal was written by a newer Custos: run that version, or move the file away"
        case .foreign: "the file is another program's database: choose another path"
        case .corrupt: "check the disk; the damaged file is kept beside the journal"
        case .readOnly, .cannotOpen: "make the journal's folder writable for Custos' user (uid 65532 in the image)"
        case .io, .other: "check the disk where the journal lies"
        }
    }
}
