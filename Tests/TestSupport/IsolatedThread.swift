import Glibc

/// Runs code on a thread that is somebody else to the kernel: in a network namespace of its own, without privilege.
///
/// Both are properties of a thread, so a test can compare what a stranger sees with what it sees itself, within one
/// process. Needs root.
package enum IsolatedThread {
    /// What the thread gives up before it runs the code.
    package struct Isolation: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// A new, empty network namespace, with the loopback interface up.
        package static let network = Isolation(rawValue: 1)
        /// User and group 65534, no capability.
        package static let unprivileged = Isolation(rawValue: 2)
    }

    /// What could not be given up.
    package struct Failure: Error {
        package var what: String
        package var errno: Int32
    }

    /// The calling thread, as the kernel numbers it: usable wherever a process number is.
    package static var id: Int32 { Int32(truncatingIfNeeded: Call.run(Call.gettid)) }

    /// Runs `body` there and waits for it.
    package static func run<Value>(_ isolation: Isolation, _ body: () throws -> Value) throws -> Value {
        // The closure does not outlive this call: the thread is joined below.
        try withoutActuallyEscaping(body) { body in
            let work = Work {
                try isolation.apply()
                return try body()
            }
            var thread = pthread_t()
            let code = pthread_create(
                &thread,
                nil,
                { context in
                    guard let context else { return nil }
                    (Unmanaged<AnyObject>.fromOpaque(context).takeUnretainedValue() as? any Runnable)?.run()
                    return nil
                },
                Unmanaged<AnyObject>.passUnretained(work).toOpaque()
            )
            guard code == 0 else { throw Failure(what: "pthread_create", errno: code) }
            pthread_join(thread, nil)
            guard let result = work.result else { throw Failure(what: "the thread", errno: 0) }
            return try result.get()
        }
    }

    private protocol Runnable: AnyObject {
        func run()
    }

    private final class Work<Value>: Runnable {
        private let body: () throws -> Value
        private(set) var result: Result<Value, any Error>?

        init(_ body: @escaping () throws -> Value) { self.body = body }

        func run() { result = Result(catching: body) }
    }
}

extension IsolatedThread.Isolation {
    fileprivate func apply() throws {
        if contains(.network) {
            try Self.check("unshare", Call.run(Call.unshare, Call.newNetwork))
            try Self.raiseLoopback()
        }
        if contains(.unprivileged) {
            // Not setresuid(3): the library's function changes every thread. Root's capabilities go with the user.
            try Self.check("setgroups", Call.run(Call.setgroups))
            try Self.check("setresgid", Call.run(Call.setresgid, 65534, 65534, 65534))
            try Self.check("setresuid", Call.run(Call.setresuid, 65534, 65534, 65534))
        }
    }

    private static func check(_ what: String, _ code: some BinaryInteger) throws {
        guard code == 0 else { throw IsolatedThread.Failure(what: what, errno: errno) }
    }

    private static func raiseLoopback() throws {
        let handle = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        try check("socket", min(handle, 0))
        defer { close(handle) }
        // struct ifreq: sixteen bytes of name, then the flags.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<2, with: "lo".utf8)
        request[16] = UInt8(IFF_UP | IFF_RUNNING)
        try check("SIOCSIFFLAGS", ioctl(handle, UInt(SIOCSIFFLAGS), &request))
    }
}

/// System calls that Glibc's overlay lacks, by number.
private enum Call {
    #if arch(x86_64)
    static let unshare = 272
    static let setgroups = 116
    static let setresgid = 119
    static let setresuid = 117
    static let gettid = 186
    #else
    static let unshare = 97
    static let setgroups = 159
    static let setresgid = 149
    static let setresuid = 147
    static let gettid = 178
    #endif
    /// `CLONE_NEWNET`.
    static let newNetwork = 0x4000_0000

    /// syscall(2) is variadic and so not imported; on these machines it takes its arguments like any other function.
    static func run(_ number: Int, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) -> Int {
        typealias Function = @convention(c) (Int, Int, Int, Int) -> Int
        guard let symbol = dlsym(nil, "syscall") else { return -1 }
        return unsafeBitCast(symbol, to: Function.self)(number, first, second, third)
    }
}
