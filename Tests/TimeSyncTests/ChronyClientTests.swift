import Basics
import TestSupport
import Testing

@testable import TimeSync

@Suite struct ChronyClientTests {
    private let time = SystemTime()

    private func answer(to question: [UInt8]) -> [UInt8] {
        var reader = ByteReader(question, from: 8, isBigEndian: true)
        return ChronyTrackingTests.answer(sequence: reader.next(UInt32.self) ?? 0)
    }

    private func ask(
        _ addresses: ChronyAddress...,
        patience: Duration = .seconds(5)
    ) -> Result<ChronyTracking, ChronyFailure> {
        ChronyClient.tracking(at: addresses, patience: patience, time: time)
    }

    private func local(_ port: UInt16) -> ChronyAddress { .network(host: "127.0.0.1", port: port) }

    @Test("the first address that answers is taken; a false answer is passed over")
    func first() throws {
        let silent = try DatagramStub { _ in [] }
        let server = try DatagramStub { question in
            [ChronyTrackingTests.answer(sequence: 12), [1], self.answer(to: question)]
        }
        let result = ask(local(silent.port), local(server.port), patience: .milliseconds(300))
        #expect(try result.get().stratum == 3)
    }

    @Test("silence and a closed port are told apart, and no address is none")
    func failures() throws {
        let silent = try DatagramStub { _ in [] }
        #expect(ask(local(silent.port), patience: .milliseconds(50)) == .failure(.noAnswer))
        let port = try DatagramStub.closedPort()
        #expect(ask(local(port)) == .failure(.refused))
        #expect(ask() == .failure(.unresolved))
        #expect(ask(.socket(path: "/nowhere/chronyd.sock")) == .failure(.unreachable(errno: 2)))
    }
}
