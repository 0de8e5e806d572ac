import Glibc
import TestSupport
import Testing

@testable import Procfs

/// Every parser gets what a kernel never writes; it must refuse or understand, never trap.
@Suite struct MutationTests {
    private static let tokens = [
        "18446744073709551615", "18446744073709551616", "9223372036854775808", "-1", "\n", "\n\n", " ", "\t", ":", "0A",
        "ffffffffffffffff", "TcpExt:", "\0", "é", "999999999999999999999999999",
    ].map { Array($0.utf8) }

    private static func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: place...min(bytes.count, place + 16), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.removeSubrange(place...)
            case 2: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            case 3: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            }
        }
        return bytes
    }

    private static func attack<File: HostFile>(_ file: File.Type, _ seed: [UInt8], rounds: Int) -> (Int, Int) {
        var random = SeededGenerator(state: 0xC0FFEE)
        var outcome = (understood: 0, refused: 0)
        for _ in 0..<rounds {
            do {
                _ = try File(parsing: mutate(seed, &random))
                outcome.understood += 1
            } catch {
                if case .malformed(_, let line, _) = error { #expect(line > 0) } else { Issue.record("\(error)") }
                outcome.refused += 1
            }
        }
        return outcome
    }

    @Test(arguments: HostFiles.all.map { "\($0)" })
    func aParserRefusesOrUnderstandsAnything(name: String) throws {
        let file = try #require(HostFiles.all.first { "\($0)" == name })
        let fixture = try HostFixture("debian-12", "own-network", "bond-degraded", "selinux")
        // It shows only within the host's network, where this host was not captured.
        try fixture.write("proc/sys/net/netfilter/nf_conntrack_count", "249037\n")
        let seed = try fixture.host.bytes(of: file.source)
        let (understood, refused) = Self.attack(file, seed, rounds: 3000)
        #expect(understood > 0)
        #expect(refused > 0)
    }
}
