import Basics
import Checks
import DockerEngine

/// Carrying out what the board decides for unwell containers.
extension EngineWatcher {
    /// Restarts what needs it, as far as that is wanted, until the task is cancelled.
    ///
    /// It looks whenever `bell` rings, which it does itself when a pause is over; else it costs nothing.
    func heal(_ client: EngineClient, at bell: Doorbell) async {
        await withDiscardingTaskGroup { group in
            var alarm: Duration?
            var noted = await keeper.healingNotes
            while !Task.isCancelled {
                let (acts, next) = await keeper.heal()
                // Before the act: who is killed in the middle of it has spent of the budget.
                let notes = await keeper.healingNotes
                if notes != noted { await remember(notes) }
                noted = notes
                for act in acts {
                    group.addTask {
                        await carryOut(act, client)
                        bell.ring()
                    }
                }
                if let next {
                    let due = time.uptime + next
                    if alarm.map({ $0 <= time.uptime || due < $0 }) ?? true {
                        alarm = due
                        group.addTask {
                            if (try? await time.sleep(for: next + .milliseconds(5))) != nil { bell.ring() }
                        }
                    }
                }
                await bell.wait()
            }
        }
    }

    private func carryOut(_ act: Healing.Act, _ client: EngineClient) async {
        await healTurnstile.enter()
        // While it waited for its turn somebody may have stopped it, and a restart would start it.
        let outcome = await keeper.stillNeeds(act) ? await restart(act, client) : .needless
        await healTurnstile.leave()
        // What the engine did before it failed is told on another connection, and may come a moment later.
        if case .failed = outcome { try? await time.sleep(for: .milliseconds(500)) }
        await keeper.healed(act, outcome)
    }

    private func restart(_ act: Healing.Act, _ client: EngineClient) async -> Healing.Outcome {
        do {
            try await client.restart(act.id, stopTimeout: act.stopTimeout)
            return .done
        } catch {
            switch error {
            case .noSuchContainer: return await isGone(act.id, client) ? .gone : .failed(because: "\(error)")
            case .cancelled: return .failed(because: "the engine was lost meanwhile")
            case .refused: return .refused(because: error.advice)
            // A proxy that knows no such method.
            case .failed(_, 405, _), .failed(_, 501, _): return .refused(because: "\(error)")
            default: return .failed(because: "\(error)")
            }
        }
    }

    /// Whether there is no such container, or a proxy only says so, or the engine misses something else.
    private func isGone(_ id: String, _ client: EngineClient) async -> Bool {
        do {
            _ = try await client.inspect(id)
            return false
        } catch {
            if case .noSuchContainer = error { return true }
            return false
        }
    }
}
