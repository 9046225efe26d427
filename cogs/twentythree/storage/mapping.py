"""Between rows and the words of the domain; notices and live states are JSON in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter
from sqlalchemy import Row

from ..domain import barring
from ..domain.acting import MAKES, Deed, Effect, Entry, Intent, WantedAction
from ..domain.barring import Bar, Pause
from ..domain.batching import Batch
from ..domain.deeds import Action, Actor
from ..domain.following import Category, Follow
from ..domain.levels import is_writer
from ..domain.model import (
    Attachment,
    AttachmentRules,
    CategoryId,
    CommentId,
    GuildId,
    LiveState,
    Notice,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    QueuedNotice,
    RoomId,
)
from ..domain.room_settings import Layout, Manner, RoomSettings, RoomSettingsAsked
from ..errors import StorageError
from ..languages import Language

_NOTICE: Final[TypeAdapter[Notice]] = TypeAdapter(Annotated[Notice, Field(discriminator="type")])
_STATE: Final[TypeAdapter[LiveState]] = TypeAdapter(LiveState)
# Made here, and not when the first row is read: rows are read in several threads.
_RULES: Final[TypeAdapter[AttachmentRules]] = TypeAdapter(AttachmentRules)
_SETTINGS: Final[TypeAdapter[RoomSettingsAsked]] = TypeAdapter(RoomSettingsAsked)
_WORDS: Final[TypeAdapter[tuple[str, ...]]] = TypeAdapter(tuple[str, ...])

# The columns of the rules, of the attachments and of the follows.
RULES = tuple(one.name for one in fields(AttachmentRules))
# Those of what rooms and servers have set.
ROOM_SETTINGS = tuple(one.name for one in fields(RoomSettingsAsked))
# What may be on the trail, by its word.
DEEDS: Final[dict[str, Action | Deed]] = {str(one): one for one in (*Action, *Deed)}
_LISTS = frozenset({"kinds", "hidden"})
# The category of a follow that has none.
WHOLE_WORKSPACE = 0


def object_of(row: Row[Any]) -> ObjectInfo:
    """Read an object from a row that has the columns of its table."""
    return ObjectInfo(
        object_id=ObjectId(row.object_id),
        kind=ObjectKind(row.kind),
        title=row.title,
        url=row.url,
        picture_url=row.picture_url,
        is_public=row.is_public,
        description=row.description,
        speakers=_words(row.speakers) or (),
    )


def object_values(info: ObjectInfo) -> dict[str, Any]:
    """Write an object as the columns of its table; what was not told of it is left out."""
    told = {}
    if info.description is not None:
        told = {"description": info.description, "speakers": _words_text(info.speakers)}
    return {
        **told,
        "object_id": info.object_id,
        "kind": info.kind.value,
        "title": info.title,
        "url": info.url,
        "picture_url": info.picture_url,
        "is_public": info.is_public,
    }


def attachment_of(row: Row[Any]) -> Attachment:
    """Read an attachment from a row of its table joined with that of its object."""
    return Attachment(
        attachment_id=row.id,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        object=_object_known_to(row),
        rules=rules_of(row),
        attached_by=row.attached_by,
        attached_at=row.attached_at,
        forum_id=None if row.forum_id is None else RoomId(row.forum_id),
        pause=_pause_of(row),
        follow_id=row.follow_id,
        parent_id=None if row.parent_id is None else RoomId(row.parent_id),
        is_agreed=row.is_agreed,
        is_agreed_for_all=row.is_agreed_for_all,
        is_exposure_agreed=row.is_exposure_agreed,
        bar=_bar_of(row),
        is_on_programme=row.is_on_programme,
        has_board=row.has_board,
        is_writable=is_writer(row.level),
        settings=_settings_in_force(row),
    )


def attachments_of(rows: Iterable[Row[Any]]) -> dict[int, Attachment]:
    """Read attachments from such rows, by their IDs."""
    return {row.id: attachment_of(row) for row in rows}


def manners(rooms: Iterable[Row[Any]], held: Mapping[int, Attachment]) -> dict[RoomId, Manner]:
    """Return how the next message is made in each room where nothing waits.

    Args:
        rooms: rows of ``outbox_rows.WITH_BUSY``.
        held: their attachments, by the rows' IDs.
    """
    return {
        RoomId(row.room_id): next_manner(held[row.id].settings, row.server_locale, row.last_about)
        for row in rooms
        if not row.is_busy
    }


def _settings_in_force(row: Row[Any]) -> RoomSettings:
    """Read what the room has set, over what its server has."""
    return _laid_over(
        tuple(getattr(row, f"server_{name}") for name in ROOM_SETTINGS),
        tuple(getattr(row, f"room_{name}") for name in ROOM_SETTINGS),
    )


@lru_cache(512)
def _laid_over(server: tuple[Any, ...], room: tuple[Any, ...]) -> RoomSettings:
    below = _settings_of(server).over(RoomSettings())
    return _settings_of(room).over(below)


def settings_of(row: Row[Any]) -> RoomSettingsAsked:
    """Read what is set from a row of the rooms, or of the servers."""
    return _settings_of(tuple(getattr(row, name) for name in ROOM_SETTINGS))


def _settings_of(values: tuple[Any, ...]) -> RoomSettingsAsked:
    read = [_words(value) if name in _LISTS else value for name, value in _named(values)]
    return _SETTINGS.validate_python(dict(zip(ROOM_SETTINGS, read, strict=True)))


def _named(values: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return list(zip(ROOM_SETTINGS, values, strict=True))


def settings_values(asked: RoomSettingsAsked) -> dict[str, Any]:
    """Write what is set as columns of the rooms, or of the servers."""
    values: dict[str, Any] = _SETTINGS.dump_python(asked, mode="json")
    return {
        name: _words_text(value) if name in _LISTS and value is not None else value
        for name, value in values.items()
    }


def manner_of(row: Row[Any]) -> Manner:
    """Read how a message is made from the row of its batch."""
    return Manner(
        layout=Layout(row.layout),
        is_silent=row.is_silent,
        after=row.after_object_id,
        language=Language(row.language),
    )


def next_manner(settings: RoomSettings, locale: str | None, after: int | None) -> Manner:
    """Return how the next message is made in a room with these settings.

    ``locale``: what Discord says of its server; ``after``: what its last message was about.
    """
    return Manner(
        layout=settings.layout,
        is_silent=settings.is_silent,
        after=after,
        language=settings.language.in_server(locale),
    )


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else _WORDS.validate_json(text)


def _words_text(words: Sequence[str]) -> str:
    return _WORDS.dump_json(tuple(words)).decode()


def _object_known_to(row: Row[Any]) -> ObjectInfo:
    """Read the object as the attachment may know it: without what is new since it was barred.

    What it is about is for its card alone, which gets it with its state.
    """
    is_free = row.barred_at is None
    return ObjectInfo(
        object_id=ObjectId(row.object_id),
        kind=ObjectKind(row.kind),
        title=row.title if is_free else row.public_title or "",
        url=row.url if is_free else "",
        picture_url=row.picture_url if is_free else None,
        is_public=row.is_public,
    )


def _bar_of(row: Row[Any]) -> Bar | None:
    if row.server_bar is not None:
        return Bar(row.server_bar)
    if row.barred_at is not None:
        return Bar.NOT_PUBLIC
    return None if row.exposed_at is None else Bar.EXPOSED


def _pause_of(row: Row[Any]) -> Pause | None:
    bar = _bar_of(row)
    if bar is not None:
        of_object = row.exposed_at if bar is Bar.EXPOSED else row.barred_at
        since = row.server_barred_since if bar.is_of_server else of_object
        return Pause(reason=barring.sentence(bar), since=since)
    if row.paused_at is None:
        return None
    return Pause(reason=row.paused_reason, since=row.paused_at)


def rules_of(row: Row[Any]) -> AttachmentRules:
    """Read the rules from a row of the attachments, or of the follows."""
    return _RULES.validate_python({name: getattr(row, name) for name in RULES})


def rules_values(rules: AttachmentRules) -> dict[str, Any]:
    """Write rules as columns of the attachments, or of the follows."""
    values: dict[str, Any] = _RULES.dump_python(rules, mode="json")
    return values


def follow_of(row: Row[Any]) -> Follow:
    """Read a follow."""
    category = None
    if row.category_id != WHOLE_WORKSPACE:
        category = Category(category_id=CategoryId(row.category_id), title=row.category_title)
    return Follow(
        follow_id=row.id,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        is_forum=row.is_forum,
        kind=ObjectKind(row.kind),
        category=category,
        rules=rules_of(row),
        has_calendar=row.has_calendar,
        is_exposure_agreed=row.is_exposure_agreed,
        followed_by=row.followed_by,
        followed_at=row.followed_at,
        looked_at=row.looked_at,
        floor=None if row.floor is None else ObjectId(row.floor),
        error=row.error,
    )


def payload_of(notice: Notice) -> str:
    """Write a notice as JSON; the same notice always gives the same text."""
    return _NOTICE.dump_json(notice).decode()


def notice_of(payload: str) -> Notice:
    """Read the payload of a notice.

    Raises:
        StorageError: another version of the plugin wrote it.
    """
    try:
        return _NOTICE.validate_json(payload)
    except ValueError:
        # Not chained: that error quotes what people wrote.
        raise StorageError(
            "A stored notice cannot be read; it was written by another version of the plugin."
        ) from None


def state_text(state: LiveState) -> str:
    """Write the state of a live event as JSON."""
    return _STATE.dump_json(state).decode()


def state_of(row: Row[Any]) -> LiveState | None:
    """Read the remembered state of a live event from the row of its object."""
    return None if row.live_state is None else _STATE.validate_json(row.live_state)


def queued_of(row: Row[Any]) -> QueuedNotice:
    """Read a notice in the outbox."""
    return QueuedNotice(
        notice_id=row.id,
        room_id=RoomId(row.room_id),
        event_key=row.event_key,
        notice=notice_of(row.payload),
        queued_at=row.queued_at,
        is_stale=row.is_stale,
    )


def batch_of(row: Row[Any], queued: Sequence[QueuedNotice], *, is_stale: bool) -> Batch:
    """Read a batch; its notices, and whether one of them is stale, are given."""
    return Batch(
        batch_id=row.id,
        room_id=RoomId(row.room_id),
        nonce=row.nonce,
        body=row.body,
        notices=tuple(queued),
        created_at=row.created_at,
        attempts=row.attempts,
        message_id=row.message_id,
        shown=row.shown,
        is_stale=is_stale,
        manner=manner_of(row),
    )


def intent_of(row: Row[Any]) -> Intent:
    """Read an action on a comment from a row of the trail."""
    action = Action(row.deed)
    wanted = WantedAction(
        action=action,
        guild_id=GuildId(row.guild_id),
        room_id=RoomId(row.room_id),
        object_id=ObjectId(row.object_id),
        comment_id=CommentId(row.comment_id),
        actor=actor_of(row),
        text=row.text if action in MAKES else "",
    )
    return Intent(
        intent_id=row.id,
        wanted=wanted,
        asked_at=row.at,
        name=row.name,
        made_id=None if row.made_id is None else CommentId(row.made_id),
    )


def actor_of(row: Row[Any]) -> Actor:
    """Read who acted from a row of the trail."""
    return Actor(user_id=row.user_id, name=row.user_name)


def entry_of(row: Row[Any]) -> Entry:
    """Read an entry from a row of the trail; a reply's author is the name it was sent under."""
    deed = DEEDS[row.deed]
    return Entry(
        entry_id=row.id,
        guild_id=GuildId(row.guild_id),
        at=row.at,
        actor=actor_of(row),
        deed=deed,
        room_id=None if row.room_id is None else RoomId(row.room_id),
        object_id=None if row.object_id is None else ObjectId(row.object_id),
        object_title=row.object_title,
        comment_id=None if row.comment_id is None else CommentId(row.comment_id),
        author=row.name if deed is Action.REPLY else row.author,
        text=row.text,
        detail=row.detail,
        effect=None if row.effect is None else Effect(row.effect),
    )
