import Testing

@testable import Checks

@Suite struct ClockAgreementTests {
    private func server(_ name: String, _ offset: Double?, _ uncertainty: Double = 0) -> ClockAgreement.Voice {
        ClockAgreement.Voice(name: name, isSynchronised: offset != nil, offset: offset, uncertainty: uncertainty)
    }

    private func chronyd(_ offset: Double?) -> ClockAgreement.Voice {
        ClockAgreement.Voice(name: "chronyd", isSynchronised: offset != nil, offset: offset, disciplines: true)
    }

    @Test("who tells the same story agrees, and the sentence says it")
    func agreement() {
        let agreement = ClockAgreement(kernel: true, [chronyd(0.001), server("a", -0.02)], tolerance: 0.1)
        #expect(agreement.state == "agree")
        #expect(agreement.sentence == "kernel: synchronised, chronyd: 1 ms slow, a: 20 ms fast")
        #expect(agreement.spread == 0.021)
    }

    @Test("chronyd and the kernel contradict each other either way")
    func chronyAndKernel() {
        let lost = ClockAgreement(kernel: true, [chronyd(nil)], tolerance: 0.1)
        #expect(lost.contradictions == ["the kernel calls the clock synchronised, chronyd has no source"])
        let idle = ClockAgreement(kernel: false, [chronyd(0)], tolerance: 0.1)
        #expect(idle.contradictions == ["chronyd is synchronised and does not discipline the kernel's clock"])
        #expect(ClockAgreement(kernel: false, [chronyd(nil)], tolerance: 0.1).state == "agree")
    }

    @Test("a server that finds a synchronised clock wrong contradicts the kernel, as far as it can know")
    func serverAndKernel() {
        let wrong = ClockAgreement(kernel: true, [server("a", 0.3, 0.05)], tolerance: 0.1)
        #expect(wrong.contradictions == ["the kernel calls the clock synchronised, a finds it 300 ms slow"])
        #expect(ClockAgreement(kernel: true, [server("a", 0.3, 0.25)], tolerance: 0.1).state == "agree")
        #expect(ClockAgreement(kernel: false, [server("a", 0.3)], tolerance: 0.1).state == "agree")
    }

    @Test("servers that are apart contradict each other; one without a time says nothing")
    func servers() {
        let apart = ClockAgreement(kernel: nil, [server("a", 0), server("b", 5), server("c", nil)], tolerance: 0.1)
        #expect(apart.contradictions == ["a and b are 5 s apart"])
        #expect(apart.spread == 5)
        #expect(ClockAgreement(kernel: nil, [server("a", 0)], tolerance: 0.1).spread == nil)
    }
}
