package import Alerting

extension DiskCheck {
    static let used = Measure(
        name: "disk_used_ratio",
        unit: .ratio,
        summary: "Share of the space that programs may take that is in use."
    )
    static let available = Measure(
        name: "disk_available_bytes",
        unit: .bytes,
        summary: "Space that programs may still take."
    )
    static let size = Measure(name: "disk_size_bytes", unit: .bytes, summary: "Space of the filesystem.")
    static let taken = Measure(
        name: "disk_used_bytes",
        unit: .bytes,
        summary: "Space in use; what is kept for root is neither used nor available."
    )
    static let inodes = Measure(
        name: "disk_inodes_used_ratio",
        unit: .ratio,
        summary: "Share of the inodes in use: without a free one no file can be made."
    )
    static let files = Measure(
        name: "disk_inodes",
        unit: .none,
        summary: "Inodes of the filesystem; those that make them as needed are not listed."
    )
    static let usedFiles = Measure(name: "disk_inodes_used", unit: .none, summary: "Inodes in use.")
    static let writable = Measure(
        name: "disk_writable",
        unit: .none,
        summary: "Whether the filesystem may be written, and if not, whether an error is the cause."
    )
    static let engineData = Measure(
        name: "disk_engine_data",
        unit: .none,
        summary: "Whether anything can be written where the Docker engine keeps images, containers and volumes."
    )
    static let answers = Measure(
        name: "disk_answers",
        unit: .none,
        summary: "Whether the filesystem answers when it is asked how full it is."
    )
    static let writing = Measure(
        name: "disk_write_test",
        unit: .none,
        summary: "Whether a small file could be written into a folder, read back and removed."
    )
    package static let measures = [
        used, size, taken, available, inodes, files, usedFiles, writable, answers, writing, engineData,
    ]
}
