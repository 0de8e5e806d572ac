import TestSupport
import Testing

@testable import Procfs

@Suite struct PressureStallTests {
    @Test func sharesAndTotalsAreRead() throws {
        let stall = try IOPressure(
            parsing: """
                some avg10=1.29 avg60=0.05 avg300=100.00 total=447922741
                full avg10=1.05 avg60=1.49 avg300=3.33 total=190162584

                """
        ).stall
        #expect(stall.some == .init(tenSeconds: 0.0129, minute: 0.0005, fiveMinutes: 1, total: 447_922_741))
        #expect(stall.full?.total == 190_162_584)
    }

    @Test("before Linux 5.13 the processors have one line")
    func theProcessorsMayHaveOneLine() throws {
        let old = try HostFixture("linux-4.18").host
        #expect(try old.pressure(on: .cpu).full == nil)
        #expect(try old.pressure(on: .memory).some.minute == 0.11)
        #expect(try HostFixture("linux-5.15").host.pressure(on: .cpu).full != nil)
        #expect(try HostFixture("linux-6.1").host.pressure(on: .io).full?.minute == 0.21)
    }

    @Test func laterKernelsMayAddAveragesAndLines() throws {
        let known = try HostFixture().host
        let later = try HostFixture("debian-12", "unknown-columns").host
        for resource in PressureResource.allCases {
            #expect(try later.pressure(on: resource) == known.pressure(on: resource))
        }
    }

    @Test func theLargestNumbersAreRead() throws {
        let stall = try HostFixture("debian-12", "huge-values").host.pressure(on: .memory)
        #expect(stall.some.minute.isFinite)
        #expect(stall.full?.total == .max)
    }

    @Test func aKernelWithoutPressureHasNoSuchFile() throws {
        let fixture = try HostFixture("linux-3.10")
        #expect(throws: HostFileError.absent(path: fixture.path("proc/pressure/cpu"))) {
            try fixture.host.pressure(on: .cpu)
        }
    }

    @Test func theRunningKernelIsUnderstood() {
        let live = Host(roots: HostRoots(proc: "/proc", sys: "/sys"))
        do {
            #expect(try (0...1).contains(live.pressure(on: .io).some.minute))
        } catch {
            guard case .absent(_, nil) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(arguments: [
        "", "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", "some avg10=0.00 avg60=0.00 total=0\n",
        "some avg10=0.0 avg60=0.00 avg300=0.00 total=0\n", "some avg10=x avg60=0.00 avg300=0.00 total=0\n",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=-1\n", "some avg10\n",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=1",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: HostFileError.self) { try CPUPressure(parsing: text) }
        #expect(throws: HostFileError.self) { try MemoryPressure(parsing: text) }
    }
}
