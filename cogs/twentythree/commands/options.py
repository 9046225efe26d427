"""The options that ``/video attach`` and ``/video follow`` share."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from ..relay.model import AtEnd, AttachmentRules, CommentPolicy
from . import words
from .places import Place, check_bot, check_member, check_mention
from .replies import Refusal

HOUR_S = 3600
MAX_HOURS = 7 * 24
# What Discord says of the options that both have.
DESCRIBED = {
    "room": "Where to post; default: here",
    "comments": "Which comments; default: promoted ones only",
    "mention": "The role to mention when a broadcast starts",
    "max_age": "Hours after which comments that wait become one notice; 0: never; default: 6",
    "no_mention": "Mention nobody any more",
    "at_end": "What becomes of a broadcast's messages at its end; default: they are edited",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAsked:
    """The rules asked for; ``None`` leaves the default, or what is already set."""

    comments: CommentPolicy | None
    live: bool | None
    mention: discord.Role | None
    mentions_nobody: bool
    max_age_s: int | None
    at_end: AtEnd | None

    @property
    def mention_role_id(self) -> int | None:
        """Return the ID of the role to mention."""
        return None if self.mention is None else self.mention.id


NO_RULES = RulesAsked(
    comments=None, live=None, mention=None, mentions_nobody=False, max_age_s=None, at_end=None
)


async def check_asked(place: Place, asked: RulesAsked) -> None:
    """Make sure that this can be done in the room, for this member, and has any effect.

    Raises:
        Refusal: it cannot, or has none.
    """
    check_member(place)
    await check_bot(place)
    if asked.mention is not None:
        if asked.mentions_nobody:
            raise Refusal("`mention` and `no_mention` cannot both be; leave one of them out.")
        check_mention(place, asked.mention)
    if asked.comments is CommentPolicy.NONE and asked.live is False:
        raise Refusal(
            "With `comments: none` and `live: off` nothing would ever be posted; "
            "leave one of them out."
        )


def idle_options(asked: RulesAsked, rules: AttachmentRules) -> list[str]:
    """Return, a line each, which options have no effect under these rules."""
    lines = []
    if asked.mention is not None and not rules.announces_live:
        lines.append("- Nobody is mentioned: that happens at live starts, which are off here.")
    if asked.at_end is not None and not rules.announces_live:
        lines.append("- `at_end` is about live events, which are off here.")
    if asked.max_age_s is not None and not words.has_chat(rules):
        lines.append("- `max_age` has nothing to do here: promoted comments are always posted.")
    return lines
