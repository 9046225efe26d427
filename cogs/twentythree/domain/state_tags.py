"""The tags of a forum that show where a live event is in its life: which to make, which to set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from .model import LivePhase
from .places import SETTLED

# https://discord.com/developers/docs/resources/channel: tags of a forum, and of a post.
MOST_TAGS = 20
MOST_SET = 5
PLANNED, LIVE, ENDED = "Planned", "Live", "Ended"
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
    """Return the tags that a forum with these lacks; none where it has no room for them."""
    there = [name.casefold() for name in names]
    missing = tuple(tag for tag in STATE_TAGS if tag.casefold() not in there)
    return missing if len(there) + len(missing) <= MOST_TAGS else ()


def state_ids(tags: Mapping[int, str]) -> dict[str, int]:
    """Return which of a forum's tags, by ID and name, are those of the states."""
    by_name = {name.casefold(): tag_id for tag_id, name in reversed([*tags.items()])}
    found = {tag: by_name.get(tag.casefold()) for tag in STATE_TAGS}
    return {tag: tag_id for tag, tag_id in found.items() if tag_id is not None}


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
