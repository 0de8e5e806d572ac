@testable import TimeSync

extension Parser {
    static let timeSync = [
        Parser("ChronyTracking", of: "TimeSync/ChronyTracking.swift") { bytes in
            let packet = bytes.array
            _ = ChronyTracking.answers(packet, sequence: 0x0102_0304)
            let tracking = try ChronyTracking(answer: packet)
            return tracking.isSynchronised && tracking.uncertainty.isFinite
        },
        Parser("SNTPQuestion", of: "TimeSync/SNTPQuestion.swift") { bytes in
            let question = SNTPQuestion(nonce: 7, sentAt: 1_700_000_000_000_000_000)
            let reading = try question.reading(from: bytes.array, after: .milliseconds(20))
            return reading.isSynchronised && reading.uncertainty.isFinite
        },
    ]
}
