package import Basics

extension CronSchedule: SettingValue {
    package static var typeName: String { "cron expression" }
    package static var expectation: String { example }
    package static var unit: String? { "minute hour day month weekday" }
    package var settingText: String { description }

    package init(setting text: String) throws(Mismatch) {
        do throws(Fault) {
            try self.init(text)
        } catch {
            throw Mismatch(error.expected)
        }
    }
}
