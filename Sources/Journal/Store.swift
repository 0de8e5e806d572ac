import Alerting
import Basics
import FoundationEssentials
import SQLite

/// The journal's tables on one database, in a file or in memory: plain, synchronous statements.
///
/// Methods that write expect to run within a transaction.
final class Store {
    let connection: Connection
    /// Whether it is the file; else it lives in memory.
    let onDisk: Bool
    /// Whether it is what the operator asked for, a file or memory; false for a stand-in (S17).
    let durable: Bool
    /// First part of every stream's name.
    private(set) var journal: ULID
    var limits: JournalLimits
    var ulids = ULID.Generator()
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()

    /// Takes a migrated database, and gives a new one its name.
    init(
        _ connection: Connection,
        onDisk: Bool,
        durable: Bool,
        limits: JournalLimits,
        at now: Timestamp
    ) throws(DatabaseError) {
        self.connection = connection
        self.onDisk = onDisk
        self.durable = durable
        self.limits = limits
        // Alert values and rule memory may hold infinities, for which JSON has no number.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        journal = ulids.next(at: now)
        try readName()
    }

    /// Reads the journal's name, or writes the one just made, and goes on behind the last event's id.
    func readName() throws(DatabaseError) {
        if let last = try lastID() { ulids.skip(past: last) }
        if let known = try Self.name(in: connection) {
            journal = known
        } else {
            try setFact(.journal, journal.description)
        }
    }

    /// The greatest id of an event.
    func lastID() throws(DatabaseError) -> ULID? {
        try connection.first("SELECT max(id) FROM event") { $0.text(0) }.flatMap { ULID($0) }
    }

    /// The name that a journal's database holds.
    static func name(in connection: Connection) throws(DatabaseError) -> ULID? {
        try connection.first("SELECT value FROM fact WHERE name = 'journal'") { $0.text(0) }.flatMap { ULID($0) }
    }

    func transaction<Value>(_ body: (Store) throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        try connection.transaction { () throws(DatabaseError) in try body(self) }
    }

    func stream(_ sink: SinkID) -> String { "\(journal)/\(sink)" }

    // MARK: - Bodies

    func encode(_ value: some Encodable) throws(DatabaseError) -> String {
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw DatabaseError(.other, message: "a value has no JSON form")
        }
    }

    /// Nil for what cannot be understood: one bad row must not cost the rest.
    func decode<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
        try? decoder.decode(type, from: Data(text.utf8))
    }

    // MARK: - Facts

    /// The names of small facts.
    enum Fact {
        case journal, ending, heartbeat, boot, clocks
        case kept(String)

        var name: String {
            switch self {
            case .journal: "journal"
            case .ending: "ending"
            case .heartbeat: "heartbeat"
            case .boot: "boot"
            case .clocks: "clocks"
            case .kept(let key): "kept.\(key)"
            }
        }
    }

    func fact(_ fact: Fact) throws(DatabaseError) -> String? {
        try connection.first("SELECT value FROM fact WHERE name = ?", fact.name) { $0.text(0) }
    }

    func setFact(_ fact: Fact, _ value: String?) throws(DatabaseError) {
        if let value {
            try connection.run(
                "INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                fact.name,
                value
            )
        } else {
            try connection.run("DELETE FROM fact WHERE name = ?", fact.name)
        }
    }
}

extension AlertID {
    /// One text per identity: the key of tables.
    var key: String {
        let check: JSON = .array([.string(check.kind), .string(check.instance)])
        return JSON.array([check, .string(measure), .string(target.name), .map(target.identity)]).text
    }
}
