"""Notices as the JSON of one Discord message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NotRequired, TypedDict, assert_never

from ..domain.batching import Form, form_of
from ..domain.deeds import LogNotice
from ..domain.model import (
    BoardNotice,
    CommentNotice,
    DigestNotice,
    LiveNotice,
    Notice,
    ProgrammeNotice,
    ReportNotice,
    VideoNotice,
)
from ..domain.room_settings import Layout, Manner
from ..languages import Language, speaking
from .board_embeds import board_embed
from .charts import charts_of
from .comment_embeds import comment_embed
from .comment_lines import capacity, line_embeds, links_in, text_capacity, text_of
from .components import components
from .object_embeds import (
    digest_embed,
    live_embed,
    log_embed,
    mentioned_role,
    programme_embed,
    start_content,
    video_embed,
)
from .questions_csv import sheets_of
from .report_embeds import report_embed
from .text import MESSAGE_SIZE, units

# https://discord.com/developers/docs/resources/message#message-object-message-flags
SUPPRESS_NOTIFICATIONS = 1 << 12
_AS_CARDS = Manner()


class Body(TypedDict):
    """What is sent, in the words of Discord's "Create Message"."""

    content: str
    embeds: list[dict[str, Any]]
    allowed_mentions: dict[str, Any]
    attachments: NotRequired[list[dict[str, Any]]]
    components: NotRequired[list[dict[str, Any]]]
    flags: NotRequired[int]


def message(
    notices: Sequence[Notice],
    manner: Manner = _AS_CARDS,
    *,
    with_charts: bool = False,
    with_sheets: bool = False,
) -> Body:
    """Render the notices of one message, in order. Nobody is mentioned but a start's role.

    ``with_charts``, ``with_sheets``: these go along as files, charts first, which the body names
    in their order.
    """
    with speaking(manner.language):
        return _message(notices, manner, with_charts=with_charts, with_sheets=with_sheets)


def _message(
    notices: Sequence[Notice], manner: Manner, *, with_charts: bool, with_sheets: bool
) -> Body:
    content = ""
    roles: list[str] = []
    comments = _comments(notices)
    is_bare = manner.layout is Layout.COMPACT and bool(comments)
    if is_bare:
        content = text_of(comments, manner.after)
    for notice in notices:
        if isinstance(notice, LiveNotice) and (said := start_content(notice)):
            role = mentioned_role(notice)
            content, roles = said, [] if role is None else [str(role)]
    mentions: dict[str, Any] = {"parse": []}
    if roles:
        mentions["roles"] = roles
    body: Body = {
        "content": content,
        "embeds": [] if is_bare else _embeds(notices, manner, with_charts=with_charts),
        "allowed_mentions": mentions,
    }
    charts = charts_of(notices, manner.language) if with_charts else []
    sheets = sheets_of(notices, manner.language) if with_sheets else []
    # The name of a chart says what is in it; that of a sheet is for people.
    files = [{"filename": one.filename} for one in charts]
    files += [{"filename": one.filename, "description": one.description} for one in sheets]
    if files:
        body["attachments"] = [{"id": number, **one} for number, one in enumerate(files)]
    # Left out where there are none: most bodies are as they were stored before there were any.
    if rows := components(notices):
        body["components"] = rows
    if manner.is_silent and (comments or isinstance(notices[0], DigestNotice)):
        body["flags"] = SUPPRESS_NOTIFICATIONS
    return body


def without_roles(body: Mapping[str, Any], is_gone: Callable[[int], bool]) -> dict[str, Any]:
    """Return a body that does not mention the roles that are gone: they would show as such."""
    mentions = body["allowed_mentions"]
    roles = mentions.get("roles", ())
    gone = [role for role in roles if is_gone(int(role))]
    if not gone:
        return dict(body)
    content = body["content"]
    for role in gone:
        content = content.replace(f"<@&{role}> ", "")
    left = {"parse": mentions["parse"]}
    if rest := [role for role in roles if role not in gone]:
        left["roles"] = rest
    return {**body, "content": content, "allowed_mentions": left}


