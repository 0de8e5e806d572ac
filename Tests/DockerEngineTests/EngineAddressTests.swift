import DockerEngine
import Testing

struct EngineAddressTests {
    @Test(
        "addresses are read as the docker command reads them",
        arguments: [
            ("unix:///run/docker.sock", .unix("/run/docker.sock")),
            ("/run/podman/podman.sock", .unix("/run/podman/podman.sock")),
            ("tcp://proxy:2375", .tcp(host: "proxy", port: 2375)),
            ("tcp://proxy", .tcp(host: "proxy", port: 2375)),
            ("tcp://10.0.0.1:99/", .tcp(host: "10.0.0.1", port: 99)),
            ("http://proxy:80", .tcp(host: "proxy", port: 80)),
            ("tcp://[::1]:2375", .tcp(host: "[::1]", port: 2375)),
            ("tcp://[::1]", .tcp(host: "[::1]", port: 2375)),
        ] as [(String, EngineAddress)]
    )
    func good(text: String, address: EngineAddress) throws {
        #expect(try EngineAddress(text) == address)
    }

    @Test(
        "what cannot be reached is refused",
        arguments: [
            "", "docker", "unix://relative", "unix://", "ssh://host", "npipe://x", "fd://", "tcp://", "tcp://:2375",
            "tcp://host:0", "tcp://host:70000", "tcp://host:x", "tcp://user:pw@host:1", "tcp://host:1/path",
            "tcp://a b",
            "tcp://a\r\nb", "/" + String(repeating: "x", count: 107),
        ]
    )
    func bad(_ text: String) {
        #expect(throws: EngineError.self) { try EngineAddress(text) }
    }

    @Test("a refused address does not show its password")
    func secret() {
        #expect(throws: EngineError.badAddress("tcp://host:1")) { try EngineAddress("tcp://user:pw@host:1") }
    }

    @Test("keys make tcp one with TLS, by the files of a folder or by whom the system trusts")
    func keys() throws {
        let keys = EngineAddress.Keys(folder: "/certs")
        #expect(keys.authority == "/certs/ca.pem")
        #expect(keys.certificate == "/certs/cert.pem")
        #expect(keys.key == "/certs/key.pem")
        #expect(try EngineAddress("tcp://p", keys: keys) == .tcp(host: "p", port: 2376, tls: keys))
        #expect(try EngineAddress("tcp://p:5", keys: .system) == .tcp(host: "p", port: 5, tls: .system))
        #expect(EngineAddress.Keys.system.authority == nil && EngineAddress.Keys.system.certificate == nil)
        #expect(try EngineAddress("https://p") == .tcp(host: "p", port: 2376, tls: .system))
        #expect(try EngineAddress("https://p", keys: keys) == .tcp(host: "p", port: 2376, tls: keys))
        #expect(try EngineAddress("unix:///s", keys: keys) == .unix("/s"))
    }

    @Test("http with keys is refused instead of leaving TLS out")
    func plainContradictsKeys() {
        let error = #expect(throws: EngineError.self) { try EngineAddress("http://p:2375", keys: .system) }
        #expect(error.map { "\($0)".contains("DOCKER_TLS_VERIFY") } == true)
    }
}
