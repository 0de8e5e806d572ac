import Basics
import CCurl
import CThreads
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
                guard let multi = CurlMulti(), spawn(with: multi) else { return false }
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

    /// What the thread is given at birth.
    private final class Errand {
        let thread: LoopThread
        let multi: CurlMulti

        init(_ thread: LoopThread, _ multi: CurlMulti) {
            self.thread = thread
            self.multi = multi
        }
    }

    private func spawn(with multi: CurlMulti) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 512 << 10)
        let errand = Unmanaged.passRetained(Errand(self, multi))
        var id = pthread_t()
        let result = pthread_create(
            &id,
            &attributes,
            { context in
                guard let context else { return nil }
                let errand = Unmanaged<Errand>.fromOpaque(context).takeRetainedValue()
                errand.thread.run(on: errand.multi)
                return nil
            },
            errand.toOpaque()
        )
        if result != 0 { errand.release() }
        return result == 0
    }

    private func run(on multi: CurlMulti) {
        // The process's signals are for its main thread; SIGPIPE, which OpenSSL may cause here, is for nobody.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
        custos_name_thread("custos-curl")

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
