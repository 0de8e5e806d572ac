import Basics
import Glibc
import TestSupport
import Testing

@Suite struct OwnThreadTests {
    @Test("work is done on a thread of its own, as often as it is asked for")
    func work() async {
        let thread = OwnThread("test")
        for number in 0..<3 {
            #expect(await thread.run(atMost: .seconds(30), time: SystemTime()) { number * 2 } == number * 2)
        }
        let caller = UInt(pthread_self())
        #expect(await thread.run(atMost: .seconds(30), time: SystemTime()) { UInt(pthread_self()) != caller } == true)
    }

    @Test("what hangs is not waited for, costs one thread, and is let go on when it ends")
    func hanging() async throws {
        let thread = OwnThread("test")
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let hung: UInt8? = await thread.run(atMost: .milliseconds(50), time: SystemTime()) {
            var byte: UInt8 = 0
            read(reading, &byte, 1)
            return byte
        }
        #expect(hung == nil)
        let refused = await thread.run(atMost: .seconds(30), time: SystemTime()) { true }
        #expect(refused == nil)
        write(writing, "x", 1)
        _ = try await eventually("thread that is free again") {
            await thread.run(atMost: .seconds(30), time: SystemTime()) { true }
        }
        close(reading)
        close(writing)
    }
}
