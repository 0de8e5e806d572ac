import Basics
import Settings

/// A small catalogue with every kind of section, for all tests here.
enum Sample {
    struct Root: SettingsGroup {
        var node: String?
        static var schema: Schema<Self> {
            Schema { Field("node", \.node, "The host's name.", alsoFrom: ["NODE_NAME"]) }
        }
    }

    struct Common: SettingsGroup {
        var every: Duration = .seconds(30)
        var timeout: Duration = .seconds(10)
        static var schema: Schema<Self> {
            Schema {
                Field("every", \.every, "How often it looks.", in: .seconds(1)...)
                Field("timeout", \.timeout, "How long one look may take.", fromLabels: true)
            }
        }
    }

    struct Retry: SettingsGroup {
        var attempts = 3
        var wait: Duration = .seconds(1)
        static var schema: Schema<Self> {
            Schema {
                Field("attempts", \.attempts, "How often it tries.", in: 1...10, fromLabels: true)
                Field("wait", \.wait, "How long it waits between tries.")
            }
        }
    }

    struct Disk: SettingsGroup {
        var warning: Percent = 90
        var critical: Percent? = 95
        var ignore: [Glob] = []
        var free: ByteCount = 0
        static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warn when this share is used.", in: 1...100)
                Field("critical", \.critical, "Alarm when this share is used.", in: 1...100)
                Field("ignore", \.ignore, "Mount points to leave out.")
                Field("free", \.free, "Warn when less than this is free.")
            }
        }
        var faults: [Fault] {
            guard let critical, critical < warning else { return [] }
            return [Fault("warning", "must not exceed `critical`")]
        }
    }

    struct HTTP: SettingsGroup {
        var url: HTTPAddress?
        var method = Method.get
        var body: Pattern?
        var headers: [String: Secret] = [:]
        var retry = Retry()
        static var schema: Schema<Self> {
            Schema {
                Field("url", \.url, "The address to ask.", fromLabels: true)
                Field("method", \.method, "The request's method.", fromLabels: true)
                Field("body", \.body, "What the reply must contain.")
                Field("headers", \.headers, "Sent with each request.", fromLabels: true)
                Group("retry", \.retry)
            }
        }
        var faults: [Fault] { url == nil ? [Fault("url", "must be set")] : [] }
    }

    enum Method: String, SettingChoice { case get, head, postForm = "post-form" }

    struct Webhook: SettingsGroup {
        var url: HTTPAddress?
        var token: Secret?
        var labels: [String: String] = [:]
        var severity: Severity = .info
        static var schema: Schema<Self> {
            Schema {
                Field("url", \.url, "Where to send.", secret: true)
                Field("token", \.token, "Sent as a bearer token.")
                Field("labels", \.labels, "Only events with these labels are sent.")
                Field("severity", \.severity, "The least severity that is sent.")
            }
        }
    }

    struct Docker: SettingsGroup {
        var host = "unix:///var/run/docker.sock"
        var restarts = Restarts()
        static var schema: Schema<Self> {
            Schema {
                Field("host", \.host, "Where the engine listens.", alsoFrom: ["DOCKER_HOST"])
                Group("restarts", \.restarts)
            }
        }
        var faults: [Fault] {
            restarts.critical < restarts.warning ? [Fault("restarts.critical", "must not be below `warning`")] : []
        }
    }

    struct Restarts: SettingsGroup {
        var warning = 3
        var critical = 10
        static var schema: Schema<Self> {
            Schema {
                Field("warning", \.warning, "Warn at so many restarts.", in: 1...1000, fromLabels: true)
                Field("critical", \.critical, "Alarm at so many restarts.", in: 1...1000, fromLabels: true)
            }
        }
    }

    struct Journal: SettingsGroup {
        var path: Path = "/var/lib/custos/journal.db"
        var listen: HostPort? = HostPort("127.0.0.1", 9797)
        static var schema: Schema<Self> {
            Schema {
                Field("path", \.path, "The file that keeps alerts.")
                Field("listen", \.listen, "Where the status server listens.")
            }
        }
    }

    static let root = Section(root: Root.self, summary: "The settings at the top.")
    static let defaults = Section("defaults", Common.self, summary: "What all checks inherit.")
    static let disk = Section("disk", Disk.self, common: Common.self, summary: "A filesystem is nearly full.")
    static let smart = Section(
        "smart",
        Retry.self,
        common: Common.self,
        commonDefault: slow,
        enabledByDefault: false,
        summary: "A disk reports failures."
    )
    static let http = Section("http", HTTP.self, common: Common.self, instances: .named, summary: "An address answers.")
    static let webhook = Section(
        "webhook",
        Webhook.self,
        instances: .both,
        isKind: true,
        enabledByDefault: false,
        summary: "Sends events to an address."
    )
    static let docker = Section("docker", Docker.self, common: Common.self, summary: "A container is in trouble.")
    static let journal = Section("journal", Journal.self, summary: "Where alerts are kept.")

    static let catalogue = Catalogue(
        [root, defaults, disk, smart, http, webhook, docker, journal],
        labels: [PlainLabel("ignore", "Leaves the container alone.")]
    )

    private static var slow: Common {
        var common = Common()
        common.every = .seconds(1800)
        return common
    }

    /// Resolves a YAML text and whatever else is given.
    static func resolve(
        _ yaml: String = "",
        environment: [String: String] = [:],
        set: [String] = [],
        labels: [ContainerLabels] = [],
        files: [String: String] = [:]
    ) -> (resolution: Resolution, problems: [Problem]) {
        let documents = yaml.isEmpty ? [] : [Document(name: "custos.yaml", bytes: Array(yaml.utf8))]
        let sources = Sources(documents: documents, environment: environment, commandLine: set, labels: labels)
        return catalogue.resolve(sources, files: access(files))
    }

    /// Files that exist in memory only.
    static func access(_ files: [String: String]) -> FileAccess {
        FileAccess { path, _ throws(FileFailure) in
            guard let text = files[path] else { throw FileFailure("no such file", remedy: "mount it") }
            return Array(text.utf8)
        }
    }
}

extension Sequence<Problem> {
    /// One line each.
    var lines: [String] { map(\.description) }
}
