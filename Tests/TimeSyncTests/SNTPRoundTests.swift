import Basics
import TestSupport
import Testing

@testable import TimeSync

@Suite struct SNTPRoundTests {
    private let time = SystemTime()

    private func ask(_ ports: UInt16..., patience: Duration = .seconds(5)) -> [Result<SNTPReading, SNTPFailure>] {
        SNTPRound.ask(
            ports.map { TimeServer(host: "127.0.0.1", port: $0) },
            patience: patience,
            time: time
        )
    }

    private func stub(_ change: @escaping @Sendable (inout TimeAnswer) -> Void = { _ in }) throws -> DatagramStub {
        var answer = TimeAnswer()
        change(&answer)
        return try DatagramStub { [answer] in [answer.datagram(to: $0)] }
    }

    @Test("several servers are asked at once, and each has its own answer")
    func several() throws {
        let (near, far) = (try stub(), try stub { $0.ahead = -3600 })
        let results = ask(near.port, far.port)
        let offsets = try results.map { try $0.get().offset }
        #expect(abs(offsets[0]) < 0.5)
        #expect(abs(offsets[1] + 3600) < 0.5)
        #expect(try results.allSatisfy { try $0.get().delay < 5 })
        #expect(near.questions.count == 1)
    }

    @Test("every question has a number of its own")
    func nonces() throws {
        let server = try stub()
        for _ in 0..<3 { _ = ask(server.port) }
        #expect(Set(server.questions.map { Array($0[40...]) }).count == 3)
    }

    @Test("a false answer does not keep the right one out, and alone is refused")
    func forged() throws {
        let both = try DatagramStub { question in
            var forged = TimeAnswer()
            forged.ahead = 1000
            forged.origin = [1, 2, 3, 4, 5, 6, 7, 8]
            return [forged.datagram(to: question), [], [1, 2, 3], TimeAnswer().datagram(to: question)]
        }
        #expect(abs(try ask(both.port)[0].get().offset) < 0.5)
        let alone = try stub { $0.origin = [1, 2, 3, 4, 5, 6, 7, 8] }
        #expect(ask(alone.port, patience: .milliseconds(100)) == [.failure(.forged)])
    }

    @Test("a flood of false answers ends the conversation before its time")
    func flood() throws {
        let flood = try DatagramStub { question in
            var forged = TimeAnswer()
            forged.origin = [1, 2, 3, 4, 5, 6, 7, 8]
            return [[UInt8]](repeating: forged.datagram(to: question), count: 100)
        }
        let begin = time.uptime
        #expect(ask(flood.port, patience: .seconds(30)) == [.failure(.forged)])
        #expect(time.uptime - begin < .seconds(20))
    }

    @Test("silence, a closed port and a name that nobody knows are told apart")
    func failures() throws {
        let silent = try DatagramStub { _ in [] }
        #expect(ask(silent.port, patience: .milliseconds(50)) == [.failure(.noAnswer)])
        let port = try DatagramStub.closedPort()
        #expect(ask(port, patience: .seconds(5)) == [.failure(.refused)])
        let nobody = [TimeServer(host: "nobody.invalid")]
        #expect(SNTPRound.ask(nobody, patience: .seconds(1), time: time) == [.failure(.unresolved)])
    }

    @Test("a kiss-o'-death comes through")
    func kiss() throws {
        let server = try stub {
            $0.stratum = 0
            $0.reference = Array("RSTR".utf8)
        }
        #expect(ask(server.port) == [.failure(.kissOfDeath(code: "RSTR"))])
    }
}
