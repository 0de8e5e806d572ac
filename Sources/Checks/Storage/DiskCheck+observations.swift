import Alerting
import Basics
import Procfs

extension DiskCheck {
    /// What is told of a filesystem, given its answer.
    static func observations(_ system: FileSystem, _ answer: FileSystemAnswer) -> [Observation] {
        let target = Target(system.name)
        let evidence = evidence(system)
        var observations = [access(system, target, evidence)]
        /// One that does not say how full it is keeps its alerts.
        func silent(_ value: Observation.Value, _ summary: String) {
            let text = "\(title(system)) \(summary)"
            observations.append(Observation(answers, of: target, value, summary: text, annotations: evidence))
            guard system.access != .readOnly else { return }
            observations += [used, inodes].map { Observation($0, of: target, .unknown(because: summary)) }
        }
        switch answer {
        case .use(let use):
            observations.append(Observation(answers, of: target, .state("answering")))
            // What cannot be written does not fill.
            if system.access != .readOnly { observations += fullness(system, use, target, evidence) }
        case .written, .taken, .readOnly: break
        case .denied:
            let text = "\(title(system)) is not covered: a folder above it may not be entered"
            observations.append(Observation(answers, of: target, .state("not_covered"), summary: text))
        case .notThere:
            let because = "not visible below the host's root; \(Host.rootHint)"
            silent(.unknown(because: because), because)
        case .notAsked:
            let because = "not asked: too many filesystems hang, or there is no thread"
            silent(.unknown(because: because), because)
        case .failed(let errno): silent(.state("failing"), "answers with an error: \(errno)")
        case .hung(let span):
            silent(.state("hung"), "has not answered for \(Duration.seconds(span.components.seconds).text)")
        }
        return observations
    }

    /// What is told of a folder that was written into; `isWritable` says that the host mounts it so.
    static func writing(into folder: String, _ answer: FileSystemAnswer, isWritable: Bool) -> Observation {
        let (value, said): (Observation.Value, String) =
            switch answer {
            case .written, .use: (.state("written"), "can be written")
            case .denied: (.unknown(because: "Custos' user may not write there"), "may not be written by Custos")
            case .notThere: (.unknown(because: "there is no such folder below the host's root"), "is not there")
            case .notAsked: (.unknown(because: "not asked: too many folders hang"), "was not asked")
            case .readOnly where isWritable:
                (.unknown(because: "the host may write there, Custos' own mount is read-only"), "is mounted read-only")
            case .readOnly: (.state("failed"), "cannot be written: it is read-only")
            case .taken:
                (.unknown(because: "a file has the name of the test's and is not its own"), "was not written into")
            case .failed(let errno): (.state("failed"), "cannot be written: \(errno)")
            case .hung(let span):
                (.state("hung"), "has not answered for \(Duration.seconds(span.components.seconds).text)")
            }
        return Observation(writing, of: Target(folder), value, summary: "\(folder.safe(limit: 200)) \(said)")
    }

    private static func access(_ system: FileSystem, _ target: Target, _ evidence: [String: String]) -> Observation {
        let said =
            switch system.access {
            case .writable: "may be written"
            case .readOnly: "is read-only"
            case .error: "is read-only after an error: look into the kernel's log"
            }
        return Observation(
            writable,
            of: target,
            .state(system.access.rawValue),
            summary: "\(title(system)) \(said)",
            annotations: evidence
        )
    }

    private static func fullness(
        _ system: FileSystem,
        _ use: FileSystemUse,
        _ target: Target,
        _ evidence: [String: String]
    ) -> [Observation] {
        var observations: [Observation] = []
        if let ratio = use.usedRatio {
            let (whole, left) = (Unit.bytes.text(Double(use.size)), Unit.bytes.text(Double(use.available)))
            var evidence = evidence
            evidence["size"] = whole
            evidence["used"] = Unit.bytes.text(Double(use.used))
            evidence["available"] = left
            observations = [
                Observation(
                    used,
                    of: target,
                    .number(ratio),
                    summary: "\(title(system)) is \(Unit.ratio.text(ratio)) full: \(left) of \(whole) are left",
                    annotations: evidence
                ),
                Observation(size, of: target, .number(Double(use.size))),
                Observation(taken, of: target, .number(Double(use.used))),
                Observation(available, of: target, .number(Double(use.available))),
            ]
        }
        if let ratio = use.usedFilesRatio {
            var evidence = evidence
            evidence["inodes"] = "\(use.files)"
            evidence["inodes_free"] = "\(use.freeFiles)"
            let text = "\(title(system)) has \(Unit.ratio.text(ratio)) of its inodes in use: \(use.freeFiles) are left"
            observations += [
                Observation(inodes, of: target, .number(ratio), summary: text, annotations: evidence),
                Observation(files, of: target, .number(Double(use.files))),
                Observation(usedFiles, of: target, .number(Double(use.files - min(use.files, use.freeFiles)))),
            ]
        }
        return observations
    }

    private static func title(_ system: FileSystem) -> String { system.name.safe(limit: 200) }

    private static func evidence(_ system: FileSystem) -> [String: String] {
        var evidence = ["device": system.origin.safe(limit: 200), "type": system.type.safe(limit: 64)]
        if system.points.count > 1 {
            evidence["also_at"] = system.points.dropFirst().prefix(4).map { $0.safe(limit: 200) }.joined(
                separator: ", "
            )
        }
        return evidence
    }
}
