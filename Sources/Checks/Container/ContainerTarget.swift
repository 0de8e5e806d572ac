package import Alerting

extension Target {
    /// What stands for the engine itself.
    static let engine = Target("engine")

    /// The name under which a container's alerts live (S24): equal after a re-creation.
    ///
    /// A container that is a job for sure and has a generated name is its image.
    package init(container: ContainerIdentity, isJob: Bool = false) {
        let labels = container.labels
        if let task = labels.swarmTask {
            self.init(task)
        } else if let project = labels.composeProject, let service = labels.composeService {
            let last = labels.isOneOff ? "run" : labels.composeNumber
            self.init([project, service, last].compactMap(\.self).joined(separator: "/"))
        } else if isJob, ContainerName.isGenerated(container.name) {
            self.init(container.image.isEmpty ? container.name : container.image)
        } else {
            let name = ContainerName.withoutRecreationPrefix(container.name)
            self.init(name.isEmpty ? container.shortID : name)
        }
    }
}

/// What can be read from a container's name alone.
enum ContainerName {
    /// Compose calls the old or the new container `<12 hex>_name` while it replaces one by the other.
    static func withoutRecreationPrefix(_ name: String) -> String {
        let bytes = Array(name.utf8.prefix(14))
        guard bytes.count == 14, bytes[12] == UInt8(ascii: "_"), bytes[..<12].allSatisfy(isLowercaseHex) else {
            return name
        }
        return String(name.dropFirst(13))
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// Whether the engine made the name up: `adjective_surname`, one of its own adjectives, perhaps a digit.
    static func isGenerated(_ name: String) -> Bool {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, adjectives.split(separator: " ").contains(parts[0]) else { return false }
        let surname = parts[1].last.map { $0 >= "0" && $0 <= "9" } == true ? parts[1].dropLast() : parts[1]
        return surname.count >= 3 && surname.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    // One string: searched at a container's start only, and cheaper to keep than a set.
    private static let adjectives = """
        admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy charming \
        clever compassionate competent condescending confident cool cranky crazy dazzling determined distracted dreamy \
        eager ecstatic elastic elated elegant eloquent epic exciting fervent festive flamboyant focused friendly frosty \
        funny gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry infallible inspiring \
        intelligent interesting jolly jovial keen kind laughing loving lucid magical modest musing mystifying naughty \
        nervous nice nifty nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical \
        recursing relaxed reverent romantic sad serene sharp silly sleepy stoic strange stupefied suspicious sweet tender \
        thirsty trusting unruffled upbeat vibrant vigilant vigorous wizardly wonderful xenodochial youthful zealous zen
        """
}
