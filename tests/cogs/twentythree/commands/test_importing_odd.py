"""Files of configurations that no person would make, and that hold very much."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.commands.import_plan import MOST_STEPS
from cogs.twentythree.domain.acting import Deed
from cogs.twentythree.errors import StorageError
from tests.cogs.twentythree.commands.test_importing import (
    TALKS,
    a_file,
    an_entry,
    given,
    imported,
)
from tests.fakes.server import Server


@pytest.mark.parametrize("odd", ["\ud800", "\0"])
async def test_what_no_database_takes_does_not_end_an_import(server: Server, odd: str) -> None:
    rooms = [{"room": str(server.room.id), "options": {"hide": f"w{odd}w"}}]
    entries = [an_entry(server, 2, text=f"On air{odd}"), an_entry(server, 1)]

    lines = await imported(server, a_file(server, rooms=rooms, attachments=entries))

    assert lines[0] == "Imported 3 entries."
    texts = {one.object.object_id: one.rules.start_text for one in await server.held()}
    assert texts == {2: "On air\N{REPLACEMENT CHARACTER}", 1: ""}


async def test_a_file_of_rooms_that_are_nowhere_is_not_asked_about_for_ever(
    server: Server,
) -> None:
    entries = [{"object": 1, "room": number} for number in range(100, 160)]

    said = await given(server, a_file(server, attachments=entries))

    asked = [one for one in server.chat.posts if one.template == "/channels/{channel_id}"]
    assert len(asked) <= 20
    assert said.content.startswith("There is nothing to import.")


async def test_a_file_of_what_the_workspace_does_not_have_is_not_asked_about_for_ever(
    server: Server,
) -> None:
    entries = [an_entry(server, number) for number in range(100, 400)]
    follows = [
        {"what": "live", "category": number, "room": server.room.id} for number in range(100, 400)
    ]
    before = len(server.workspace.calls)

    said = await given(server, a_file(server, attachments=[*entries, an_entry(server)]))
    of_attachments = len(server.workspace.calls) - before
    assert "**Cannot be**: 301" in said.content
    said = await given(server, a_file(server, follows=follows))

    # Each costs readings their time: as many at once would have all rooms wait for minutes.
    assert of_attachments <= 60
    assert len(server.workspace.calls) - before <= 120
    assert "**Cannot be**: 300" in said.content


async def test_what_is_for_another_import_is_not_asked_about(server: Server) -> None:
    server.workspace.listing.known = [TALKS]
    rooms = [server.chat.rooms.add_channel(server.guild.id, f"room-{n}") for n in range(60)]
    follows = [{"what": "live", "category": TALKS.category_id, "room": one.id} for one in rooms]

    said = await given(server, a_file(server, follows=follows))

    assert "**For another import**: 10 entries" in said.content
    assert server.workspace.calls.count("category") == MOST_STEPS


async def test_an_import_that_the_database_ends_says_what_it_has_done(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [server.chat.rooms.add_channel(server.guild.id, f"room-{n}") for n in range(4)]
    entries = [{"object": 1, "room": one.id} for one in rooms]
    attach, given_up = server.store.attachments.attach, iter([False, True])

    async def fails(*args: Any, **values: Any) -> Any:
        if next(given_up):
            raise StorageError("The database is away.")
        return await attach(*args, **values)

    monkeypatch.setattr(server.store.attachments, "attach", fails)
    lines = await imported(server, a_file(server, attachments=entries))

    assert lines[:2] == [
        "Imported 1 entry.",
        "**For another import**: 2 entries; give the command again after this one",
    ]
    assert lines[-1].endswith(": The bot's database cannot be used now; its log says why.")
    assert [one.room_id for one in await server.held()] == [rooms[0].id]
    assert [one.deed for one in server.acting.entries] == [Deed.ATTACH, Deed.IMPORT]
