"""Proves from what was decided and what arrived that nothing was lost, repeated or turned around.

Each function returns a list of sentences, one per violation; an empty list is the proof.
"""

import collections


def gaps(events):
    """`sequence` counts from 1 within each `stream` without a gap; a tombstone names the numbers that it replaces."""
    streams = collections.defaultdict(set)
    for event in events:
        if event.get("stream") and event.get("sequence") is not None:
            streams[event["stream"]].add(event["sequence"])
            if event.get("reason") == "tombstone":
                streams[event["stream"]].update(_numbers(event["annotations"]["sequences"]))
    found = []
    for stream, numbers in sorted(streams.items()):
        missing = sorted(set(range(1, max(numbers) + 1)) - numbers)
        if missing:
            found.append(f"{stream}: {len(missing)} of {max(numbers)} missing, the first is {missing[0]}")
    return found


def lost(decided, arrived):
    """Every decided event arrived. Both are events; they are compared by id."""
    there = {event["id"] for event in arrived}
    return [f"lost: {_name(event)}" for event in decided if event["id"] not in there]


def invented(decided, arrived):
    """Nothing arrived that was not decided."""
    known = {event["id"] for event in decided}
    return sorted({f"never decided: {_name(event)}" for event in arrived if event["id"] not in known})


def duplicates(arrived):
    """What came more than once is the same event: one content per id, one id per number of a stream."""
    contents, numbers, found = {}, {}, []
    for event in arrived:
        before = contents.setdefault(event["id"], event)
        if before != event:
            found.append(f"two contents with one id: {_name(event)}")
        place = (event.get("stream"), event.get("sequence"))
        if None not in place and numbers.setdefault(place, event["id"]) != event["id"]:
            found.append(f"two events with the number {place[1]} of {place[0]}")
    return found


def disorder(arrived):
    """The first arrivals of each fingerprint within a stream come in the order of their numbers."""
    latest, seen, found = {}, set(), []
    for event in arrived:
        if event["id"] in seen or not event.get("fingerprint"):
            continue
        seen.add(event["id"])
        place = (event.get("stream"), event["fingerprint"])
        if event["sequence"] < latest.get(place, 0):
            found.append(f"after number {latest[place]} came {_name(event)}")
        latest[place] = max(latest.get(place, 0), event["sequence"])
    return found


def unresolved(arrived):
    """The last word on each fingerprint is `resolved`."""
    last = {}
    for event in arrived:
        if event.get("kind") == "alert":
            place = event["fingerprint"]
            if place not in last or event["sequence"] >= last[place]["sequence"]:
                last[place] = event
    return [f"still firing: {_name(event)}" for event in last.values() if event["status"] != "resolved"]


def repeated_firing(events):
    """Between two `fired` of one fingerprint there is a `resolved`."""
    firing, found = set(), []
    for event in sorted((e for e in events if e.get("kind") == "alert"), key=lambda e: e["sequence"]):
        place = (event.get("stream"), event["fingerprint"])
        if event["status"] == "resolved":
            firing.discard(place)
        elif event["reason"] == "fired":
            if place in firing:
                found.append(f"fired twice: {_name(event)}")
            firing.add(place)
    return found


def _numbers(text):
    """`3-7,9` as numbers."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _name(event):
    parts = [event["id"], event.get("reason"), event.get("measure"), event.get("target"), event.get("sequence")]
    return " ".join(str(part) for part in parts)
