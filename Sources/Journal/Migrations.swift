import SQLite

/// Every step of the journal's schema, in order; append only.
enum Migrations {
    static let all: [Migration] = [
        .initial
    ]

    /// `PRAGMA application_id`: "cust", by which file(1) and we know a journal.
    static let application: Int64 = 0x6375_7374
}
