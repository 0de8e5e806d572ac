/// What the labels of a container say about how it is judged (S28).
extension ContainerBoard {
    /// What holds for one container.
    func tuning(of record: ContainerRecord) -> ContainerTuning { record.own.tuning ?? options.tuning }

    /// Reads the labels of a container if they are not those last read; says what is wrong with them.
    func readLabels(of record: inout ContainerRecord) -> News {
        var news = News()
        let labels = record.identity.labels.settings
        guard options.labelsCount, labels != record.labelsRead else { return news }
        record.labelsRead = labels
        record.own = labels.isEmpty ? LabelReading() : options.reading(record.identity.name, labels)
        news.problems = record.own.problems
        return news
    }

    /// Reads all labels again, for what they are measured against is new.
    mutating func readAllLabels() -> News {
        var news = News()
        for var record in records.values {
            record.own = LabelReading()
            record.labelsRead = [:]
            news.add(readLabels(of: &record))
            records[record.identity.id] = record
        }
        return news
    }
}
