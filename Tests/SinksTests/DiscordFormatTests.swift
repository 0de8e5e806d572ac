import Alerting
import Basics
import TestSupport
import Testing

@testable import Sinks

@Suite("Discord format")
struct DiscordFormatTests {
    @Test("nothing can be mentioned, whatever a container is called")
    func mentions() throws {
        let body = DiscordFormat.body([Samples.queued(try Samples.hostile())])
        #expect(body["allowed_mentions"] == ["parse": []])
        #expect(!body.text.contains("@everyone"))
    }

    @Test("mark-up is quoted")
    func markup() {
        #expect(DiscordFormat.escaped("[x](https://e) `c` *b* _") == #"\[x\]\(https://e\) \`c\` \*b\* \_"#)
    }

    @Test("a full batch of the longest events stays within Discord's limits")
    func limits() throws {
        var event = try Samples.alert()
        let long = String(repeating: "*", count: 20_000)
        event.summary = long
        event.target = long
        event.node = long
        event.state = long
        event.annotations = Dictionary((0..<100).map { ("name\($0)", long) }) { $1 }
        let count = WebhookFormat.discord.batchLimit
        let body = DiscordFormat.body(Array(repeating: Samples.queued(event), count: count))
        #expect(try #require(body["content"]?.stringValue).unicodeScalars.count <= 2000)
        var total = 0
        let embeds = try #require(body["embeds"]).items
        #expect(embeds.count == count)
        for embed in embeds {
            let title = try #require(embed["title"]?.stringValue).unicodeScalars.count
            let description = try #require(embed["description"]?.stringValue).unicodeScalars.count
            let footer = try #require(embed["footer"]?["text"]?.stringValue).unicodeScalars.count
            #expect(title <= 256 && description <= 4096 && footer <= 2048)
            total += title + description + footer
        }
        #expect(total <= 6000)
    }
}
