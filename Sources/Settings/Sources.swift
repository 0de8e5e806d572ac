/// One YAML file as read.
package struct Document: Sendable {
    /// The name that origins show.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// The labels of one container.
package struct ContainerLabels: Sendable {
    package var container: String
    package var labels: [String: String]

    package init(container: String, labels: [String: String]) {
        self.container = container
        self.labels = labels
    }
}

/// Everything a configuration is made of; defaults are in the declarations.
package struct Sources: Sendable {
    /// In rising order of precedence.
    package var documents: [Document] = []
    package var environment: [String: String] = [:]

    /// Arguments of `--set`: `a.b=c`.
    package var commandLine: [String] = []
    package var labels: [ContainerLabels] = []

    package init(
        documents: [Document] = [],
        environment: [String: String] = [:],
        commandLine: [String] = [],
        labels: [ContainerLabels] = []
    ) {
        self.documents = documents
        self.environment = environment
        self.commandLine = commandLine
        self.labels = labels
    }
}
