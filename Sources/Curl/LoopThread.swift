import Basics
import CCurl
import Glibc
import Synchronization

/// The one thread on which libcurl runs.
///
/// Others leave commands in an inbox and wake the thread; the thread empties the inbox, lets libcurl work, tells who
/// ended, and blocks in curl_multi_poll(3) until there is news. With nothing under way it sleeps for an hour at a
/// time. It starts with the first transfer and ends with `stop`.
final class LoopThread: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        /// Look at the transfer's flag.
        case cancel(Transfer)
        /// The receiver has room again.
        case proceed(Transfer)
    }

    private enum Phase {
        case unborn
        case running(CurlMulti)
        case stopped
    }

    private struct Inbox {
        var phase = Phase.unborn
        var commands: [Command] = []
    }

    private let inbox = Mutex(Inbox())

    /// Leaves a command; false when the thread has stopped or cannot start.
    func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            if case .unborn = inbox.phase {
                guard let multi = CurlMulti(),
                    DetachedThread.start("custos-curl", stack: 512 << 10, { self.run(on: multi) })
                else { return false }
                inbox.phase = .running(multi)
            }
            guard case .running(let multi) = inbox.phase else { return false }
            inbox.commands.append(command)
            multi.wakeUp()
            return true
        }
    }

    /// Ends every transfer with `HTTPError.cancelled`, and the thread.
    func stop() {
        inbox.withLock { inbox in
            if case .running(let multi) = inbox.phase { multi.wakeUp() }
            inbox.phase = .stopped
        }
    }

    // MARK: - The thread

    private func run(on multi: CurlMulti) {
        let time = SystemTime()
        var active: [UnsafeMutableRawPointer: Transfer] = [:]
        while true {
            let (commands, isStopped) = takeCommands()
            for command in commands { obey(command, on: multi, &active, at: time.uptime) }
            let works = !isStopped && multi.perform()
            while let (address, code) = multi.nextEnd() {
                active.removeValue(forKey: address)?.end(code, on: multi)
            }
            guard works else { break }
            let now = time.uptime
            for (address, transfer) in active where transfer.expire(at: now, on: multi) {
                active.removeValue(forKey: address)
            }
            let next = active.values.compactMap(\.deadline).min()
            multi.wait(atMost: next.map { $0 - now + .milliseconds(1) } ?? .seconds(3600))
        }
        close()
        for transfer in active.values { transfer.abandon(.cancelled, on: multi) }
        for case .start(let transfer) in takeCommands().commands { transfer.refuse(.cancelled) }
    }

    private func obey(
        _ command: Command,
        on multi: CurlMulti,
        _ active: inout [UnsafeMutableRawPointer: Transfer],
        at uptime: Duration
    ) {
        switch command {
        case .start(let transfer):
            if let address = transfer.start(on: multi, at: uptime) { active[address] = transfer }
        case .cancel(let transfer):
            guard let address = transfer.address else { return }
            active.removeValue(forKey: address)
            transfer.abandon(.cancelled, on: multi)
        case .proceed(let transfer):
            transfer.proceed()
        }
    }

    private func takeCommands() -> (commands: [Command], isStopped: Bool) {
        inbox.withLock { inbox in
            defer { inbox.commands = [] }
            if case .stopped = inbox.phase { return (inbox.commands, true) }
            return (inbox.commands, false)
        }
    }

    /// Takes no more commands: `post` answers false from here on.
    private func close() {
        inbox.withLock { $0.phase = .stopped }
    }
}
