"""The options that ``/video attach`` and ``/video follow`` share."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from ..domain.model import AtEnd, AttachmentRules, CommentPolicy, ObjectKind
from . import words
from .places import Place, check_bot, check_member, check_mention
from .replies import Refusal

HOUR_S = 3600
MAX_HOURS = 7 * 24
CARDS = "Cards of what is planned or live: deleted, or kept with a note; default: deleted"
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
    """Make sure that this can be done in the room, for this member.

    Raises:
        Refusal: it cannot.
    """
    check_member(place)
    await check_bot(place)
    if asked.mention is not None:
        if asked.mentions_nobody:
            raise Refusal("`mention` and `no_mention` cannot both be; leave one of them out.")
        check_mention(place, asked.mention)


def check_effect(kind: ObjectKind, asked: RulesAsked, before: AttachmentRules | None) -> None:
    """Make sure that something would be posted.

    Args:
        kind: of what is attached or followed.
        asked: the rules asked for.
        before: the rules that are set already.

    Raises:
        Refusal: nothing would, or a video is to be announced as live.
    """
    if kind is ObjectKind.VIDEO and asked.live:
        raise Refusal("A video is never live; leave `live` out.")
    old = before or AttachmentRules(announces_live=kind is ObjectKind.LIVE)
    comments = old.comments if asked.comments is None else asked.comments
    is_announced = old.announces_live if asked.live is None else asked.live
    if comments is CommentPolicy.NONE and not is_announced:
        if kind is ObjectKind.VIDEO:
            raise Refusal(
                "With these options nothing would ever be posted: a video has only comments; "
                "choose which of them."
            )
        raise Refusal(
            "With these options nothing would ever be posted: no comments, and no live state; "
            "choose one of them."
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
