"""The tags of forums and of their posts."""

from __future__ import annotations

from typing import Any, Final

from ..errors import invalid_form, refusal, too_long
from ..model import Channel, Tag
from ..world import World

_MAX_TAGS: Final = 20
_MAX_NAME: Final = 50
_MAX_APPLIED: Final = 5


def set_tags(world: World, forum: Channel, sent: list[dict[str, Any]]) -> None:
    """Let a forum have these tags and no others; those with an ID are there already."""
    problems = [
        too_long(f"available_tags.{place}.name", _MAX_NAME)
        for place, one in enumerate(sent)
        if len(str(one.get("name", ""))) > _MAX_NAME
    ]
    if len(sent) > _MAX_TAGS:
        problems.append(too_long("available_tags", _MAX_TAGS))
    if problems:
        raise invalid_form(problems)
    known = {tag.id for tag in forum.tags}
    forum.tags = [
        Tag(
            id=int(one["id"]) if int(one.get("id") or 0) in known else world.ids.next(),
            name=str(one["name"]),
            is_moderated=bool(one.get("moderated")),
        )
        for one in sent
    ]
    kept = {tag.id for tag in forum.tags}
    for state in (post.thread for post in world.threads_of(forum) if post.thread is not None):
        state.tag_ids = [one for one in state.tag_ids if one in kept]


def check_applied(world: World, post: Channel, sent: list[Any] | None, *, manages: bool) -> None:
    """Refuse tags that a post cannot have: too many, none where one is asked for, unknown ones.

    ``manages``: the bot may set those that only moderators may.
    """
    if sent is None or post.thread is None:
        return
    forum = world.channels[post.parent_id or 0]
    tags, wanted = {tag.id: tag for tag in forum.tags}, [int(one) for one in sent]
    if len(wanted) > _MAX_APPLIED:
        raise invalid_form([too_long("applied_tags", _MAX_APPLIED)])
    if forum.requires_tag and not wanted:
        raise refusal(40067)
    if any(one not in tags for one in wanted):
        raise refusal(10087)
    changed = set(wanted) ^ set(post.thread.tag_ids)
    if not manages and any(tags[one].is_moderated for one in changed if one in tags):
        raise refusal(50013)
