"""What rooms say of each comment, and whether it is what the workspace has made of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.chat import Channel, Chat
from sandbox.workspace import Comment, Workspace
from tests.fakes.said import small_print

_WITHHELD = "*(no longer promoted)*"
_REMOVED = "*(removed on the platform)*"
_ALONE = re.compile(r"#comment-(\d+)$")
_LINE = re.compile(r"^(?:([❓⭐✅]) |(~~))?(.*)[ \u00a0]\[»\]\([^()\s]*#comment-(\d+)\)(.*)$")
_REPLY = re.compile(r"Replied number \d+(?: 1)?")
_SIGNED = re.compile(r"(promoted|unpromoted|answered|reopened|dismissed) by <@(\d+)>")
_BY_WORD = {
    "promoted": "promote",
    "unpromoted": "unpromote",
    "answered": "answer",
    "reopened": "reopen",
    "dismissed": "dismiss",
}
_WORDS = frozenset({"promoted", "answered", "dismissed"})
_BY_MARK = {"~~": "dismissed", "✅": "answered", "⭐": "promoted"}
_MOST_REPLIES = 3


@dataclass(slots=True, kw_only=True)
class Mark:
    """What a room says of a comment; ``signed``: who did what, as the notice tells."""

    comment_id: int
    states: frozenset[str]
    is_alone: bool
    is_withheld: bool = False
    is_removed: bool = False
    replies: list[str] = field(default_factory=list)
    signed: list[tuple[str, int]] = field(default_factory=list)


def marks(chat: Chat, room: Channel) -> list[Mark]:
    """Return what a room says of its comments, in its order."""
    embeds = (embed for message in chat.messages(room.id) for embed in message.embeds)
    return [mark for embed in embeds for mark in marks_of(embed)]


def untrue_marks(
    room_name: str,
    shown: Iterable[Mark],
    workspace: Workspace,
    presses: Collection[tuple[str, int, int]],
) -> list[str]:
    """Return what is wrong with what a room says, a sentence each.

    ``presses``: who pressed what about which comment: action, user, comment.
    """
    found: list[str] = []
    comments = workspace.state.comments
    # Of what is said to be removed nothing is to be read; whether it is missing, numbers tell.
    known = [one for one in shown if not one.is_removed]
    ids = {one.comment_id for one in known}
    for mark in known:
        where = f"{room_name}: comment {mark.comment_id}"
        comment = comments.get(mark.comment_id)
        if comment is None:
            found.append(f"{where} is gone and shown")
            continue
        found += [f"{where} {wrong}" for wrong in _wrongs(mark, comment, comments, presses)]
        if comment.reply_to in ids and _REPLY.fullmatch(comment.text):
            found.append(f"{where} is a reply and has a notice of its own")
    return found


def _wrongs(
    mark: Mark,
    comment: Comment,
    comments: Mapping[int, Comment],
    presses: Collection[tuple[str, int, int]],
) -> Iterator[str]:
    if mark.is_withheld:
        if comment.is_promoted:
            yield "is promoted, and said not to be"
        return
    states = {"promoted"} if comment.is_promoted else set()
    states |= {comment.status} - {""}
    if not mark.is_alone:
        # A line has one mark: what tells most.
        states = set([one for one in _BY_MARK.values() if one in states][:1])
    if mark.states != states:
        yield f"is {sorted(states)} and shown as {sorted(mark.states)}"
    yield from _wrong_replies(mark, comment, comments)
    for word, user_id in mark.signed:
        action = _BY_WORD[word]
        if (action, user_id, comment.comment_id) not in presses:
            yield f"is said to be {word} by {user_id}, who did not press that"


def _wrong_replies(mark: Mark, comment: Comment, comments: Mapping[int, Comment]) -> Iterator[str]:
    said = [
        one.text
        for one in comments.values()
        if one.reply_to == comment.comment_id and _REPLY.fullmatch(one.text)
    ]
    if untrue := set(mark.replies) - set(said):
        yield f"shows replies that are not there: {sorted(untrue)}"
    if len(mark.replies) != len(set(mark.replies)):
        yield f"shows a reply twice: {mark.replies}"
    # In a line there may be no room for them.
    if mark.is_alone and len(mark.replies) != min(len(said), _MOST_REPLIES):
        yield f"has replies {sorted(said)} and shows {sorted(mark.replies)}"


def marks_of(embed: Mapping[str, Any]) -> Iterator[Mark]:
    """Yield what an embed says of its comments."""
    description = str(embed.get("description", ""))
    if match := _ALONE.search(str(embed.get("url", ""))):
        yield Mark(
            comment_id=int(match[1]),
            states=frozenset(small_print(embed).split(" · ")) & _WORDS,
            is_alone=True,
            is_withheld=_WITHHELD in description,
            is_removed=_REMOVED in description,
            replies=_REPLY.findall(description),
            signed=_signatures(description),
        )
        return
    mark: Mark | None = None
    for line in description.split("\n"):
        if match := _LINE.match(line):
            if mark is not None:
                yield mark
            mark = Mark(
                comment_id=int(match[4]),
                states=frozenset(_BY_MARK[one] for one in match.groups()[:2] if one in _BY_MARK),
                is_alone=False,
                is_withheld=_WITHHELD in match[3],
                is_removed=_REMOVED in match[3],
            )
        elif mark is not None and line.startswith("↳ "):
            mark.replies += _REPLY.findall(line)
    if mark is not None:
        yield mark


def _signatures(description: str) -> list[tuple[str, int]]:
    return [(word, int(user_id)) for word, user_id in _SIGNED.findall(description)]
