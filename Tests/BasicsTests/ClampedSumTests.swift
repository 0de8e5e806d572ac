import Testing

@testable import Basics

@Suite struct ClampedSumTests {
    @Test("a sum that the type has not is the last number that it has")
    func ends() {
        #expect(UInt64.max.addingClamped(1) == .max)
        #expect(Int.max.addingClamped(1) == .max)
        #expect(Int.min.addingClamped(-1) == .min)
        #expect(Int.max.addingClamped(-1) == .max - 1)
        #expect(UInt64(2).addingClamped(3) == 5)
    }
}
