"""Answers that take long, that are long, and that are given while things are broken."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from cogs.twentythree.commands import replies
from cogs.twentythree.commands.replies import WAITING
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import NothingToHearError, StorageError
from cogs.twentythree.intake import ChannelShape
from sandbox.chat import Reply
from tests.fakes.bridge import an_object
from tests.fakes.server import Server

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


async def settled(server: Server, shown: Reply) -> str:
    """Return what the answer says once it is not waited for any more."""
    chat = server.chat
    await chat.wait_for(
        lambda: " comes here." not in chat.people.reply(shown.interaction_id).content
    )
    return chat.people.reply(shown.interaction_id).content


async def test_commands_that_wait_for_the_workspace_say_so_and_then_what_came_of_it(
    server: Server,
) -> None:
    server.workspace.answers.clear()
    server.bridge.may_answer.clear()
    commands = (
        server.reply("attach", id_="1"),
        server.reply("attach", id_="404"),
        server.reply("test", id_="2"),
        server.reply("diagnose", id_="1", seconds=300),
        server.reply("list"),
    )
    shown = await asyncio.gather(*commands)
    assert [one.content for one in shown] == [
        *[WAITING] * 3,
        "Listening for 300 s; the answer comes here.",
        "Still at work; the answer comes here.",
    ]
    server.workspace.answers.set()
    server.bridge.may_answer.set()

    attached, unknown, sample, heard, listed = [await settled(server, one) for one in shown]
    assert "[A \\*talk\\*]" in attached
    assert unknown.startswith("The workspace has no video or live event with this ID")
    assert "sample" in sample.casefold()
    assert "nothing was published within 300 s" in heard
    assert "is attached" in listed or "1 object" in listed
    assert all(server.chat.people.reply(one.interaction_id).followups == () for one in shown)


async def test_what_was_heard_is_in_a_file_where_it_does_not_fit(server: Server) -> None:
    server.bridge.shapes = [
        ChannelShape(sub_channel=f"channel_{number}", shape="{x:int}" * 50, count=1)
        for number in range(20)
    ]

    shown = await server.reply("diagnose", id_="1", seconds=1)

    assert shown.content.endswith("heard within 1 s. All of it is in the file.")
    (file,) = shown.attachments
    assert file["filename"] == "shapes.txt"
    assert file["size"] > 20 * 50 * len("{x:int}")


async def test_a_diagnosis_without_realtime_says_so(server: Server) -> None:
    server.workspace.down = NothingToHearError(
        "Realtime is not connected, so nothing can be heard."
    )

    assert (await server.slash("diagnose", id_="1")).startswith("Realtime is not connected")


@pytest.mark.parametrize("given", [{}, {"id_": "1"}])
async def test_the_status_begins_with_the_worst(server: Server, given: dict[str, Any]) -> None:
    await server.served()
    server.wiring.rooms.wrong = {
        Kind.REALTIME_AWAY: Fault(since=NOON),
        Kind.READING_FAILS: Fault(count=1, said="*Boo* <@1>"),
    }

    lines = (await server.slash("status", **given)).split("\n")[len(given) :]

    since = f"<t:{int(NOON.timestamp())}:R>"
    assert lines[0].startswith("**Realtime is not connected, so news comes only as")
    assert f"** (began {since}). The bot connects again" in lines[0]
    assert lines[1].startswith(r"- **Reading 1 object fails: \*Boo\* \<\@1\>**. It is tried")
    assert "none" not in "".join(lines)
    assert "nothing is lost" not in "".join(lines)


async def test_the_status_is_told_from_memory_where_the_database_cannot_be_read(
    server: Server,
) -> None:
    await server.hold()
    await server.hold(at=server.chat.rooms.add_channel(server.guild.id, "other"))
    server.bridge.store_error = StorageError("The database /srv/bot.db cannot be used.")

    whole, one = await server.slash("status"), await server.slash("status", id_="1")

    assert whole.startswith("**The bot's database cannot be used, so nothing new can be kept")
    assert "- Attached in this server: 1 object (attached 2 times)" in whole
    assert "/srv" not in whole
    assert f"in <#{server.room.id}>" in one


async def test_a_page_that_cannot_be_made_now_says_why(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(10, 22):
        await server.hold(an_object(number, title=f"Talk {number}"))
    first = await server.reply("list")
    assert first.message_id is not None
    server.bridge.store_error = StorageError("The database /srv/bot.db cannot be used.")

    turned = await server.chat.people.click(
        server.manager.id, first.message_id, first.components[0]["components"][1]["custom_id"]
    )

    sentence = "The bot's database cannot be used now; its log says why."
    await server.chat.wait_for(
        lambda: (
            sentence
            in [one.content for one in server.chat.people.reply(turned.interaction_id).followups]
        )
    )
    assert "Ignoring exception" not in caplog.text


async def test_a_command_that_is_given_up_in_a_limit_of_all_leaves_the_host_its_client(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "_LONGEST_S", 0.2)
    thread = server.chat.rooms.add_thread(server.room.id, "old", with_bot=True)
    server.chat.rooms.archive(thread.id)
    guild = server.host.guilds[0]
    async with asyncio.timeout(10):
        while guild.get_thread(thread.id) is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    limit = {"message": "", "retry_after": 120.0, "global": True}
    server.chat.fault("GET", f"/channels/{thread.id}", status=429, body=limit)

    said = await server.slash("attach", id_="1", room=thread.id)

    assert said.startswith("This took longer than Discord waits for an answer")
    async with asyncio.timeout(10):
        await server.host.get_partial_messageable(server.room.id).send("Good evening")
