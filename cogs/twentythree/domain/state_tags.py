"""The tags of a forum that show where a live event is in its life: which to make, which to set.

They are made in the language that is spoken, and known by their names in any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from ..languages import noted_as, said_in_all, tr_as
from .model import LivePhase
from .places import SETTLED

# https://discord.com/developers/docs/resources/channel: tags of a forum, and of a post.
MOST_TAGS = 20
MOST_SET = 5
# A name has at most 20 characters.
MAX_TAG = 20
_TAG = "tag"
PLANNED = noted_as("tag", "Planned")
LIVE = noted_as("tag", "Live")
ENDED = noted_as("tag", "Ended")
STATE_TAGS = (PLANNED, LIVE, ENDED)
_OF = {
    LivePhase.SOON.value: PLANNED,
    LivePhase.LIVE.value: LIVE,
    LivePhase.ENDED.value: ENDED,
    LivePhase.CANCELLED.value: ENDED,
    SETTLED: ENDED,
}


def tag_of(told: str) -> str | None:
    """Return the tag for what a post is to show of its event; ``None``: it has none of them."""
    return _OF.get(told)


def to_create(names: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that a forum with these lacks, as they are to be called.

    None where it has no room for them.
    """
    there = list(names)
    held = state_ids(dict(enumerate(there)))
    missing = tuple(tr_as(_TAG, tag) for tag in STATE_TAGS if tag not in held)
    return missing if len(there) + len(missing) <= MOST_TAGS else ()


def state_ids(tags: Mapping[int, str]) -> dict[str, int]:
    """Return which of a forum's tags, by ID and name, are those of the states.

    Where there are several of a state, that in English counts, else the first one: which language
    is spoken changes nothing.
    """
    named = [(tag_id, name.casefold()) for tag_id, name in tags.items()]
    found: dict[str, int] = {}
    for tag in STATE_TAGS:
        of_state = [(tag_id, name) for tag_id, name in named if name in _spelled(tag)]
        of_state.sort(key=lambda one: one[1] != tag.casefold())
        if of_state:
            found[tag] = of_state[0][0]
    return found


@cache
def _spelled(tag: str) -> frozenset[str]:
    """Return what a tag is called in any language, in lower case."""
    return frozenset(name.casefold() for name in said_in_all(tag, _TAG))


def set_now(
    held: Sequence[int], tags: Mapping[int, str], wanted: str | None, *, is_required: bool
) -> list[int]:
    """Return the tags of a post as they are to be; those that people have set stay.

    Args:
        held: the IDs of those that are set.
        tags: those of the forum, by ID and name.
        wanted: the one for the state.
        is_required: whether a post must have one.
    """
    states = state_ids(tags)
    others = [one for one in held if one not in states.values()]
    found = states.get(wanted or "")
    if found is None:
        return others or (list(held) if is_required else [])
    return [found, *others] if len(others) < MOST_SET else list(held)


def first_tag(tags: Mapping[int, str], wanted: str | None, moderated: Collection[int]) -> list[int]:
    """Return the tag for a new post in a forum that asks for one; none where there is none.

    That of the state if there is one; else one that says nothing of a state, if there is any.
    """
    free = {one: name for one, name in tags.items() if one not in moderated}
    states = state_ids(free)
    if wanted is not None and wanted in states:
        return [states[wanted]]
    others = [one for one in free if one not in states.values()]
    return [*others, *free][:1]
