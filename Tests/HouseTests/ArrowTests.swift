import Testing

/// ARCHITECTURE.md's table: what each module may import of ours and of packages.
private let arrows: [String: Set<String>] = [
    "custos": ["Commands"],
    "Commands": [
        "Daemon", "Checks", "Sinks", "Journal", "Alerting", "DockerEngine", "Settings", "Procfs", "Curl", "Basics",
        "StatusServer", "ArgumentParser", "Logging",
    ],
    "Daemon": [
        "StatusServer", "Checks", "Sinks", "Journal", "Alerting", "DockerEngine", "Settings", "Procfs", "Curl",
        "Exposition", "Basics", "ServiceLifecycle", "Logging",
    ],
    "StatusServer": [
        "Exposition", "Basics", "Hummingbird", "HummingbirdCore", "HTTPTypes", "Logging", "NIOCore", "NIOPosix",
        "ServiceLifecycle",
    ],
    "Checks": [
        "Alerting", "Settings", "Procfs", "Netlink", "DockerEngine", "Curl", "TimeSync", "SystemBus", "Basics",
    ],
    "Sinks": ["Alerting", "Settings", "Curl", "Basics", "COpenSSL"],
    "Journal": ["Alerting", "SQLite", "Basics"],
    "Alerting": ["Basics"],
    "DockerEngine": ["Curl", "Basics"],
    "Settings": ["CYAML", "Basics"],
    "Procfs": ["Netlink", "CLinux", "Basics", "SystemPackage"],
    "Netlink": ["CLinux", "SystemPackage"],
    "Curl": ["CCurl", "Basics"],
    "TimeSync": ["Basics"],
    "SystemBus": ["Basics"],
    "SQLite": ["CSQLite", "Basics"],
    "Exposition": ["Basics"],
    "Basics": ["CThreads"],
]

/// What every module may use of the toolchain.
private let toolchain: Set<String> = [
    "Glibc", "FoundationEssentials", "Synchronization", "Dispatch", "SwiftOverlayShims",
]

@Suite struct ArrowTests {
    @Test("imports follow the arrows of ARCHITECTURE.md")
    func importsFollowTheArrows() throws {
        for file in SourceTree.sources {
            let allowed = try #require(arrows[file.module], "no row for \(file.module)").union(toolchain)
            for line in file.code {
                let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
                guard let keyword = words.firstIndex(of: "import"), keyword <= 1 else { continue }
                let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "var", "typealias"]
                let names = words[(keyword + 1)...].drop { kinds.contains($0) }
                let name = String(names.first?.split(separator: ".").first ?? "")
                #expect(allowed.contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test("every module has sources, and every source folder a row")
    func everyModuleIsInTheTable() {
        #expect(Set(SourceTree.sources.map(\.module)) == Set(arrows.keys))
    }
}
