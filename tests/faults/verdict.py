"""What rooms should hold and what is wrong with what they hold, at the end and on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# In the place of numbers, for a message that says nothing.
EMPTY = -1
# For so long something untrue may be shown while nothing keeps the bot from taking it away.
MOST_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the rooms show from a moment on (seconds). ``is_calm``: nothing keeps the bot now."""

    at: float
    is_calm: bool
    shown: tuple[frozenset[int], ...]


def wrongs(
    said: Mapping[int, Sequence[int]], held: Sequence[int], anywhere: Collection[int] = ()
) -> list[str]:
    """Return what is wrong with a room, a sentence each.

    Args:
        said: the numbers of the comments by object, in their order, that are true now; one that
            stands there twice is to be there twice.
        held: the numbers that the room holds, in its order.
        anywhere: those that may stand anywhere.
    """
    counts = Counter(held)
    empty = counts.pop(EMPTY, 0)
    wanted = Counter(number for numbers in said.values() for number in numbers)
    found = [f"{empty} messages say nothing"] if empty else []
    found += [f"comment {one} is missing" for one in wanted if not counts[one]]
    found += [
        f"comment {one} is there {n} times"
        for one, n in counts.items()
        if n > max(wanted[one], 1) or 0 < n < wanted[one]
    ]
    found += [f"comment {one} is not to be there" for one in counts if one not in wanted]
    for object_id, numbers in said.items():
        shown = [one for one in held if one in numbers and one not in anywhere]
        if shown != sorted(shown, key=numbers.index):
            found.append(f"the comments on {object_id} are not in order: {shown}")
    return found


def leaked(sights: Sequence[Sight], hidden: Sequence[Collection[int]]) -> list[str]:
    """Return what was shown, and be it for a moment, of the numbers that are hidden from a room."""
    shown = {
        (room, number)
        for sight in sights
        for room, numbers in enumerate(sight.shown)
        for number in numbers.intersection(hidden[room])
    }
    return [
        f"room {room + 1}: comment {one} is private and was shown" for room, one in sorted(shown)
    ]


def too_soon(sights: Sequence[Sight], room: int, opened: Mapping[int, float]) -> list[str]:
    """Return what a room showed before everybody might see it; ``opened``: since when that is."""
    shown = {
        number
        for sight in sights
        for number in sight.shown[room] & opened.keys()
        if sight.at < opened[number]
    }
    return [f"room {room + 1}: comment {one} was private and shown" for one in sorted(shown)]


def lingering(
    sights: Sequence[Sight], untrue: Mapping[int, float], most_s: float = MOST_S
) -> list[str]:
    """Return what was shown for longer than it may be; only calm time counts.

    Args:
        sights: in their order; the last of them is the end.
        untrue: the numbers that no room must show, and since when.
        most_s: for how long one may be shown in spite of that.
    """
    seconds: defaultdict[tuple[int, int], float] = defaultdict(float)
    for before, after in pairwise(sights):
        for room, shown in enumerate(before.shown) if before.is_calm else ():
            for number in shown & untrue.keys():
                seconds[room, number] += max(0.0, after.at - max(before.at, untrue[number]))
    return [
        f"room {room + 1}: comment {number} is not true and was shown for {shown_s:.1f} s"
        for (room, number), shown_s in sorted(seconds.items())
        if shown_s > most_s
    ]


def overstaying(
    sights: Sequence[Sight],
    room: int,
    spans: Sequence[tuple[int, float, float]],
    most_s: float = MOST_S,
) -> list[str]:
    """Return what a room showed for longer than it may while it was for staff alone.

    Args:
        sights: in their order; the last of them is the end.
        room: its place in each sight.
        spans: numbers, each with the time from when until when it was taken back.
        most_s: for how long one may be shown in spite of that; only calm time counts.
    """
    found: list[str] = []
    for number, since, until in spans:
        shown_s = sum(
            max(0.0, min(after.at, until) - max(before.at, since))
            for before, after in pairwise(sights)
            if before.is_calm and number in before.shown[room]
        )
        if shown_s > most_s:
            found.append(
                f"room {room + 1}: comment {number} was promoted no more and shown for "
                f"{shown_s:.1f} s"
            )
    return found


def vanished(sights: Sequence[Sight], doubtful: Mapping[int, float]) -> list[str]:
    """Return what a room showed no more although it was true.

    Args:
        sights: in their order.
        doubtful: the numbers that are not true, or may not look so, and since when.
    """
    return [
        f"room {room + 1}: comment {number} was taken away although it was true"
        for before, after in pairwise(sights)
        for room, number in _gone(before, after)
        if doubtful.get(number, after.at + 1) > after.at
    ]


def _gone(before: Sight, after: Sight) -> Iterator[tuple[int, int]]:
    for room, shown in enumerate(before.shown):
        yield from ((room, number) for number in sorted(shown - after.shown[room]))
