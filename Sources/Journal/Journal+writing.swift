import Basics
import SQLite

// How a journal survives a file that cannot be written: a transaction that the file refuses is run again on a copy of the
// whole state in memory, and everything goes on there. Now and then the file is tried; once it takes the copy in one
// transaction, it is the journal again. Numbers of streams are part of the copy, so they stay without gaps.

extension Journal {
    /// Runs a transaction where the journal stands; nil only when even memory refuses.
    @discardableResult
    func write<Value>(_ body: (Store) throws(DatabaseError) -> Value) -> Value? {
        tryReturn()
        guard let store else { return nil }
        do throws(DatabaseError) {
            return try store.transaction(body)
        } catch {
            if store.onDisk {
                degrade(error)
                return write(body)
            }
            return writeAgain(body, after: error)
        }
    }

    /// Tries once more in a memory that refused, after making room.
    private func writeAgain<Value>(
        _ body: (Store) throws(DatabaseError) -> Value,
        after error: DatabaseError
    ) -> Value? {
        guard let store, error.kind == .full || error.kind == .outOfMemory else {
            refused(error)
            return nil
        }
        do throws(DatabaseError) {
            if try !makeRoom(in: store) { throw error }
            return try store.transaction(body)
        } catch {
            refused(error)
            return nil
        }
    }

    /// What even memory refuses must not go unseen.
    private func refused(_ error: DatabaseError) {
        // What the schema itself refuses would be refused for ever, and take every later commit along.
        if error.kind == .constraint || error.kind == .other { unsynced = UnsyncedChanges() }
        guard trouble == nil else { return }
        trouble = JournalTrouble(error, since: time.now)
        trouble?.willReturn = false
    }

    /// Runs a query where the journal stands; nil when it fails even in memory.
    func read<Value>(_ body: (Store) throws(DatabaseError) -> Value) -> Value? {
        guard let store else { return nil }
        do throws(DatabaseError) {
            return try body(store)
        } catch {
            guard store.onDisk else { return nil }
            degrade(error)
            return read(body)
        }
    }

    /// Goes on in memory, with as much of the state as can be read.
    func degrade(_ error: DatabaseError) {
        let (file, name) = (store?.connection, store?.journal)
        store = nil
        trouble = JournalTrouble(error, since: time.now)
        // A lock that another program holds for a moment passes; only at the start does it mean another watchdog.
        trouble?.willReturn = true
        // A connection that failed otherwise than for want of room may hold a dead descriptor.
        disk = error.kind == .full || error.kind == .locked ? file : nil
        store = memoryStore(adopting: file)
        if store?.journal != name { hasLostState = true }
        nextTry = time.uptime + patience
    }

    /// A store in memory, with the state of `source` if it can be read, else empty and with a new name.
    func memoryStore(adopting source: Connection?) -> Store? {
        if let source, let made = try? emptyStore() {
            do throws(DatabaseError) {
                try made.adopt(source)
                try made.limitMemory()
                return made
            } catch {
                trouble?.because += "; its contents cannot be read: \(error.message)"
            }
        }
        do throws(DatabaseError) {
            let made = try emptyStore()
            try made.limitMemory()
            return made
        } catch {
            refused(error)
            return nil
        }
    }

    private func emptyStore() throws(DatabaseError) -> Store {
        let connection = try Connection(.memory)
        _ = try connection.migrate(Migrations.all, application: Migrations.application, at: time.now.milliseconds)
        return try Store(connection, onDisk: false, durable: location == .memory, limits: limits, at: time.now)
    }

    /// Tries to write the copy in memory back to the file, if it is time.
    func tryReturn() {
        guard trouble?.willReturn == true, let copy = store, time.uptime >= nextTry,
            case .file(let path) = location
        else { return }
        do throws(DatabaseError) {
            let file = try reopened(path)
            guard let file else {
                trouble?.willReturn = false
                lock = nil
                return
            }
            try file.takeBack(copy)
            store = file
            disk = nil
            trouble = nil
            patience = .seconds(5)
        } catch {
            if error.kind != .full, error.kind != .locked { disk = nil }
            if error.kind == .corrupt { _ = setAside(DatabaseFile(path: path)) }
            patience = min(patience * 2, .seconds(60))
            nextTry = time.uptime + patience
        }
    }

    /// The file as a store; nil when it is not ours to overwrite.
    private func reopened(_ path: String) throws(DatabaseError) -> Store? {
        if let disk {
            let kept = try Store(disk, onDisk: true, durable: true, limits: limits, at: time.now)
            return kept.journal == store?.journal ? kept : nil
        }
        if lock == nil { lock = try DatabaseFile(path: path).lock(patience: 0) }
        do throws(DatabaseError) {
            let (opened, version) = try openFile(path)
            return version == 0 || opened.journal == store?.journal ? opened : nil
        } catch {
            guard error.kind == .corrupt else { throw error }
            _ = setAside(DatabaseFile(path: path))
            return try openFile(path).store
        }
    }

    /// Makes room in a full memory: history first, then dead letters, then the older half of the fullest outbox, whose
    /// numbers a tombstone names.
    private func makeRoom(in store: Store) throws(DatabaseError) -> Bool {
        let now = time.now
        let pages = store.limits.memoryPages
        try store.connection.limit(pages: pages + pages / 8)
        defer { try? store.connection.limit(pages: pages) }
        return try store.transaction { (store) throws(DatabaseError) in
            var freed = try store.prune(keeping: 1, since: Timestamp(milliseconds: .min), batch: .max)
            if freed > 100 { return true }
            freed += try store.connection.run("DELETE FROM delivery WHERE state = 'dead' AND named = 1")
            if freed == 0, let (sink, _) = try store.outboxes().max(by: { $0.value.pending < $1.value.pending }) {
                freed = try store.dropOlderHalf(of: sink, at: now)
            }
            freed += try store.prune(keeping: 1, since: Timestamp(milliseconds: .min), batch: .max)
            return freed > 0
        }
    }
}

extension JournalTrouble {
    init(_ error: DatabaseError, since: Timestamp) {
        self.init(
            kind: Kind(rawValue: error.kind.rawValue) ?? .other,
            because: error.description,
            since: since,
            willReturn: ![.newer, .foreign, .locked].contains(error.kind)
        )
    }
}
