"""Where in Discord the notices of an attachment go: its cards, and all else.

With ``place: thread`` cards stand in the room, and all else goes to a thread that is opened on one
of them once there is something for it. Until then it waits in a room that Discord does not have
yet: its ID is the attachment's, below zero.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .model import Attachment, LiveState, RoomId

# What a thread or a post is told of its event, beside the words of the phases: the end is settled.
SETTLED = "settled"


class PostingPlace(StrEnum):
    """Where all but the cards goes; the option ``place`` of ``/video attach``.

    ``room``: to the room itself; ``thread``: to a thread on the card.
    """

    ROOM = "room"
    THREAD = "thread"


def is_to_be_opened(room_id: RoomId) -> bool:
    """Tell whether a room is a thread that nobody has opened yet."""
    return room_id < 0


def to_be_opened(attachment_id: int) -> RoomId:
    """Return the room in which waits what is for an attachment's thread, until it is opened."""
    return cast("RoomId", -attachment_id)


def posts_to(attachment: Attachment) -> RoomId:
    """Return the room that all but the cards of an attachment goes to."""
    if attachment.rules.place is PostingPlace.THREAD and attachment.forum_id is None:
        return to_be_opened(attachment.attachment_id)
    return attachment.room_id


def card_room(attachment: Attachment) -> RoomId:
    """Return the room in which the cards of an attachment stand."""
    if attachment.rules.place is PostingPlace.THREAD:
        return attachment.forum_id or attachment.room_id
    return attachment.room_id


def rooms_of(attachment: Attachment) -> frozenset[RoomId]:
    """Return all rooms in which there may be something to do for an attachment."""
    return frozenset({attachment.room_id, card_room(attachment), posts_to(attachment)})


def told_of(state: LiveState) -> str:
    """Return what a post, or a thread, is to show of an event: its phase, or that it is settled."""
    return SETTLED if state.is_settled else state.phase.value
