import CThreads
import Glibc

/// A thread that nobody waits for.
package enum DetachedThread {
    /// Starts one, which ends with `work`; false where the system refuses it.
    ///
    /// `top -H` shows its name, at most 15 bytes of it; its stack is in bytes.
    package static func start(
        _ name: String,
        stack: Int = 256 << 10,
        _ work: @escaping @Sendable () -> Void
    ) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stack)
        let errand = Unmanaged.passRetained(Errand(name, work))
        var id = pthread_t()
        let result = pthread_create(
            &id,
            &attributes,
            { context in
                guard let context else { return nil }
                let errand = Unmanaged<Errand>.fromOpaque(context).takeRetainedValue()
                // The process's signals are for its main thread; SIGPIPE, which OpenSSL may cause, is for nobody.
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_SETMASK, &all, nil)
                custos_name_thread(errand.name)
                errand.work()
                return nil
            },
            errand.toOpaque()
        )
        if result != 0 { errand.release() }
        return result == 0
    }

    /// What a thread is given at birth.
    private final class Errand {
        let name: String
        let work: @Sendable () -> Void

        init(_ name: String, _ work: @escaping @Sendable () -> Void) {
            self.name = name
            self.work = work
        }
    }
}
