import Basics
package import Settings

/// `report`: where timers and cron jobs leave what `custos check` saw.
package struct ReportSettings: SettingsGroup {
    package var folder: Path?
    package var keep = 30
    package var keepFor: Duration?

    package init() {}

    package static var schema: Schema<Self> {
        Schema {
            Field(
                "folder",
                \.folder,
                "Writes the report of every `custos check` into this folder, as text and as JSON."
            )
            Field("keep", \.keep, "Keeps this many reports of this host and removes older ones.", in: 1...100_000)
            Field("keep_for", \.keepFor, "Removes reports older than this.", in: .seconds(60)...)
        }
    }
}
