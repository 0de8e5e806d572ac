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

    @Test("a name's second address is tried where the first does not answer")
    func secondAddress() throws {
        // Which of the two comes first is for the system to say; chronyd listens at one.
        let server = try DatagramStub { question in [self.answer(to: question)] }
        #expect(try ask(.network(host: "localhost", port: server.port)).get().stratum == 3)
        let silent = try DatagramStub { _ in [] }
        let begin = time.uptime
        let result = ask(.network(host: "localhost", port: silent.port), patience: .milliseconds(200))
        #expect([.failure(.noAnswer), .failure(.refused)].contains(result))
        #expect(time.uptime - begin < .seconds(10))
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
