package import Basics
import SQLite

extension Journal {
    /// Opens the journal, whatever is found: the worst case is a journal in memory, and the reason.
    ///
    /// - Parameters:
    ///   - location: The file; its folder is created if possible.
    ///   - time: Both clocks.
    ///   - bootID: The host kernel's boot id, to tell a reboot from a restart.
    ///   - limits: How much is kept.
    /// - Returns: The journal, and what was found.
    package static func open(
        at location: JournalLocation,
        time: any TimeSource,
        bootID: String? = nil,
        limits: JournalLimits = JournalLimits()
    ) async -> (journal: Journal, opening: JournalOpening) {
        let journal = Journal(location: location, time: time, bootID: bootID, limits: limits)
        return (journal, await journal.start())
    }

    func start() -> JournalOpening {
        let past = openStore()
        var found = past
        var rebooted: Bool?
        let now = time.now
        if past == nil {
            (found, rebooted) = lastEnding(at: now)
        }
        resumeClocks()
        lastSign = time.uptime
        let (boot, clocks) = (bootID, clocks)
        write { (store) throws(DatabaseError) in
            try store.setFact(.ending, "running")
            try store.setFact(.heartbeat, String(now.milliseconds))
            try store.setFact(.boot, boot)
            try store.setFact(.clocks, clocks?.description)
        }
        let name = store?.journal ?? store?.ulids.next(at: now)
        var generator = ULID.Generator()
        return JournalOpening(
            found: found ?? .lost,
            rebooted: rebooted,
            status: status(),
            journal: name ?? generator.next(at: now)
        )
    }

    /// Opens the file or what can stand in for it; nil when the last run's facts can be read from it.
    private func openStore() -> JournalOpening.Found? {
        guard case .file(let path) = location else {
            store = memoryStore(adopting: nil)
            return .new
        }
        let file = DatabaseFile(path: path)
        let existed = file.exists
        do throws(DatabaseError) {
            file.create()
            lock = try file.lock(patience: 1000)
            let (opened, version) = try openFile(path)
            store = opened
            return version == 0 ? .new : nil
        } catch {
            trouble = JournalTrouble(error, since: time.now)
            nextTry = time.uptime + patience
            if error.kind == .corrupt { return openAfresh(path, because: error.message) }
            // Whose file it is not is not read either; else the contents may be readable although nothing can be written.
            let readable = existed && lock != nil || error.kind == .readOnly || error.kind == .cannotOpen
            if readable, ![.newer, .foreign, .locked].contains(error.kind), file.isLogEmpty,
                let frozen = try? Connection(.frozen(path)), (try? openTables(frozen)) == Migrations.all.last?.number
            {
                store = memoryStore(adopting: frozen)
                if store?.journal == (try? Store.name(in: frozen)) { return nil }
            } else {
                store = memoryStore(adopting: nil)
            }
            return existed ? .lost : .new
        }
    }

    /// The file's tables, and their version before; 0 for a new file.
    func openFile(_ path: String) throws(DatabaseError) -> (store: Store, version: Int64) {
        let connection = try Connection(.file(path))
        if let pages = limits.filePages { try connection.limit(pages: pages) }
        let version = try openTables(connection)
        // Where there is no room for it, the journal works without, and says so once there is none for an event either.
        _ = try? connection.reserveLog()
        return (try Store(connection, onDisk: true, durable: true, limits: limits, at: time.now), version)
    }

    private func openAfresh(_ path: String, because: String) -> JournalOpening.Found {
        let aside = setAside(DatabaseFile(path: path))
        do throws(DatabaseError) {
            store = try openFile(path).store
            trouble = nil
        } catch {
            trouble = JournalTrouble(error, since: time.now)
            store = memoryStore(adopting: nil)
        }
        return .corrupt(renamedTo: aside, because: because)
    }

    /// Brings the schema up to date and looks for damage; gives the version before.
    func openTables(_ connection: Connection) throws(DatabaseError) -> Int64 {
        let version = try connection.migrate(
            Migrations.all,
            application: Migrations.application,
            at: time.now.milliseconds
        )
        // Up to 16 MiB the look costs less than a sweep; damage in a larger file shows when it is read.
        if version > 0, try connection.pageCount <= 4096 { try connection.verify() }
        return version
    }

    /// How the last run ended, by the marks it left.
    private func lastEnding(at now: Timestamp) -> (JournalOpening.Found, rebooted: Bool?) {
        let facts = read { (store) throws(DatabaseError) in
            (
                ending: try store.fact(.ending), sign: try store.fact(.heartbeat), boot: try store.fact(.boot)
            )
        }
        guard let facts else { return (.lost, nil) }
        let sign = facts.sign.flatMap { Int64($0) }.map(Timestamp.init(milliseconds:)) ?? now
        let rebooted: Bool? = if let before = facts.boot, let bootID { before != bootID } else { nil }
        switch facts.ending {
        case "clean": return (.clean(at: sign), rebooted)
        case "running": return (.unclean(from: min(sign, now), to: now), rebooted)
        default: return (.new, rebooted)
        }
    }

    /// Renames the damaged file; gives the new name.
    func setAside(_ file: DatabaseFile) -> String {
        file.setAside(stamp: "corrupt-" + String(time.now.description.filter { $0.isLetter || $0.isNumber }))
    }
}
