"""Where nodes stand in a level: behind their sources, else as near to the order of the document as can be."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from torchwork.draw.level import Item, Level
from torchwork.draw.refs import head
from torchwork.draw.refusal import refused


def insert(level: Level, new: Sequence[Item], before: str = "") -> None:
    """Put new nodes before one; else behind their last source; else before what the level returns unsaid."""
    order = list(level.items.values())
    place = {item.key: number for number, item in enumerate(order)}
    last = [place[name] + 1 for item in new for name in map(head, item.sources) if name in place]
    returned = head(level.outputs[0]) if level.outputs and level.returned_unsaid else ""
    end = place.get(returned, len(order))
    at = place[before] if before else max(last) if last else end
    level.items = {item.key: item for item in [*order[:at], *new, *order[at:]]}


def sort(level: Level, was_sorted: bool) -> None:
    """Bring a level in order that was in order before its links were changed."""
    if not was_sorted or is_sorted(level):
        return
    place = {key: number for number, key in enumerate(level.items)}
    needs = {key: _nodes(item, place) for key, item in level.items.items()}
    users: dict[str, list[str]] = {key: [] for key in place}
    for key, sources in needs.items():
        for source in sources:
            users[source].append(key)
    keys, order = list(place), list[str]()
    ready = [place[key] for key in keys if not needs[key]]  # ascending, and so a heap
    while ready:
        order.append(keys[heapq.heappop(ready)])
        for user in users[order[-1]]:
            needs[user].discard(order[-1])
            if not needs[user]:
                heapq.heappush(ready, place[user])
    rest = [key for key in keys if needs[key]]
    level.items = {key: level.items[key] for key in [*order, *rest]}


def is_sorted(level: Level) -> bool:
    """Whether every node stands behind its sources."""
    seen: set[str] = set()
    for item in level.items.values():
        if any(name in level.items and name not in seen for name in map(head, item.sources)):
            return False
        seen.add(item.key)
    return True


def _nodes(item: Item, place: Mapping[str, int]) -> set[str]:
    return {name for name in map(head, item.sources) if name in place}


def check_cycle(level: Level, source: str, target: str) -> None:
    """Refuse a link from `source` to the node `target` that would close a circle, with the way through it."""
    way = _way(level, target, head(source))
    if way:
        words = f"this link would close a circle: {' -> '.join([*way, target])}"
        fix = "a node can only use what was computed before it"
        raise refused(words, level.items[target].place or level.place, fix)


def _way(level: Level, start: str, end: str) -> list[str]:
    """The nodes from one to another that lies behind it; empty when it does not."""
    if end not in level.items:
        return []
    behind, waiting = {end: ""}, [end]  # walked backwards, each with the node that comes after it
    while waiting and start not in behind:
        at = waiting.pop()
        for name in map(head, level.items[at].sources):
            if name in level.items and name not in behind:
                behind[name] = at
                waiting.append(name)
    way = [start] if start in behind else []
    while way and way[-1] != end:
        way.append(behind[way[-1]])
    return way


def follow_flow(level: Level, was_end: bool) -> None:
    """What a level returns unsaid moves on with the flow: to the one end behind what it returned so far."""
    if not (was_end and level.returned_unsaid and level.outputs):
        return
    start = head(level.outputs[0])
    if not level.users(start):
        return
    used = {head(source) for item in level.items.values() for source in item.sources}
    ends = [key for key in level.reach([start], forwards=True) if key not in used]
    if len(ends) == 1:
        level.outputs = ends


def returns_an_end(level: Level) -> bool:
    """Whether nothing takes from what the level returns."""
    return bool(level.outputs) and not level.users(head(level.outputs[0]))
