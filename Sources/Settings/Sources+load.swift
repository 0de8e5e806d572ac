extension Sources {
    /// Reads the configuration file at `path`, or each `*.yaml` and `*.yml` of the folder there, sorted by name.
    ///
    /// - Returns: What could be read, and a problem for each file that could not.
    package static func documents(
        at path: String,
        files: FileAccess = .system
    ) -> (documents: [Document], problems: [Problem]) {
        var documents: [Document] = []
        var problems: [Problem] = []
        func note(_ name: String, _ failure: FileFailure) {
            let origin = Origin.file(name, line: 1, column: 1)
            problems.append(Problem(origin, "", "cannot be read: \(failure.message)", remedy: failure.remedy))
        }
        var paths = [path]
        do throws(FileFailure) {
            if let names = try files.list(path) {
                paths = names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".") }
                    .sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
            }
        } catch {
            note(path, error)
            return ([], problems)
        }
        for path in paths {
            do throws(FileFailure) {
                documents.append(Document(name: path, bytes: try files.read(path, YAMLLimits.bytes)))
            } catch {
                note(path, error)
            }
        }
        return (documents, problems)
    }
}
