"""``docs/actions.md`` says what the plugin does and says: no more, and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cogs.twentythree.commands import acting_words
from cogs.twentythree.commands.replies import NO_DATABASE
from cogs.twentythree.domain.acting import NOT_THERE, Done, Effect, Intent
from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentId, CommentNotice, CommentStatus, Standing
from cogs.twentythree.embeds import message
from cogs.twentythree.errors import (
    _REFUSALS,
    MISTAKE,
    AccessDeniedError,
    StorageClosedError,
    WorkspaceRefusedError,
)
from tests.cogs.twentythree.actions.desk import MO, Desk
from tests.fakes.notices import acting_notice, deed, sent_reply

DOCUMENT = Path(__file__).parents[4] / "docs" / "actions.md"
_SAID = re.compile(r'"([^"]+)"')
_CODE = re.compile(r"`([^`]+)`")
# Nobody was first with a reply: a question may have many.
FIRST = [one for one in Action if one is not Action.REPLY]
# Of these a notice says nothing: it is gone, or another one.
UNSAID = {Action.DELETE, Action.COPY}


@cache
def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, but for the first two lines."""
    part = DOCUMENT.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def row(action: Action) -> list[str]:
    (found,) = (one for one in rows("What is done") if one[0] == f"`{action}`")
    return found


def first(action: Action, *, by_name: bool = True, user_id: int = 0) -> str:
    by = deed(action, name="name") if by_name else None
    return acting_words.outcome(action, Done(effect=Effect.ALREADY, by=by), user_id)


def done(action: Action) -> str:
    return acting_words.outcome(action, Done(effect=Effect.DONE), 0)


def to_be_said() -> Iterator[str]:
    """Yield all that is said to those who act, each with the names and counts of the document."""
    for name, value in vars(acting_words).items():
        if name.isupper() and isinstance(value, str) and not name.startswith("_"):
            yield value
    yield from map(done, Action)
    yield from (first(one) for one in FIRST)
    yield NOT_THERE
    yield acting_words.too_long(2001)
    yield acting_words.preview("The team")
    yield acting_words.not_moderator(None)
    yield acting_words.not_moderator(7).replace("<@&7>", "@role")
    yield from (str(WorkspaceRefusedError(*one)) for one in _REFUSALS)
    yield str(AccessDeniedError("comment/promote"))
    yield MISTAKE


def may_be_said() -> Iterator[str]:
    yield NO_DATABASE
    yield str(StorageClosedError())
    yield first(Action.ANSWER, by_name=False)
    yield first(Action.ANSWER, user_id=11)
    yield str(WorkspaceRefusedError("comment/promote", "some_code"))
    for action in Action:
        yield from shown(action)


def shown(action: Action) -> set[str]:
    """Return what a notice says of an action that is done, as its message has it."""
    states: dict[Action, dict[str, object]] = {
        Action.PROMOTE: {"is_promoted": True},
        Action.ANSWER: {"status": CommentStatus.ANSWERED},
        Action.DISMISS: {"status": CommentStatus.DISMISSED},
    }
    replies = [sent_reply()] if action is Action.REPLY else []
    notice = acting_notice(1, deed(action), replies=replies, **states.get(action, {}))
    said = {_description(notice).splitlines()[-1]} if action not in UNSAID else set()
    if action is Action.UNPROMOTE:
        said.add(_description(notice, Standing.WITHHELD))
    if action is Action.DELETE:
        said.add(_description(notice, Standing.REMOVED))
    return {text.removeprefix("-# ").replace("<@11>", "@name") for text in said}


def _description(notice: CommentNotice, standing: Standing = Standing.SHOWN) -> str:
    text: str = message([replace(notice, standing=standing)])["embeds"][0]["description"]
    return text


def test_every_action_and_every_effect_has_its_row() -> None:
    assert [one[0] for one in rows("What is done")] == [f"`{one}`" for one in Action]
    assert [one[0] for one in rows("What comes of it")] == [f"`{one}`" for one in Effect]


def test_each_sentence_of_the_document_is_said_and_each_that_is_said_is_there() -> None:
    quoted = set(_SAID.findall(DOCUMENT.read_text("utf-8")))

    assert set(to_be_said()) - quoted == set()
    assert quoted - set(to_be_said()) - set(may_be_said()) == set()


@pytest.mark.parametrize("action", Action)
def test_each_action_has_its_own_sentences(action: Action) -> None:
    _, _, _, said, was_first, notice = row(action)

    assert _SAID.findall(said) == [done(action)]
    wanted = [first(action)] if action in FIRST else []
    assert _SAID.findall(was_first) == wanted
    assert set(_SAID.findall(notice)) == shown(action)


def test_each_refusal_stands_beside_its_call_and_its_code() -> None:
    told = {
        (call.strip("`"), *_CODE.findall(code)): said
        for call, code, said in rows("What the workspace refuses")
        if code.startswith("`")
    }

    assert told == {one: f'"{WorkspaceRefusedError(*one)}"' for one in _REFUSALS}


@pytest.mark.parametrize("action", Action)
async def test_each_action_makes_the_call_that_its_row_names(desk: Desk, action: Action) -> None:
    number = await _ready_for(desk, action)
    desk.workspace.log.clear()

    wanted = desk.wanted(action, number, text="Yes." if action is Action.REPLY else "")
    if action is Action.REPLY:
        intent = await desk.acting.draft(wanted)
        assert isinstance(intent, Intent)
        await desk.acting.send(intent.intent_id, MO.user_id)
    else:
        await desk.acting.act(wanted)

    (call,) = (one for one in desk.workspace.log if one.http_method == "POST")
    method, *params = _CODE.findall(row(action)[2])
    assert call.method == method
    for told in params:
        name, is_equal, value = told.partition("=")
        assert call.params[name] == (value if is_equal else str(number))


async def _ready_for(desk: Desk, action: Action) -> CommentId:
    """Return a comment that is not yet as the action wants it."""
    number = await desk.say(kind="chat" if action is Action.COPY else "question")
    if action is Action.UNPROMOTE:
        await desk.workspace.changes.promote(number, is_promoted=True)
    if action is Action.REOPEN:
        await desk.workspace.changes.set_status(number, "answered")
    return number
