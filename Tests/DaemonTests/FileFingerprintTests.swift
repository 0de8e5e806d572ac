import Glibc
import Testing

@testable import Daemon

@Suite struct FileFingerprintTests {
    private let folder: String

    init() {
        var template = Array("/tmp/custos-fingerprint-XXXXXX".utf8CString)
        folder = String(cString: mkdtemp(&template))
    }

    private func write(_ text: String, to name: String) {
        guard let file = fopen("\(folder)/\(name)", "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    @Test("a file rewritten in place has another fingerprint")
    func rewrittenInPlace() {
        write("a: 1\n", to: "custos.yaml")
        let before = FileFingerprint.of("\(folder)/custos.yaml")
        #expect(FileFingerprint.of("\(folder)/custos.yaml") == before)
        write("a: 10\n", to: "custos.yaml")
        #expect(FileFingerprint.of("\(folder)/custos.yaml") != before)
    }

    @Test("a swap of the folder behind a symbolic link, as Kubernetes does it, is seen")
    func symlinkSwap() {
        for version in ["v1", "v2"] {
            mkdir("\(folder)/\(version)", 0o755)
            write("a: 1\n", to: "\(version)/custos.yaml")
        }
        symlink("v1", "\(folder)/..data")
        symlink("..data/custos.yaml", "\(folder)/custos.yaml")
        let before = FileFingerprint.of("\(folder)/custos.yaml")
        symlink("v2", "\(folder)/..next")
        rename("\(folder)/..next", "\(folder)/..data")
        #expect(FileFingerprint.of("\(folder)/custos.yaml") != before)
    }

    @Test("a file that joins a folder, and one that leaves, are seen")
    func folderMembers() {
        write("a: 1\n", to: "10.yaml")
        let one = FileFingerprint.of(folder)
        write("b: 1\n", to: "20.yaml")
        let two = FileFingerprint.of(folder)
        #expect(one != two)
        unlink("\(folder)/20.yaml")
        #expect(FileFingerprint.of(folder) != two)
    }

    @Test("a missing file has a fingerprint that differs from a present one")
    func missing() {
        let absent = FileFingerprint.of("\(folder)/custos.yaml")
        write("", to: "custos.yaml")
        #expect(FileFingerprint.of("\(folder)/custos.yaml") != absent)
    }
}
