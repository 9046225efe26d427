"""Which cards a change of a live event calls for, and what each shows.

Words of one's own for a live start are a text with a few places in it, and nothing else. A place
stands at most once, so that the whole keeps within a message whatever is put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from ..languages import kept
from .live import LiveChange
from .model import (
    AtEnd,
    Attachment,
    AttachmentRules,
    GuildId,
    LiveNotice,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    ObjectInfo,
    RoomId,
    VideoNotice,
)
from .places import card_room, posts_to
from .shown import Series

# Changes after which every room has a card about what is to come; where it has one, it is edited.
_CARD_BEFORE = frozenset({LiveChange.PLANNED, LiveChange.MOVED, LiveChange.CANCELLED})
PLACES = ("title", "start", "url", "speakers")
MAX_TEXT = 500
_PLACE = re.compile(r"\{([^{}]*)\}")


class AtDetach(StrEnum):
    """What becomes of the cards of what is planned or on air; ``cards`` of ``/video detach``.

    ``delete``: they are deleted; ``keep``: they say that they are not kept up to date any more.
    """

    DELETE = "delete"
    KEEP = "keep"


class CardKeys(NamedTuple):
    """The keys of the cards of one broadcast: before it, of its start, and of its end."""

    before: str
    start: str
    end: str


def cards(
    info: ObjectInfo, state: LiveState, change: LiveChange, attachments: Iterable[Attachment]
) -> tuple[NewNotice, ...]:
    """Return the cards that a change calls for; the outbox drops those that exist already.

    A start has a message of its own, which alone mentions the role. Before it there is one card,
    made when the event is planned, moved or cancelled, whose place it takes. Where it was asked
    for, a broadcast that was seen ends with a line of its own.
    """
    taking = [one for one in attachments if one.rules.announces_live]
    if change is LiveChange.STARTED:
        return tuple(_start(info, state, one) for one in taking)
    if change in _CARD_BEFORE:
        key = card_keys(info.object_id, state).before
        notice = LiveNotice(object=info, state=state, is_start=False)
        # Of what is on its programme, a room is told by that.
        return tuple(_new(one, key, notice) for one in taking if not one.is_on_programme)
    if change is LiveChange.SETTLED and state.ended_at is not None:
        key = card_keys(info.object_id, state).end
        notice = LiveNotice(object=info, state=state, is_start=False, is_end=True)
        announced = (one for one in taking if one.rules.at_end is AtEnd.ANNOUNCE)
        return tuple(_new(one, key, notice) for one in announced)
    return ()


def opening(
    info: ObjectInfo, state: LiveState, attachment: Attachment, *, mentions: bool
) -> tuple[NewNotice, ...]:
    """Return the card that a room begins with which is to know what was there before it.

    That is the card of what is planned or on air. ``mentions``: whether a start may mention the
    role, as it may where the event has begun since anybody looked.
    """
    match state.phase:
        case LivePhase.SOON:
            return cards(info, state, LiveChange.PLANNED, [attachment])
        case LivePhase.LIVE:
            rules = attachment.rules
            role = rules.mention_role_id if mentions else None
            quiet = replace(attachment, rules=replace(rules, mention_role_id=role))
            return cards(info, state, LiveChange.STARTED, [quiet])
        case _:
            return ()


def of_new_video(attachment: Attachment) -> NewNotice:
    """Return the card that tells a room of a video which a follow has found."""
    key = f"video:{attachment.object.object_id}"
    return _new(attachment, key, VideoNotice(object=attachment.object))


def of_object(attachment: Attachment) -> NewNotice:
    """Return the card for a thread of what has no other card: the thread is opened on it."""
    key = f"card:{attachment.object.object_id}"
    return _new(attachment, key, VideoNotice(object=attachment.object, is_new=False))


def card_keys(object_id: ObjectId, state: LiveState) -> CardKeys:
    """Return the keys of the cards that show this state.

    They hold the number of the broadcast.
    """
    broadcast = broadcast_of(state)
    return CardKeys(*(f"live:{object_id}:{broadcast}:{card}" for card in ("soon", "start", "end")))


def broadcast_of(state: LiveState) -> int:
    """Return the number of the present or last broadcast, or of the one to come."""
    is_begun = state.phase in {LivePhase.LIVE, LivePhase.ENDED}
    return state.broadcast if is_begun else state.broadcast + 1


def showing(
    notice: LiveNotice,
    of: ObjectInfo,
    state: LiveState,
    rules: AttachmentRules,
    *,
    has_thread: bool = False,
) -> LiveNotice:
    """Return a card as it shows this state; one that is to be deleted stays as it is.

    The card of the time before is deleted once the room has the message of the start, unless a
    thread was opened on it (``has_thread``).
    """
    if notice.is_withdrawn:
        return notice
    is_before = not notice.is_start and not notice.is_end
    is_replaced = is_before and not has_thread
    if is_replaced and state.phase is LivePhase.LIVE and rules.announces_live:
        return replace(notice, is_withdrawn=True)
    # When the event was looked at last is no news to anybody.
    state = replace(state, observed_at=notice.state.observed_at)
    new = replace(notice, object=_told_by(notice, of, state), state=state)
    if state.phase is LivePhase.ENDED:
        return new
    return replace(new, series=None, comments=None, questions=None)


def _told_by(notice: LiveNotice, of: ObjectInfo, state: LiveState) -> ObjectInfo:
    """Return the object as a card tells of it.

    A card of a version that told of no description has one with its next change: to have one now,
    all of them would be edited at once. What is over has none.
    """
    is_over = state.phase in {LivePhase.ENDED, LivePhase.CANCELLED}
    was_never_told = notice.object.description is None and notice.state == state
    if is_over or was_never_told:
        before = notice.object
        return replace(of, description=before.description, speakers=before.speakers)
    return of


def settled(
    notice: LiveNotice,
    rules: AttachmentRules,
    series: Series | None,
    *,
    comments: int | None = None,
    questions: int | None = None,
) -> LiveNotice:
    """Return a card as it is once its broadcast is over for good.

    The start's has the series, and the counts of what was written.
    """
    if rules.at_end is AtEnd.DELETE:
        return replace(notice, is_withdrawn=True)
    if not notice.is_start:
        return replace(notice, series=None)
    return replace(notice, series=series, comments=comments, questions=questions)


def released(notice: LiveNotice, cards: AtDetach) -> LiveNotice:
    """Return a card as it is once its room hears no more of the event.

    What is over stays as it is; what would be a lie some day is deleted, or says so.
    """
    is_true_for_ever = notice.is_end or notice.state.phase in {
        LivePhase.ENDED,
        LivePhase.CANCELLED,
    }
    if is_true_for_ever or notice.is_withdrawn:
        return notice
    if cards is AtDetach.DELETE:
        return replace(notice, is_withdrawn=True)
    return replace(notice, is_released=True)


def message_url(guild_id: GuildId, room_id: RoomId, message_id: int) -> str:
    """Return the address at which people see a message of a room."""
    return f"https://discord.com/channels/{guild_id}/{room_id}/{message_id}"


def _start(info: ObjectInfo, state: LiveState, attachment: Attachment) -> NewNotice:
    role = attachment.rules.mention_role_id
    notice = LiveNotice(
        object=info,
        state=state,
        is_start=True,
        mention_role_id=role,
        start_text=attachment.rules.start_text,
    )
    return _new(attachment, card_keys(info.object_id, state).start, notice)


def _new(attachment: Attachment, event_key: str, notice: LiveNotice | VideoNotice) -> NewNotice:
    is_line = isinstance(notice, LiveNotice) and notice.is_end
    return NewNotice(
        attachment_id=attachment.attachment_id,
        room_id=posts_to(attachment) if is_line else card_room(attachment),
        event_key=event_key,
        notice=notice,
    )


def wrong_in(text: str) -> str:
    """Return in a sentence what is wrong with a text; ``""``: nothing."""
    if not text.strip():
        return kept("There is no text in it.")
    if len(text) > MAX_TEXT:
        return kept("It has at most {most} characters, and these are {count}.").format(
            most=MAX_TEXT, count=len(text)
        )
    named = _PLACE.findall(text)
    known = ", ".join(f"{{{one}}}" for one in PLACES)
    if any(one not in PLACES for one in named) or set(_PLACE.sub("", text)) & set("{}"):
        return kept("Braces stand around a place only: {known}.").format(known=known)
    if len(named) > len(set(named)):
        return kept("Each of {known} may stand in it once.").format(known=known)
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values, ready to be shown, in its places; what is missing is left out."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text).strip()
