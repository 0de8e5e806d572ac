import Basics
import Checks
import DockerEngine

/// What the engine is asked.
extension EngineWatcher {
    /// Lists, inspects what the board wants to know more about, and reconciles.
    func reconcile(_ client: EngineClient, because reason: Resyncs.Reason) async throws(EngineError) {
        let mark = await keeper.mark
        let globs = await keeper.labelGlobs
        let list = try await client.containers().map { ContainerSighting($0, picking: globs) }
        let wanted = await keeper.toInspect(list)
        let answers = await withTaskGroup(of: (String, Result<ContainerInspect, EngineError>).self) { group in
            for id in wanted {
                group.addTask {
                    await turnstile.enter()
                    let answer = await inspect(id, client)
                    await turnstile.leave()
                    return (id, answer)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        guard !Task.isCancelled else { throw .cancelled }
        var details: [String: ContainerDetail] = [:]
        var vanished: Set<String> = []
        var failures: [String: EngineError] = [:]
        for (id, answer) in answers {
            switch answer {
            case .success(let inspect): details[id] = ContainerDetail(inspect, picking: globs)
            case .failure(.noSuchContainer): vanished.insert(id)
            case .failure(let error): failures[id] = error
            }
        }
        let present = list.filter { !vanished.contains($0.identity.id) }
        let news = await keeper.apply(list: present, details: details, failures: failures, mark: mark)
        resyncs.note(reason)
        await withDiscardingTaskGroup { group in
            for wish in news.inspect { group.addTask { await grant(wish, client) } }
        }
    }

    /// Asks the engine where it keeps its data: where that is on this machine, what fills it up stops its containers.
    ///
    /// A proxy may forbid it; then nobody knows, and it is asked again with the next list.
    func locate(_ client: EngineClient) async {
        guard let folder = try? await client.info().dataFolder else { return }
        await keeper.note(dataFolder: folder)
    }

    /// Inspects one container because of an event, and again as often as the board wishes.
    func grant(_ wish: ContainerBoard.Wish, _ client: EngineClient) async {
        if wish.isUrgent {
            let mark = await keeper.mark
            async let log: Void = takeLog(wish, client)
            let answer = await inspectAtOnce(wish.id, client)
            await log
            guard case .success(let detail) = answer else {
                var isGone = false
                if case .failure(.noSuchContainer) = answer { isGone = true }
                if case .failure(let failure) = answer { await keeper.note(failure, inspecting: wish.id) }
                return await keeper.settle(wish.id, isGone: isGone)
            }
            let news = await keeper.apply(ContainerDetail(detail, picking: await keeper.labelGlobs), mark: mark)
            // Without effect unless the answer was of another run.
            await keeper.settle(wish.id)
            for wish in news.inspect { await grant(wish, client) }
            return
        }
        if wish.delay > .zero {
            guard (try? await time.sleep(for: wish.delay)) != nil else { return }
        }
        await turnstile.enter()
        var news = ContainerBoard.News()
        if await keeper.wants(wish.id), !Task.isCancelled {
            let mark = await keeper.mark
            switch await inspect(wish.id, client) {
            case .success(let detail):
                news = await keeper.apply(ContainerDetail(detail, picking: await keeper.labelGlobs), mark: mark)
            case .failure(let failure): await keeper.note(failure, inspecting: wish.id)
            }
        }
        await turnstile.leave()
        for wish in news.inspect { await grant(wish, client) }
    }

    /// The last lines of a container, where they are wanted: a death waits for them, though not for long.
    private func takeLog(_ wish: ContainerBoard.Wish, _ client: EngineClient) async {
        guard let query = wish.log else { return }
        let tail = await withDeadline(Self.logPatience, time: time) {
            await logTurnstile.enter()
            let tail = await self.tail(of: wish.id, query, client)
            await logTurnstile.leave()
            return tail
        }
        await keeper.take(tail ?? .missing(because: "no answer within \(Self.logPatience.text)"), of: wish.id)
    }

    private func tail(of id: String, _ query: LogQuery, _ client: EngineClient) async -> LogTail {
        do {
            return try await client.logs(id, query)
        } catch {
            return .missing(because: error.advice)
        }
    }

    private func inspect(_ id: String, _ client: EngineClient) async -> Result<ContainerInspect, EngineError> {
        do {
            return .success(try await client.inspect(id))
        } catch {
            return .failure(error)
        }
    }

    /// What Podman says of an end that may be its own doing is asked twice: it tells the end before the removal by force that
    /// made it, and may answer before it has begun to remove.
    private func inspectAtOnce(
        _ id: String,
        _ client: EngineClient
    ) async -> Result<ContainerInspect, EngineError>? {
        let answer = await inspectOnce(id, client)
        guard client.engine.product == .podman, answer?.mayPrecedeRemoval == true else { return answer }
        guard (try? await time.sleep(for: Self.removalPatience)) != nil else { return answer }
        let later = await inspectOnce(id, client)
        switch later {
        case .success?, .failure(.noSuchContainer)?: return later
        case .failure?, nil: return answer
        }
    }

    /// Asks ahead of what can wait; nil when the answer takes too long.
    private func inspectOnce(_ id: String, _ client: EngineClient) async -> Result<ContainerInspect, EngineError>? {
        await withDeadline(Self.urgentPatience(client.engine.product), time: time) {
            await urgentTurnstile.enter()
            let answer = await inspect(id, client)
            await urgentTurnstile.leave()
            return answer
        }
    }
}

extension Result<ContainerInspect, EngineError> {
    /// Whether Podman may have given this answer between an end and the removal by force that made it.
    fileprivate var mayPrecedeRemoval: Bool {
        switch self {
        case .success(let container):
            container.state == .exited && !container.autoRemove && !container.oomKilled
                && [0, 137, 143].contains(container.exitCode)
        case .failure(.failed): true
        case .failure: false
        }
    }
}
