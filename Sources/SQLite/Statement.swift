import CSQLite

/// A prepared statement, lent by its connection and given back, reset, when it goes out of scope.
package struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let sql: String
    private let connection: Connection

    init(handle: OpaquePointer, sql: String, connection: Connection) {
        self.handle = handle
        self.sql = sql
        self.connection = connection
    }

    deinit {
        connection.takeBack(handle, sql: sql)
    }

    /// Binds all parameters in order.
    package func bind(_ arguments: [any Bindable]) throws(DatabaseError) {
        precondition(
            arguments.count == Int(sqlite3_bind_parameter_count(handle)),
            "A statement needs as many arguments as it has parameters."
        )
        for (index, argument) in arguments.enumerated() {
            try connection.check(argument.bind(to: handle, at: Int32(index + 1)))
        }
    }

    var columnCount: Int { Int(sqlite3_column_count(handle)) }

    /// Binds the columns of the row on which another statement stands, also one of another connection.
    func bindRow(of other: borrowing Statement) throws(DatabaseError) {
        for index in 0..<Int32(clamping: other.columnCount) {
            try connection.check(sqlite3_bind_value(handle, index + 1, sqlite3_column_value(other.handle, index)))
        }
    }

    /// Moves to the next row; false at the end.
    package func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw DatabaseError(code: code, connection: connection.handle)
        }
    }

    /// The row that `step` reached.
    package func row() -> Row { Row(statement: handle) }
}
