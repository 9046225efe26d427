"""What ``/video setup`` offers to choose from, and what it says of what was chosen."""

from __future__ import annotations

import pytest

from sandbox.chat import Role
from tests.fakes.server import Server
from tests.fakes.walked import Walker, walked


@pytest.fixture
def fans(server: Server) -> Role:
    return server.chat.guilds.add_role(server.guild.id, "fans")


async def test_where_there_is_nothing_to_choose_from_it_is_said(server: Server) -> None:
    walker = await walked(server, kind="c")

    assert "⚠️ The workspace has none, or does not answer now." in walker.text
    assert "*Find…* looks for what is not in the menu." in walker.text


async def test_looking_is_offered_where_one_of_many_is_chosen(server: Server) -> None:
    walker = await Walker.begin(server)
    assert "Find…" not in walker.text

    await walker.choose("kind", "a")
    assert "Find…" not in walker.text
    await walker.choose("kind", "o")
    assert "Find…" in walker.text


async def test_of_a_video_nothing_live_is_said(server: Server, fans: Role) -> None:
    walker = await walked(server, kind="o", target=1, public=server.room.id, mention=fans.id)

    assert "- Nobody is mentioned: a video has no live start." in walker.text
    assert f"- For everybody: <#{server.room.id}>: promoted comments\n" in walker.text
    assert "Mention Everyone" not in await walker.go("rights")


async def test_of_a_live_event_it_is(server: Server, fans: Role) -> None:
    walker = await walked(server, kind="o", target=2, public=server.room.id, mention=fans.id)

    assert f"- Mentioned at a live start: <@&{fans.id}>" in walker.text
    assert "promoted comments and live events" in walker.text
