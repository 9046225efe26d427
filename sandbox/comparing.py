"""What the rooms and the workspace of a scripted live event must hold, and whether they do."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .chat import Channel, Shown
from .scenery import Stage
from .workspace import Comment

_COMMENT = re.compile(r"#comment-(\d+)$")
# Where many share an embed, each has a line with a link to it.
_LINE = re.compile(r"\[»\]\([^()\s]*#comment-(\d+)\)")
_START = re.compile(r"#live-start-")
_BOARD = re.compile(r"#board-\d+$")
_REPORT = re.compile(r"#report-\d+$")
# What is left of a comment that is gone; nobody who writes can spell it.
_EMPTIED = re.compile(r"(?<!\\)\*\((removed on the platform|no longer promoted|hidden here)\)\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a room must hold: comments by ID, each once; how many starts; replies, each once."""

    comments: frozenset[int]
    starts: int = 0
    replies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What staff must have done from Discord, each once.

    Attributes:
        answered: the questions that were promoted, replied to and answered, with the replies.
        deleted: how many comments were deleted.
    """

    answered: dict[int, str]
    deleted: int = 0


def text_of(shown: Shown) -> str:
    """Return what the embeds of a message say, as markdown."""
    return " ".join(str(embed.get("description", "")) for embed in shown.embeds)


def is_board(shown: Shown) -> bool:
    """Tell whether a message is a board of questions."""
    return any(_BOARD.search(embed.get("url", "")) for embed in shown.embeds)


def is_report(shown: Shown) -> bool:
    """Tell whether a message is the report of a broadcast."""
    return any(_REPORT.search(embed.get("url", "")) for embed in shown.embeds)


def sheet_of(shown: Shown) -> dict[str, Any] | None:
    """Return the file of a message that is a table, as the message shows it."""
    return next((one for one in shown.attachments if one["filename"].endswith(".csv")), None)


def shows_alone(shown: Shown, comment_id: int) -> bool:
    """Tell whether a message is about one comment, and this one."""
    addresses = [embed.get("url", "") for embed in shown.embeds]
    return [_COMMENT.findall(one) for one in addresses] == [[str(comment_id)]]


class Comparison:
    """Compares what was said and done with what is there."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._chat = stage.sandbox.chat
        self._workspace = stage.sandbox.workspace

    def is_all_there(self) -> bool:
        """Tell whether no room lacks a comment."""
        return all(wanted.comments <= set(self._held(room)) for room, wanted in self._expected())

    def holds(self, room: Channel, comment_id: int) -> bool:
        """Tell whether a room shows what a comment says."""
        return comment_id in self._held(room)

    def tell(self, handled: Handled | None = None) -> bool:
        """Say what each room and the workspace should hold and hold; return whether all agree.

        ``handled``: what staff have done; ``None``: nothing was asked of them.
        """
        rooms = [self._tell_room(room, wanted) for room, wanted in self._expected()]
        done = [] if handled is None else self._tell_handled(handled)
        is_right = all((*rooms, *done))
        each = "Every room holds each notice once"
        whole = f"{each}." if handled is None else f"{each}, and everything was done once."
        self._stage.say(whole if is_right else "They do not agree.")
        return is_right

    def _tell_handled(self, handled: Handled) -> list[bool]:
        return [self._tell_workspace(handled), self._tell_board(), self._tell_report()]

    def _expected(self) -> Iterable[tuple[Channel, Expected]]:
        stage = self._stage
        comments = self._workspace.state.comments.values()
        film = {one.comment_id for one in comments if one.object_id == stage.film.object_id}
        webinar = [one for one in comments if one.object_id == stage.webinar.object_id]
        # What answers a comment is shown below it.
        replies = [one for one in webinar if one.reply_to is not None]
        said = [one for one in webinar if one.reply_to is None]
        promoted = frozenset(one.comment_id for one in said if one.is_promoted)
        yield stage.film_room, Expected(comments=frozenset(film))
        yield (
            stage.webinar_room,
            Expected(
                comments=promoted,
                starts=1,
                replies=tuple(one.text for one in replies if one.reply_to in promoted),
            ),
        )
        yield (
            stage.staff_room,
            Expected(
                comments=frozenset(one.comment_id for one in said),
                replies=tuple(one.text for one in replies),
            ),
        )

    def _held(self, room: Channel) -> Counter[int]:
        """Return the comments that a room shows with their words, and how often."""
        held: Counter[int] = Counter()
        for embed in (embed for one in self._chat.messages(room.id) for embed in one.embeds):
            lines = embed.get("description", "").split("\n")
            shown = "\n".join(line for line in lines if not _EMPTIED.search(line))
            if shown:
                held.update(map(int, _COMMENT.findall(embed.get("url", ""))))
                held.update(map(int, _LINE.findall(shown)))
        return held

    def _tell_room(self, room: Channel, wanted: Expected) -> bool:
        messages = self._chat.messages(room.id)
        held = self._held(room)
        starts = sum(map(_is_start, messages))
        said = " ".join(map(text_of, messages))
        replies = sum(map(said.count, set(wanted.replies)))
        missing = len(wanted.comments - set(held))
        twice = sum(count > 1 for count in held.values())
        foreign = len(set(held) - wanted.comments)
        counts = (starts, replies) == (wanted.starts, len(wanted.replies))
        self._line(
            f"#{room.name}",
            f"{len(wanted.comments):>4} published for it, "
            f"{len(set(held)):>4} held in {len(messages)} messages; "
            f"{missing} missing, {twice} twice, {foreign} not meant for it; "
            f"live starts {starts} of {wanted.starts}, replies {replies} of {len(wanted.replies)}",
            is_right=counts and not (missing or twice or foreign),
        )
        return counts and not (missing or twice or foreign)

    def _tell_workspace(self, handled: Handled) -> bool:
        """Compare what the workspace holds, and what was asked of it to get there."""
        comments = self._workspace.state.comments
        found = {one: comments[one] for one in handled.answered if one in comments}
        promoted = sum(one.is_promoted for one in found.values())
        answered = sum(one.status == "answered" for one in found.values())
        replies = self._replies()
        calls = [self._workspace.calls[f"comment/{one}"] for one in _WRITING]
        count = len(handled.answered)
        is_right = (
            (promoted, answered) == (count, count)
            and replies == Counter(handled.answered.items())
            and calls == [count, count, count, handled.deleted]
        )
        self._line(
            "workspace",
            f"{count} question to handle: {promoted} promoted, {answered} answered, "
            f"{replies.total()} replied to; calls: "
            + ", ".join(f"{one} {n}" for one, n in zip(_WRITING, calls, strict=True)),
            is_right=is_right,
        )
        return is_right

    def _replies(self) -> Counter[tuple[int, str]]:
        comments = self._workspace.state.comments.values()
        return Counter((one.reply_to, one.text) for one in comments if one.reply_to is not None)

    def _tell_board(self) -> bool:
        boards = [one for one in self._chat.messages(self._stage.staff_room.id) if is_board(one)]
        titles = [str(embed.get("title", "")) for one in boards for embed in one.embeds]
        questions = self._questions()
        open_ = sum(not one.status for one in questions)
        answered = sum(one.status == "answered" for one in questions)
        is_right = len(titles) == 1 and all(
            one in titles[0] for one in (f" {open_} open ·", f" {answered} answered")
        )
        said = "; ".join(titles) or "there is none"
        self._line("board", f"{open_} open, {answered} answered: {said}", is_right=is_right)
        return is_right

    def _tell_report(self) -> bool:
        """Compare what the report names and its table lists with the questions there are."""
        messages = self._chat.messages(self._stage.staff_room.id)
        reports = [one for one in messages if is_report(one)]
        tables = [io.StringIO(self.table(one)) for one in reports]
        listed = [row for one in tables for row in csv.DictReader(one)]
        asked = self._questions()
        left = [one for one in asked if not one.status]
        named = sum(one.text in text_of(it) for one in left for it in reports)
        is_right = (
            (len(reports), named) == (1, len(left))
            and sorted(row["text"] for row in listed) == sorted(one.text for one in asked)
            and sum(row["state"].startswith("answered") for row in listed) == len(asked) - len(left)
        )
        self._line(
            "report",
            f"{len(reports)} report: {named} of {len(left)} named as not answered, "
            f"{len(listed)} of {len(asked)} questions in its table",
            is_right=is_right,
        )
        return is_right

    def table(self, report: Shown) -> str:
        """Return the table that a report brings; without one, nothing."""
        sheet = sheet_of(report)
        return "" if sheet is None else self._chat.file(sheet).decode("utf-8-sig")

    def _questions(self) -> list[Comment]:
        return [one for one in self._workspace.state.comments.values() if _is_asked(one)]

    def _line(self, what: str, text: str, *, is_right: bool) -> None:
        self._stage.say(f"  {what:<12} {text}  {'ok' if is_right else 'WRONG'}")


_WRITING = ("promote", "add", "update", "delete")


def _is_asked(comment: Comment) -> bool:
    return comment.kind == "question" and comment.reply_to is None


def _is_start(shown: Shown) -> bool:
    return any(_START.search(embed.get("url", "")) for embed in shown.embeds)
