import Alerting
import Basics

/// What the labels of a container say about how it is judged (S28).
extension ContainerBoard {
    /// What holds for one container.
    func tuning(of record: ContainerRecord) -> ContainerTuning { record.own.tuning ?? options.tuning }

    /// Reads the labels of a container if they are not those last read; says what is wrong with them.
    mutating func readLabels(of record: inout ContainerRecord) -> News {
        var news = News()
        let traits = record.identity.labels
        guard options.labelsCount, traits.settings != record.labelsRead else { return news }
        record.labelsRead = traits.settings
        record.own = traits.settings.isEmpty ? LabelReading() : options.reading(record.identity.name, traits.settings)
        if let text = traits.settings[ContainerTraits.ignore] {
            record.own.refused.insert(.switching(ContainerTraits.ignore, text), at: 0)
        }
        if traits.unreadSettings > 0 { record.own.refused.append(.unread(traits.unreadSettings)) }
        if !record.own.refused.isEmpty { labelsRefused.insert(record.target) }
        news.problems = record.own.refused.map { "\($0.text) (container \(record.identity.name))" }
        return news
    }

    /// Reads all labels again, for what they are measured against is new.
    mutating func readAllLabels() -> News {
        var news = News()
        for var record in records.values {
            record.own = LabelReading()
            record.labelsRead = nil
            news.add(readLabels(of: &record))
            records[record.identity.id] = record
        }
        return news
    }

    /// Whether all labels on a container that are meant for us count; nil where none was ever refused.
    ///
    /// What had ended before it was first seen raises nothing (S21).
    func labelState(of record: ContainerRecord) -> Observation? {
        guard labelsRefused.contains(record.target), record.run?.end?.verdict != .baseline else { return nil }
        let refused = record.own.refused
        let name = "Container \(record.identity.name)"
        guard let first = refused.first else {
            return Observation(
                .containerLabels,
                of: record.target,
                .state("ok"),
                scope: .container,
                summary: "\(name) has no label any more that does not count",
                labels: record.labels
            )
        }
        let others = refused.count > 1 ? ", and \(refused.count - 1) more" : ""
        return Observation(
            .containerLabels,
            of: record.target,
            .state("refused"),
            scope: .container,
            summary: "\(name) has a label that does not count: \(first.text)\(others)",
            labels: record.labels,
            annotations: [
                "container_id": record.identity.shortID,
                "refused_labels": refused.prefix(20).map(\.text).joined(separator: "\n"),
                "remedy": "correct them where the container is declared, and create it anew: labels cannot be changed",
            ]
        )
    }
}
