"""Boards of questions, made by people in a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.acting import Deed
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.errors import WorkspaceUnreachableError
from sandbox.chat import User
from tests.fakes.bridge import NOW
from tests.fakes.moderating import OF, a_moderator, board, make
from tests.fakes.server import LIVE, SITE, Server


@pytest.fixture
async def moderator(server: Server) -> User:
    return await a_moderator(server)


# Making one.


@pytest.mark.usefixtures("moderator")
async def test_a_board_is_made_where_the_object_is_attached(server: Server) -> None:
    text = await make(server)

    link = f"[Show](<{SITE}/>)"
    assert text == f"The board of the questions on {link} is in <#{server.room.id}> in a moment."
    assert [one.text for one in (await board(server)).questions] == [
        "Question 1?",
        "Question 2?",
        "Question 3?",
    ]
    (entry,) = server.acting.entries
    assert (entry.deed, entry.room_id, entry.object_id) == (Deed.BOARD, server.room.id, OF)
    assert entry.actor == Actor(user_id=server.manager.id, name="manager")
    assert entry.detail == "made the board of the questions"


@pytest.mark.usefixtures("moderator")
async def test_making_it_again_moves_it(server: Server) -> None:
    await make(server)
    first = await board(server)

    text = await make(server)

    assert "has the board of the questions on" in text
    assert text.endswith("already: it moves to the end.")
    assert (await board(server)).board_id > first.board_id
    assert len(server.acting.entries) == 1


@pytest.mark.usefixtures("moderator")
async def test_the_speakers_view_is_a_board_of_its_own(server: Server) -> None:
    await make(server)
    text = await server.slash("questions", id_="2", view="speaker")

    assert text.startswith("The speaker's view of the questions on")
    boards = await server.store.boards.find()
    assert [one.view for one in boards] == [BoardView.BOARD, BoardView.SPEAKER]


@pytest.mark.usefixtures("moderator")
async def test_off_takes_boards_away_and_says_what_it_did(server: Server) -> None:
    await make(server)
    await make(server, "speaker")

    gone, nothing = [await server.slash("questions", id_="2", view="off") for _ in range(2)]

    assert gone.startswith("Took 2 boards of the questions on [Show]")
    assert nothing.startswith("There is no board of the questions on [Show]")
    assert await server.store.boards.find() == []
    assert server.acting.entries[-1].detail == "took the boards of questions away"


@pytest.mark.usefixtures("moderator")
async def test_detaching_takes_the_board_with_it(server: Server) -> None:
    await make(server)
    await server.slash("detach", id_="2")

    assert await server.store.boards.find() == []


async def test_what_is_not_attached_to_the_room_gets_its_sentence(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.hold(LIVE)

    text = await server.slash("questions", id_="2", room=other.id)

    assert text.startswith(f"This is not attached to <#{other.id}>, and only there")
    assert await server.store.boards.find() == []


async def test_everybody_sees_the_room_so_it_is_asked_first(
    server: Server, moderator: User
) -> None:
    reply = await server.reply("questions", id_="2")

    assert reply.content == (
        f"Everybody in this server sees <#{server.room.id}>, and the board will show the "
        "questions that viewers ask the hosts in private."
    )
    assert await server.store.boards.find() == []
    assert (await server.press(reply, "Show anyway")).content.startswith("The board")


@pytest.mark.usefixtures("moderator")
async def test_in_a_room_of_the_staff_nothing_is_asked(server: Server) -> None:
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(staff.id, server.guild.everyone, deny=["view_channel"])
    for who in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(staff.id, who, allow=["view_channel"])
    await server.hold(LIVE, at=staff)

    assert (await server.slash("questions", id_="2", room=staff.id)).startswith("The board")


@pytest.mark.usefixtures("moderator")
async def test_without_the_workspace_there_is_no_board(server: Server) -> None:
    server.workspace.down = WorkspaceUnreachableError("comment/list")

    assert "could not be reached" in await server.slash("questions", id_="2", view="speaker")
    assert await server.store.boards.find() == []


@pytest.mark.usefixtures("moderator")
async def test_where_the_bot_cannot_post_there_is_no_board(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["send_messages"])

    assert "The bot cannot post" in await server.slash("questions", id_="2")
    assert await server.store.boards.find() == []


@pytest.mark.usefixtures("moderator")
async def test_of_what_is_barred_there_is_no_board(server: Server) -> None:
    await server.store.memory.refresh_object(replace(LIVE, is_public=False), NOW)

    text = await server.slash("questions", id_="2")

    assert text.startswith("There can be no board now. ")
    assert await server.store.boards.find() == []


@pytest.mark.usefixtures("moderator")
async def test_it_is_said_that_comments_cannot_be_changed(server: Server) -> None:
    server.acting.can_write = False

    assert "may not change comments" in await make(server, "speaker")


@pytest.mark.usefixtures("moderator")
async def test_objects_are_suggested(server: Server) -> None:
    assert await server.suggestions("questions", "sho") == [("Live: Show · 2", "2")]
