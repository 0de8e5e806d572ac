extension Resolution {
    /// What holds for one container: an instance's settings with the container's own labels in place (S28).
    ///
    /// `name` is the instance's, nil for the one without; labels never name it, so `section` has single instances.
    /// A label outranks files and the environment, which speak of all containers, but not the command line.
    package func instance<Settings, Common>(
        of section: Section<Settings, Common>,
        named name: String? = nil,
        labels: ContainerLabels
    ) -> (instance: Instance<Settings, Common>?, problems: [Problem]) {
        guard var resolved = sections[section.key]?.first(where: { $0.name == name }) else { return (nil, []) }
        // Only this section, so that labels for others are neither matched nor refused here.
        var intake = Intake(Catalogue([section]), environment: [:], files: .none)
        let own = labels.labels.filter { $0.key.hasPrefix("\(Names.labelPrefix)\(section.key).") }
        var raws = resolved.chosen
        var labelled: [String: Origin] = [:]
        for (entry, match) in intake.labelEntries(ContainerLabels(container: labels.container, labels: own)) {
            guard case .field(let address, let shape, false) = match, shape.fromLabels else {
                intake.take(entry, as: match)
                continue
            }
            if let mismatch = shape.check(entry.raw) {
                intake.refuse(entry, "expected \(mismatch.expected)")
            } else if raws[address.key]?.fromCommandLine != true {
                raws[address.key] = Resolved.Chosen(raw: entry.raw, fromCommandLine: false)
                labelled[address.key] = entry.origin
            }
        }
        var built = section.build(raws.mapValues(\.raw))
        for fault in built.faults {
            // The label that does not fit the rest is dropped; what the operator set stays.
            guard let origin = labelled.removeValue(forKey: fault.key) else { continue }
            intake.tell(Problem(origin, "\(section.key).\(fault.key)", fault.message))
            raws[fault.key] = resolved.chosen[fault.key]
        }
        built = section.build(raws.mapValues(\.raw))
        // Still at odds: the labels contradict what holds without them, so none of them counts.
        if !built.faults.isEmpty { built = resolved.built }
        resolved.built = built
        return (Instance(resolved), intake.problems)
    }

    /// What is wrong with a container's labels that are not for this section.
    package func problems<Settings, Common>(
        of labels: ContainerLabels,
        besides section: Section<Settings, Common>
    ) -> [Problem] {
        let others = labels.labels.filter { !$0.key.hasPrefix("\(Names.labelPrefix)\(section.key).") }
        guard !others.isEmpty else { return [] }
        var intake = Intake(catalogue, environment: [:], files: .none)
        intake.take(ContainerLabels(container: labels.container, labels: others))
        return intake.problems
    }
}