def body_json(
    notices: Sequence[Notice],
    manner: Manner = _AS_CARDS,
    *,
    with_charts: bool = False,
    with_sheets: bool = False,
) -> str:
    """Render the notices as JSON text, the same text for the same notices in the same manner."""
    body = message(notices, manner, with_charts=with_charts, with_sheets=with_sheets)
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def digest(body: str) -> str:
    """Return a short fingerprint of a body, to tell whether a message shows it."""
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def cost(notice: Notice, language: Language = Language.ENGLISH) -> int:
    """Count the characters that the notice takes of a message's 6000, in an embed of its own."""
    with speaking(language):
        return _size(_embed(notice))


def lines(notices: Sequence[Notice], manner: Manner = _AS_CARDS) -> int:
    """Return how many comments, from the first, one message holds with a line for each."""
    comments = takewhile(lambda notice: isinstance(notice, CommentNotice), notices)
    found = [notice for notice in comments if isinstance(notice, CommentNotice)]
    holds = text_capacity if manner.layout is Layout.COMPACT else capacity
    with speaking(manner.language):
        return holds(found, manner.after)


def _size(embed: Mapping[str, Any]) -> int:
    texts = (
        embed.get("title", ""),
        embed.get("description", ""),
        embed.get("footer", {}).get("text", ""),
        embed.get("author", {}).get("name", ""),
    )
    return units("".join(texts))


def identity(embeds: Sequence[Mapping[str, Any]], content: str = "") -> tuple[str, ...]:
    """Return what tells a message's embeds, or its own text, from those of any other message.

    The same for comments as embeds and as lines: what is sent again later may have changed form.
    """
    names = tuple(name for embed in embeds for name in _names(embed))
    return names or tuple(links_in(content)) or ((content,) if content else ())


def _names(embed: Mapping[str, Any]) -> Sequence[str]:
    title, description = embed.get("title", ""), embed.get("description", "")
    return links_in(description) or (embed.get("url") or f"{title}\n{description}",)


def _comments(notices: Sequence[Notice]) -> list[CommentNotice]:
    """Return the notices of a message that has comments only; else nothing."""
    comments = [notice for notice in notices if isinstance(notice, CommentNotice)]
    return comments if len(comments) == len(notices) else []


def _embeds(
    notices: Sequence[Notice], manner: Manner, *, with_charts: bool
) -> list[dict[str, Any]]:
    comments = _comments(notices)
    if not comments:
        return [_embed(notice, with_charts=with_charts) for notice in notices]
    heads = [manner.after, *(one.object.object_id for one in comments)]
    embeds = [
        comment_embed(one, is_headed=one.object.object_id != head)
        for one, head in zip(comments, heads, strict=False)
    ]
    is_dense = manner.layout is Layout.LINES
    if is_dense or form_of([_size(embed) for embed in embeds], MESSAGE_SIZE) is Form.LINES:
        return line_embeds(comments, manner.after)
    return embeds


def _embed(notice: Notice, *, with_charts: bool = False) -> dict[str, Any]:
    match notice:
        case CommentNotice():
            return comment_embed(notice)
        case LiveNotice():
            return live_embed(notice, with_charts=with_charts)
        case DigestNotice():
            return digest_embed(notice)
        case VideoNotice():
            return video_embed(notice)
        case ReportNotice():
            return report_embed(notice, with_charts=with_charts)
        case ProgrammeNotice() | BoardNotice() | LogNotice():
            return _room_embed(notice)
        case _:
            assert_never(notice)


def _room_embed(notice: ProgrammeNotice | BoardNotice | LogNotice) -> dict[str, Any]:
    """Render what a room is told besides what happens on its objects."""
    match notice:
        case ProgrammeNotice():
            return programme_embed(notice)
        case BoardNotice():
            return board_embed(notice)
        case LogNotice():
            return log_embed(notice)
        case _:
            assert_never(notice)
