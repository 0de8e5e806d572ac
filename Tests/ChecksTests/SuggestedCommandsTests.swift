import Basics
import Settings
import Testing

@testable import Alerting
@testable import Checks

@Suite struct SuggestedCommandsTests {
    private static func commands(
        _ measure: String,
        of target: String,
        container: String? = nil,
        runtime: String? = nil,
        check: CheckID = CheckID("docker")
    ) -> [String] {
        var observation = Observation(
            Measure(name: measure, unit: .none, summary: ""),
            of: Target(target),
            .state("bad")
        )
        if let container { observation.labels["container"] = container }
        if let runtime { observation.labels["runtime"] = runtime }
        return SuggestedCommands.of(
            Reading(
                check: check,
                observation: observation,
                judgement: .breach(.critical, because: ""),
                isPending: false,
                threshold: nil,
                at: Timestamp(milliseconds: 0)
            )
        )
    }

    @Test("S37 there is a command for whatever a check judges by default")
    func complete() {
        for kind in CheckCatalogue.all {
            for rule in Self.rules(kind) {
                #expect(!Self.commands(rule.measure.name, of: "x").isEmpty, "\(rule.measure.name)")
            }
        }
    }

    @Test("S37 nobody is sent to the wrong engine: there is no command for one with a name, nor without one")
    func otherEngines() {
        let far = CheckID("docker", instance: "far")
        #expect(Self.commands("container_death", of: "shop/web/1", check: far).isEmpty)
        #expect(Self.commands("docker_engine_reachable", of: "engine", check: far).isEmpty)
        #expect(Self.commands("container_oom", of: "x", runtime: "cri-containerd").isEmpty)
    }

    @Test("S37 no command walks a filesystem, looks at every process's files, or asks a filesystem that hangs")
    func cheap() {
        for kind in CheckCatalogue.all {
            for measure in kind.measures {
                for command in Self.commands(measure.name, of: "/x") {
                    for heavy in ["lsof", "du ", "find ", "strace", "tcpdump"] {
                        #expect(!command.hasPrefix(heavy), "\(measure.name): \(command)")
                    }
                    if measure.name == "disk_answers" { #expect(!command.hasPrefix("df"), "\(command)") }
                }
            }
        }
    }

    @Test("the process that has most open is looked at by its number")
    func descriptors() {
        for name in ["procfd_used_ratio", "filefd_process_used_ratio"] {
            var observation = Observation(
                Measure(name: name, unit: .ratio, summary: ""),
                of: Target("x"),
                .number(1)
            )
            observation.annotations["pid"] = "873"
            let reading = Reading(
                check: CheckID("x"),
                observation: observation,
                judgement: .ok,
                isPending: false,
                threshold: nil,
                at: Timestamp(milliseconds: 0)
            )
            #expect(SuggestedCommands.of(reading).first == "prlimit --nofile --pid 873")
        }
        #expect(Self.commands("filefd_process_used_ratio", of: "host").first == "sysctl fs.file-nr")
    }

    private static func rules<C: Check>(_ kind: C.Type) -> [Rule] { C(C.Settings()).rules }

    @Test("a container is called by its own name, not by its target's")
    func container() {
        #expect(
            Self.commands("container_death", of: "shop/web/1", container: "shop-web-1") == [
                "docker logs --tail 50 shop-web-1", "docker inspect --format '{{json .State}}' shop-web-1",
            ]
        )
        #expect(Self.commands("disk_used_ratio", of: "/srv/my data").first == "df -h '/srv/my data'")
    }

    @Test(
        "a name from outside is one word of the command, whatever it holds",
        arguments: [
            ("web", "web"), ("", "''"), ("a b", "'a b'"), ("$(reboot)", "'$(reboot)'"),
            ("a'; reboot; '", #"'a'\''; reboot; '\'''"#),
            ("`x`", "'`x`'"), ("-rf", "'./-rf'"), ("a\nreboot", "'a\u{FFFD}reboot'"), ("\u{1B}[2J", "'\u{FFFD}[2J'"),
            ("*", "'*'"), ("~root", "'~root'"), ("a;b", "'a;b'"), ("#", "'#'"), ("a\\", #"'a\'"#),
        ]
    )
    func quoted(name: String, word: String) {
        #expect(name.quotedForShell == word)
        #expect(Self.commands("container_oom", of: name).first == "docker stats --no-stream \(word)")
    }

    @Test("a measure nothing is known of suggests nothing")
    func unknown() {
        #expect(Self.commands("frobnication_ratio", of: "x") == [])
    }
}
