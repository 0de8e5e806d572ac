import Alerting

/// One number that was read of a container, and what people see beside it where it is too high.
struct ContainerFigure: Sendable, Equatable {
    var measure: Measure
    var value: Observation.Value
    var summary: String?
    var annotations: [String: String] = [:]
    /// Whether it was not read at this look, because that would cost too much.
    var isRepeated = false

    init(_ measure: Measure, _ value: Observation.Value) {
        self.measure = measure
        self.value = value
    }

    var isUnknown: Bool { if case .unknown = value { true } else { false } }

    init(_ measure: Measure, _ number: Double) { self.init(measure, .number(number)) }

    /// The same with a sentence and evidence, which are made only of a number that is near its level.
    func told(
        near levels: ContainerLevels,
        _ summary: @autoclosure () -> String,
        _ annotations: @autoclosure () -> [String: String]
    ) -> Self {
        guard levels.isNear(measure, value) else { return self }
        var figure = self
        figure.summary = summary()
        figure.annotations = annotations()
        return figure
    }

    /// What is kept until the next look: nobody reads the words of a repeated number.
    var kept: Self {
        var figure = Self(measure, value)
        figure.isRepeated = true
        return figure
    }

    func observation(of run: ContainerBoard.Running) -> Observation {
        var observation = Observation(
            measure,
            of: run.target,
            value,
            scope: .container,
            summary: summary,
            labels: run.labels,
            annotations: annotations
        )
        observation.isRepeated = isRepeated
        observation.levels = run.levels?[measure]
        return observation
    }
}
