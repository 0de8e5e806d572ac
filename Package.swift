// swift-tools-version:6.2
import PackageDescription

// The arrows between modules point strictly downward (ARCHITECTURE.md). SwiftPM refuses an import that is not listed
// here (`make build` checks explicit dependencies), and HouseTests checks the sources against the same table.

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

/// A module's tests, in `Tests/<name>Tests`; they see the module, TestSupport, and what they name besides.
func tests(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name), "TestSupport"] + (name == "Basics" ? [] : ["Basics"]) + more,
        swiftSettings: house
    )
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "custos",
    products: [.executable(name: "custos", targets: ["custos"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // 6: the program
        .executableTarget(name: "custos", dependencies: ["Commands"], swiftSettings: house),
        // 5: the command line
        module(
            "Commands",
            [
                "Daemon", "Checks", "Sinks", "Journal", "Alerting", "DockerEngine", "Settings", "Procfs", "Curl",
                "Basics", argumentParser,
            ]
        ),
        // 4: the services and how they are wired
        module(
            "Daemon",
            [
                "StatusServer", "Checks", "Sinks", "Journal", "Alerting", "DockerEngine", "Settings", "Procfs", "Curl",
                "Exposition", "Basics", lifecycle, logging,
            ]
        ),
        module(
            "StatusServer",
            ["Exposition", "Basics", hummingbird, hummingbirdCore, lifecycle, logging, nioCore, nioPosix]
        ),
        // 3: looking, telling, remembering
        module(
            "Checks",
            [
                "Alerting", "Settings", "Procfs", "Netlink", "DockerEngine", "Curl", "TimeSync", "SystemBus", "Basics",
            ]
        ),
        module("Sinks", ["Alerting", "Settings", "Curl", "Basics", "COpenSSL"]),
        module("Journal", ["Alerting", "SQLite", "Basics"]),
        // 2: judging, and the engine's API
        module("Alerting", ["Basics"]),
        module("DockerEngine", ["Curl", "Basics"]),
        // 1: knows nothing about watching
        module("Settings", ["CYAML", "Basics"]),
        module("Procfs", ["Netlink", "CLinux", "Basics", systemPackage]),
        module("Netlink", ["CLinux", systemPackage]),
        module("Curl", ["CCurl", "Basics"]),
        module("TimeSync", ["Basics"]),
        module("SystemBus", ["Basics"]),
        module("SQLite", ["CSQLite", "Basics"]),
        module("Exposition", ["Basics"]),
        // 0: values everybody needs, and the C libraries
        module("Basics", ["CThreads"]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CCurl", dependencies: ["CLibCurl"]),
        .target(name: "CLinux"),
        .target(name: "CThreads"),
        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["Alerting", "Settings", "Curl", "DockerEngine", "Procfs", "Basics"],
            path: "Tests/TestSupport",
            swiftSettings: house
        ),
        .target(
            name: "Fuzzing",
            dependencies: [
                "DockerEngine", "Settings", "Procfs", "Netlink", "Curl", "TimeSync", "SystemBus", "Basics",
            ],
            path: "Tests/Fuzzing",
            swiftSettings: house
        ),
        tests("Basics"),
        tests("Exposition"),
        tests("Settings"),
        tests("Netlink", ["CLinux"]),
        tests("Procfs", ["Netlink", "CLinux"]),
        tests("Curl"),
        tests("TimeSync"),
        tests("SystemBus"),
        tests("SQLite"),
        tests("Alerting"),
        tests("DockerEngine", ["Curl"]),
        tests("Journal", ["Alerting", "SQLite"]),
        tests("Sinks", ["Alerting", "Settings", "Curl"]),
        tests("Checks", ["Alerting", "Settings", "Procfs", "Netlink", "DockerEngine", "TimeSync", "SystemBus"]),
        tests("StatusServer", ["Exposition", "Curl"]),
        tests(
            "Daemon",
            [
                "StatusServer", "Checks", "Sinks", "Journal", "Alerting", "DockerEngine", "Settings", "Procfs", "Curl",
                logging,
            ]
        ),
        tests("Commands", ["Daemon", "Checks", "Sinks", "StatusServer", "Alerting", "Settings", argumentParser]),
        .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"], swiftSettings: house),
        .testTarget(
            name: "HouseTests",
            dependencies: ["Checks", "Sinks", "Settings", "Procfs", "Fuzzing", "TestSupport"],
            swiftSettings: house
        ),
    ]
)

// `make fuzz` builds the program that libFuzzer drives: it links nowhere else.
if Context.environment["CUSTOS_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/Fuzz", swiftSettings: house)
    )
}
