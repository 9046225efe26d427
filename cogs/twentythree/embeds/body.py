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
from .board_components import board_rows
from .board_embeds import board_embed
from .charts import charts_of
from .comment_embeds import capacity, comment_embed, line_embeds, links_in
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


class Body(TypedDict):
    """What is sent, in the words of Discord's "Create Message"."""

    content: str
    embeds: list[dict[str, Any]]
    allowed_mentions: dict[str, Any]
    attachments: NotRequired[list[dict[str, Any]]]
    components: NotRequired[list[dict[str, Any]]]


def message(
    notices: Sequence[Notice], *, with_charts: bool = False, with_sheets: bool = False
) -> Body:
    """Render the notices of one message, in order. Nobody is mentioned but a start's role.

    ``with_charts``, ``with_sheets``: these go along as files, charts first, which the body names
    in their order.
    """
    content = ""
    roles: list[str] = []
    for notice in notices:
        if isinstance(notice, LiveNotice) and (role := mentioned_role(notice)) is not None:
            content, roles = start_content(notice, role), [str(role)]
    mentions: dict[str, Any] = {"parse": []}
    if roles:
        mentions["roles"] = roles
    body: Body = {
        "content": content,
        "embeds": _embeds(notices, with_charts=with_charts),
        "allowed_mentions": mentions,
    }
    charts = charts_of(notices) if with_charts else []
    sheets = sheets_of(notices) if with_sheets else []
    # The name of a chart says what is in it; that of a sheet is for people.
    files = [{"filename": one.filename} for one in charts]
    files += [{"filename": one.filename, "description": one.description} for one in sheets]
    if files:
        body["attachments"] = [{"id": number, **one} for number, one in enumerate(files)]
    # Left out where there are none: most bodies are as they were stored before there were any.
    if rows := components(notices) or board_rows(notices):
        body["components"] = rows
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
    notices: Sequence[Notice], *, with_charts: bool = False, with_sheets: bool = False
) -> str:
    """Render the notices as JSON text, the same text for the same notices."""
    body = message(notices, with_charts=with_charts, with_sheets=with_sheets)
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def digest(body: str) -> str:
    """Return a short fingerprint of a body, to tell whether a message shows it."""
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def cost(notice: Notice) -> int:
    """Count the characters that the notice takes of a message's 6000, in an embed of its own."""
    return _size(_embed(notice))


def lines(notices: Sequence[Notice]) -> int:
    """Return how many comments, from the first, one message holds with a line for each."""
    comments = takewhile(lambda notice: isinstance(notice, CommentNotice), notices)
    return capacity([notice for notice in comments if isinstance(notice, CommentNotice)])


def _size(embed: Mapping[str, Any]) -> int:
    texts = (
        embed.get("title", ""),
        embed.get("description", ""),
        embed.get("footer", {}).get("text", ""),
        embed.get("author", {}).get("name", ""),
    )
    return sum(map(units, texts))


def identity(embeds: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what tells a message's embeds from those of any other message.

    The same for comments as embeds and as lines: what is sent again later may have changed form.
    """
    return tuple(name for embed in embeds for name in _names(embed))


def _names(embed: Mapping[str, Any]) -> Sequence[str]:
    title, description = embed.get("title", ""), embed.get("description", "")
    return links_in(description) or (embed.get("url") or f"{title}\n{description}",)


def _embeds(notices: Sequence[Notice], *, with_charts: bool) -> list[dict[str, Any]]:
    embeds = [_embed(notice, with_charts=with_charts) for notice in notices]
    comments = [notice for notice in notices if isinstance(notice, CommentNotice)]
    is_all = len(comments) == len(notices)
    if is_all and form_of([_size(embed) for embed in embeds], MESSAGE_SIZE) is Form.LINES:
        return line_embeds(comments)
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
