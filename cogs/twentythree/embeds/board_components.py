"""The buttons of boards, and of the questions that are handed out there, as Discord's API has them.

Each ``custom_id`` carries all that is known of the button: it works after a restart, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.acting import offered
from ..domain.board_view import BoardView
from ..domain.deeds import Action
from ..domain.model import BoardNotice, Comment, CommentId, Notice, ObjectId

_ROW, _BUTTON = 1, 2
_PRIMARY, _SECONDARY, _SUCCESS = 1, 2, 3

_LABELS = {
    Action.PROMOTE: "Promote",
    Action.UNPROMOTE: "Unpromote",
    Action.ANSWER: "Answered",
    Action.REOPEN: "Reopen",
    Action.DISMISS: "Dismiss",
    Action.REPLY: "Reply",
}


def board_rows(notices: Sequence[Notice]) -> list[dict[str, Any]] | None:
    """Return the rows under a board's message; ``None``: it is no board's."""
    for notice in notices:
        if isinstance(notice, BoardNotice):
            return _rows(notice)
    return None


def back_button(object_id: ObjectId, comment_id: CommentId) -> dict[str, Any]:
    """Return the button that gives a question back which somebody has taken."""
    return _button(f"tt:back:{object_id}:{comment_id}", "Give back")


def page_button(object_id: ObjectId, page: int, label: str, *, is_disabled: bool) -> dict[str, Any]:
    """Return the button that leads to a page of all open questions."""
    return {**_button(f"tt:all:{object_id}:{page}", label), "disabled": is_disabled}


def question_row(comment: Comment) -> list[dict[str, Any]]:
    """Return the buttons of a question that is handed out: what is usual, and one for the rest."""
    usual = [one for one in offered(comment) if one in _LABELS]
    buttons = [_button(f"tt:act:{one}:{comment.comment_id}", _LABELS[one]) for one in usual]
    return [*buttons, _button(f"tt:more:{comment.comment_id}", "⋯")]


def _rows(notice: BoardNotice) -> list[dict[str, Any]]:
    object_id = notice.object.object_id
    if notice.is_hidden or notice.is_withdrawn:
        return []
    if notice.view is BoardView.BOARD:
        following = _button(f"tt:next:{object_id}", "Next question", _PRIMARY)
        return [_row(following, _button(f"tt:all:{object_id}:0", "Show all"))]
    if not notice.questions:
        return []
    done = f"tt:done:{object_id}:{notice.questions[0].comment_id}"
    return [_row(_button(done, "Done → next", _SUCCESS))]


def _row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": _ROW, "components": list(inside)}


def _button(custom_id: str, label: str, style: int = _SECONDARY) -> dict[str, Any]:
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": custom_id}
