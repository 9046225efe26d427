"""What a room should hold, and what is wrong with what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence


def wrongs(said: Mapping[int, Sequence[int]], held: Sequence[int]) -> list[str]:
    """Return what is wrong with a room, a sentence each.

    Args:
        said: the numbers of the comments by object, in their order.
        held: the numbers that the room holds, in its order.
    """
    counts = Counter(held)
    wanted = [number for numbers in said.values() for number in numbers]
    found = [f"comment {one} is missing" for one in wanted if not counts[one]]
    found += [f"comment {one} is there {n} times" for one, n in counts.items() if n > 1]
    found += [f"comment {one} was never said" for one in counts if one not in wanted]
    for object_id, numbers in said.items():
        shown = [one for one in held if one in numbers]
        if shown != sorted(shown, key=numbers.index):
            found.append(f"the comments on {object_id} are not in order: {shown}")
    return found
