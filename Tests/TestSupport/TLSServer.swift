import FoundationEssentials
import Glibc

/// A web server that speaks TLS with a certificate of its own authority, and wants one from its clients.
///
/// It is openssl(1) as a child process; the keys are made anew for each server.
package final class TLSServer: Sendable {
    package let port: UInt16
    /// Where `ca.pem`, `cert.pem` and `key.pem` lie: authority, and the client's certificate and key.
    package let folder: String
    private let process: pid_t

    /// Listens once it returns.
    package init() async throws {
        let folder = try EngineStub.freshFolder()
        try Self.makeKeys(in: folder)
        let (socket, port) = try StubServer.listen(port: 0)
        close(socket)
        self.folder = folder
        self.port = port
        process = try Self.spawn(
            "s_server -quiet -www -accept 127.0.0.1:\(port) -Verify 1 -verify_return_error"
                + " -CAfile \(folder)/ca.pem -cert \(folder)/server.pem -key \(folder)/server-key.pem"
        )
        _ = try await eventually("a TLS server") { Self.answers(on: port) ? true : nil }
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// `https://127.0.0.1:<port>/`.
    package var url: String { "https://127.0.0.1:\(port)/" }

    private static func makeKeys(in folder: String) throws {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        try run("req -x509 \(key) -subj /CN=authority -keyout \(folder)/ca-key.pem -out \(folder)/ca.pem")
        let signed = "req -x509 \(key) -CA \(folder)/ca.pem -CAkey \(folder)/ca-key.pem"
        let server = "-subj /CN=server -addext subjectAltName=IP:127.0.0.1"
        try run("\(signed) \(server) -keyout \(folder)/server-key.pem -out \(folder)/server.pem")
        try run("\(signed) -subj /CN=client -keyout \(folder)/key.pem -out \(folder)/cert.pem")
    }

    private static func run(_ arguments: String) throws {
        let process = try spawn(arguments)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Impatience(description: "openssl \(arguments) ended with \(status)") }
    }

    /// Starts openssl(1), which says nothing.
    private static func spawn(_ arguments: String) throws(SystemFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [0, 1, 2] as [Int32] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let words = (["openssl"] + arguments.split(separator: " ").map(String.init)).map { strdup($0) }
        defer { for word in words { free(word) } }
        var process = pid_t()
        let result = posix_spawnp(&process, "openssl", &actions, nil, words + [nil], environ)
        guard result == 0 else { throw SystemFailure(call: "openssl", errno: result) }
        return process
    }

    private static func answers(on port: UInt16) -> Bool {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
