"""The option ``place``: where a thread can be, and what is said of threads and posts."""

from __future__ import annotations

import discord

from ..delivery import TAGS_WANTED, lacks_tags
from ..domain.model import AttachmentRules, ObjectKind
from ..domain.places import PostingPlace
from ..languages import noted, tr
from .replies import Refusal
from .room_option import ChosenRoom

_PLACES = {
    PostingPlace.ROOM: noted("all in the room"),
    PostingPlace.THREAD: noted("the card in the room, all else in a thread on it"),
}


def place_text(rules: AttachmentRules) -> str:
    """Return where all but the cards goes."""
    return tr(_PLACES[rules.place])


def check_place(chosen: ChosenRoom) -> None:
    """Make sure that threads can be opened on cards in the room.

    Raises:
        Refusal: there they cannot.
    """
    match chosen.room:
        case discord.ForumChannel():
            raise Refusal(
                tr("In a forum each object has a post of its own in any case; leave `place` out.")
            )
        case discord.Thread():
            raise Refusal(tr("In a thread no other can be opened; leave `place` out."))
        case discord.VoiceChannel() | discord.StageChannel():
            raise Refusal(
                tr(
                    "In the chat of a voice or stage channel no thread can be opened; choose a "
                    "text channel, or leave `place` out."
                )
            )
        case _:
            pass


def untagged(chosen: ChosenRoom, kind: ObjectKind, rules: AttachmentRules) -> list[str]:
    """Return, on a line, that the posts of a forum will not show how their events are."""
    is_told = kind is ObjectKind.LIVE and rules.announces_live
    if not (is_told and isinstance(chosen.room, discord.ForumChannel) and lacks_tags(chosen.room)):
        return []
    return [f"- {tr(TAGS_WANTED)}"]
