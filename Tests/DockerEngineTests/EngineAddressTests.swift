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
            "tcp://a\r\nb", "https://host", "/" + String(repeating: "x", count: 107),
        ]
    )
    func bad(_ text: String) {
        #expect(throws: EngineError.self) { try EngineAddress(text) }
    }

    @Test("a refused address does not show its password")
    func secret() {
        #expect(throws: EngineError.badAddress("tcp://host:1")) { try EngineAddress("tcp://user:pw@host:1") }
    }

    @Test("the environment is read as the docker command reads it")
    func environment() throws {
        #expect(try EngineAddress(environment: [:]) == .unix("/var/run/docker.sock"))
        #expect(try EngineAddress(environment: ["DOCKER_HOST": ""]) == .standard)
        #expect(try EngineAddress(environment: ["DOCKER_HOST": "tcp://p:1"]) == .tcp(host: "p", port: 1))
        let keys = EngineAddress.Keys(folder: "/certs")
        #expect(
            try EngineAddress(environment: [
                "DOCKER_HOST": "tcp://p", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs",
            ])
                == .tcp(host: "p", port: 2376, tls: keys)
        )
        #expect(keys.authority == "/certs/ca.pem")
        #expect(keys.certificate == "/certs/cert.pem")
        #expect(keys.key == "/certs/key.pem")
        #expect(
            try EngineAddress(environment: ["DOCKER_HOST": "tcp://p:5", "DOCKER_TLS_VERIFY": "1", "HOME": "/root"])
                == .tcp(host: "p", port: 5, tls: .init(folder: "/root/.docker"))
        )
    }
}
