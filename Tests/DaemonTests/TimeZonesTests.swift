import Basics
import Procfs
import Settings
import TestSupport
import Testing

@testable import Daemon

@Suite struct TimeZonesTests {
    private static let berlin = ZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3")
    private static let july: Int64 = 1_782_864_000

    private func zones(
        _ environment: [String: String] = [:],
        root: String? = nil,
        files: FileAccess = .system
    ) -> TimeZones {
        let roots = HostRoots(proc: "/nowhere", sys: "/nowhere", root: root)
        return TimeZones(environment: environment, roots: roots, files: files)
    }

    @Test("a zone comes from the own files, and UTC needs none", arguments: ["UTC", "utc", "Etc/UTC", "GMT"])
    func named(utc: String) throws {
        var zones = zones()
        #expect(try zones.rules(of: "Europe/Berlin").span(at: Self.july).offset == 7200)
        var none = self.zones(files: .none)
        #expect(try none.rules(of: utc) == .utc)
    }

    @Test("without own files the host's count, and links there do not lead out of it")
    func hostsFiles() throws {
        let fixture = try HostFixture()
        let bytes = try FileAccess.system.read("/usr/share/zoneinfo/Europe/Berlin", 1 << 18)
        try fixture.write("root/usr/share/zoneinfo/Europe/Berlin", bytes)
        try fixture.link("root/usr/share/zoneinfo/Europe/Bonn", to: "/usr/share/zoneinfo/Europe/Berlin")
        var zones = zones(root: fixture.path("root"), files: .none)
        for name in ["Europe/Berlin", "Europe/Bonn"] {
            #expect(try zones.rules(of: name).span(at: Self.july).offset == 7200)
        }
        #expect(throws: TimeZones.Failure.noData) { try zones.rules(of: "Europe/Paris") }
    }

    @Test(
        "a zone that is not known has its nearest name",
        arguments: [
            ("Europe/Berlln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
            ("Amerca/New_York", "America/New_York"),
            ("America/Argentina/Buenos_Aries", "America/Argentina/Buenos_Aires"), ("Nowhere/At_All", nil),
            ("Europe/Berlin/Mitte", nil), ("Europe", nil),
        ] as [(String, String?)]
    )
    func nearest(name: String, expected: String?) {
        var zones = zones()
        let failure = #expect(throws: TimeZones.Failure.self) { try zones.rules(of: name) }
        #expect(failure == .unknown(nearest: expected))
    }

    @Test("the own clock goes by TZ, in any of its forms, and by UTC where it says nothing")
    func local() throws {
        func offset(_ name: String) throws -> Int64 {
            var zones = zones(["TZ": name])
            return try zones.local().span(at: Self.july).offset
        }
        #expect(try offset("Europe/Berlin") == 7200)
        #expect(try offset(":Europe/Berlin") == 7200)
        #expect(try offset("/usr/share/zoneinfo/Europe/Berlin") == 7200)
        #expect(try offset("CET-1CEST,M3.5.0,M10.5.0/3") == 7200)
        #expect(try offset("UTC") == 0)
        #expect(try offset("") == 0)
        #expect(throws: TimeZones.Failure.self) { try offset("Mars/Olympus_Mons") }
        var none = zones(files: .none)
        #expect(try none.local() == .utc)
    }

    @Test("TZDIR says where the files are")
    func folder() throws {
        var zones = zones(["TZDIR": "/usr/share/zoneinfo/Europe"])
        #expect(try zones.rules(of: "Berlin").span(at: Self.july).offset == 7200)
    }
}
