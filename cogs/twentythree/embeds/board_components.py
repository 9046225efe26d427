"""The buttons of boards, and of what they show, in the words of Discord's API.

Each ``custom_id`` carries all that is known of the button: it works after a restart, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.board import as_comment
from ..domain.board_view import BoardView, ViewerQuestion
from ..domain.model import BoardNotice, CommentId, Notice, ObjectId
from ..languages import tr
from .components import menu, option

_ROW, _BUTTON = 1, 2
_PRIMARY, _SECONDARY, _SUCCESS = 1, 2, 3


def board_rows(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Return the rows under a board's message; none under others."""
    return [row for one in notices if isinstance(one, BoardNotice) for row in _rows(one)]


def back_button(object_id: ObjectId, comment_id: CommentId) -> dict[str, Any]:
    """Return the button that gives a question back which somebody has taken."""
    return _button(f"tt:back:{object_id}:{comment_id}", tr("Give back"))


def page_button(object_id: ObjectId, page: int, label: str, *, is_disabled: bool) -> dict[str, Any]:
    """Return the button that leads to a page of all open questions."""
    return {**_button(f"tt:all:{object_id}:{page}", label), "disabled": is_disabled}


def question_menu(object_id: ObjectId, questions: Sequence[ViewerQuestion]) -> dict[str, Any]:
    """Return the menu by which any of a page of open questions is acted on: 25 at most."""
    return menu(0, [option(as_comment(one, object_id), _who(one)) for one in questions])


def _who(question: ViewerQuestion) -> str:
    taken = question.taken_by
    return "" if taken is None else tr("taken by {who}", who=taken.name)


def _rows(notice: BoardNotice) -> list[dict[str, Any]]:
    object_id = notice.object.object_id
    if notice.is_hidden or notice.is_withdrawn:
        return []
    if notice.view is BoardView.BOARD:
        following = _button(f"tt:next:{object_id}", tr("Next question"), _PRIMARY)
        return [_row(following, _button(f"tt:all:{object_id}:0", tr("Show all")))]
    if not (notice.questions and notice.has_actions):
        return []
    done = f"tt:done:{object_id}:{notice.questions[0].comment_id}"
    return [_row(_button(done, tr("Done → next"), _SUCCESS))]


def _row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": _ROW, "components": list(inside)}


def _button(custom_id: str, label: str, style: int = _SECONDARY) -> dict[str, Any]:
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": custom_id}
