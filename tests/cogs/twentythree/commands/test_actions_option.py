"""The option ``actions`` of attach and follow, as people give it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.server import Server

ON = "- Actions: on"
CANNOT_ACT = (
    "- Actions are on, but the workspace's credentials may not change comments: nobody can act "
    "until the bot has credentials of the level write."
)


@pytest.mark.parametrize(("command", "id_"), [("attach", {"id_": "1"}), ("follow", {})])
@pytest.mark.parametrize("can_write", [True, False, None])
async def test_actions_are_turned_on_and_it_is_said_where_nobody_can_act(
    server: Server,
    command: str,
    id_: dict[str, Any],
    can_write: bool | None,  # noqa: FBT001 - pytest passes by name
) -> None:
    server.acting.can_write = can_write

    said = (await server.slash(command, actions="on", **id_)).split("\n")

    assert ON in said
    assert (CANNOT_ACT in said) is (can_write is False)


async def test_actions_are_off_until_somebody_turns_them_on(server: Server) -> None:
    server.acting.can_write = False

    said = await server.slash("attach", id_="1")

    assert "ctions" not in said
    assert [one.rules.has_actions for one in await server.held()] == [False]


async def test_actions_are_turned_on_shown_and_turned_off(server: Server) -> None:
    await server.slash("attach", id_="1")

    assert f"{ON} (before: off)" in await server.slash("attach", id_="1", actions="on")
    assert "-# actions: on" in await server.slash("list")
    assert [one.rules.has_actions for one in await server.held()] == [True]

    said = await server.slash("attach", id_="1", actions="off")

    assert said.split("\n")[1:] == ["- Actions: off (before: on)"]
    assert [one.rules.has_actions for one in await server.held()] == [False]


async def test_where_no_comments_are_posted_actions_have_nothing_to_do(server: Server) -> None:
    said = await server.slash("attach", id_="2", comments="none", actions="on")

    assert "- `actions` has nothing to do here: no comments are posted." in said
