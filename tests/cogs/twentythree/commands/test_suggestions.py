"""What is suggested while an object is named."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.errors import WorkspaceUnreachableError
from tests.fakes.bridge import NOW, an_object
from tests.fakes.server import LIVE, VIDEO, Server


async def test_titles_are_suggested_with_their_ids(server: Server) -> None:
    assert await server.suggestions("attach", "show") == [("Live: Show · 2", "2")]


async def test_suggestions_tell_objects_of_one_title_apart(server: Server) -> None:
    there = {
        3: replace(LIVE, object_id=ObjectId(3), is_on_air=True, at=NOW),
        4: replace(LIVE, object_id=ObjectId(4), is_public=False, at=NOW),
        5: replace(VIDEO, object_id=ObjectId(5), title="\u200b" * 5),
    }
    server.workspace.objects |= {one.object_id: one for one in there.values()}

    names = [name for name, _ in await server.suggestions("attach", "")]

    assert names[1:] == [
        "Live: Show · 2",
        "Live: Show · 3 · live now",
        "Live: Show · 4 · 2 Jan 2030 · private",
        "Video: · 5",
    ]


async def test_more_than_discord_shows_is_said(server: Server) -> None:
    server.workspace.objects |= {ObjectId(n): an_object(n, title="Talk") for n in range(10, 50)}

    suggested = await server.suggestions("attach", "talk")

    assert len(suggested) == 25
    assert suggested[-1] == ("There are more: type to narrow", "talk")


async def test_suggestions_survive_a_workspace_that_fails(server: Server) -> None:
    server.workspace.down = WorkspaceUnreachableError("photo/list")
    assert await server.suggestions("attach", "show") == []

    server.workspace.down = RuntimeError("broken")
    assert await server.suggestions("attach", "show") == []


@pytest.mark.parametrize(
    ("command", "focused"),
    [("detach", "id"), ("history", "id"), ("unfollow", "what"), ("room", "unhide")],
)
async def test_nothing_is_suggested_nor_logged_in_a_server_that_has_the_commands_only(
    server: Server, caplog: pytest.LogCaptureFixture, command: str, focused: str
) -> None:
    other = server.chat.guilds.add_guild("Village", with_bot=False)
    square = server.chat.rooms.add_channel(other.id, "square")
    caplog.clear()

    found = await server.chat.people.autocomplete(
        square.id, server.chat.owner.id, f"video {command}", {focused: "t"}, focused=focused
    )

    assert found == []
    assert [one.message for one in caplog.records if one.levelno >= logging.WARNING] == []
