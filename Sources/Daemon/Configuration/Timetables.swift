import Basics
import Settings

/// Gives schedules the rules of their zones, and says once where that fails.
struct Timetables {
    private let origins: [String: Origin]
    private var zones: TimeZones
    private(set) var problems: [Problem] = []

    init(_ resolution: Resolution, _ zones: TimeZones) {
        origins = resolution.origins(of: "schedule")
        self.zones = zones
    }

    /// The timetable of an instance; nil where its zone is not known, so that it looks as often as `every` says.
    mutating func timetable(_ schedule: CronSchedule, of instance: String) -> Timetable? {
        do throws(TimeZones.Failure) {
            guard let zone = schedule.zone else { return Timetable(schedule, zone: local()) }
            return Timetable(schedule, zone: try zones.rules(of: zone))
        } catch {
            let origin = origins[instance] ?? .byDefault
            let defaults = ConfigurationCatalogue.defaults.key
            let owner = origin == origins[defaults] ? defaults : instance
            tell(error.problem(origin, "\(owner).schedule", schedule.zone ?? ""))
            return nil
        }
    }

    /// The own clock's rules; a `TZ` that says nothing is UTC, as everywhere.
    private mutating func local() -> ZoneRules {
        do throws(TimeZones.Failure) {
            return try zones.local()
        } catch {
            var problem = error.problem(.environment("TZ"), "", zones.localName)
            problem.message += "; schedules without a zone go by UTC"
            tell(problem)
            return .utc
        }
    }

    private mutating func tell(_ problem: Problem) {
        if !problems.contains(problem) { problems.append(problem) }
    }
}
