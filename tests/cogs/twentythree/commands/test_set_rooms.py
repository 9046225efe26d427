"""``/video room`` and ``/video defaults``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cogs.twentythree.commands.replies import Refusal
from cogs.twentythree.commands.set_options import from_typed
from cogs.twentythree.domain.acting import Deed
from cogs.twentythree.domain.model import Comment, CommentId, CommentKind, GuildId, RoomId, Source
from cogs.twentythree.domain.room_settings import Layout, RoomSettings, RoomSettingsAsked
from cogs.twentythree.storage import RoomsSet
from sandbox.chat import ChannelType
from tests.fakes.bridge import NOW
from tests.fakes.server import VIDEO, Server

CARDS = "a card each, or lines where many come at once"
CHAT: dict[str, Any] = {
    "object_id": VIDEO.object_id,
    "kind": CommentKind.CHAT,
    "is_promoted": True,
    "author": "Ada",
    "text": "Hello",
}
KEPT = "- Messages that are there keep the form they have."


async def held(server: Server) -> RoomsSet:
    return await server.store.rooms.of_server(GuildId(server.guild.id))


async def in_force(server: Server, room: int | None = None) -> RoomSettings:
    return (await held(server)).in_force(RoomId(room or server.room.id))


def trail(server: Server) -> list[tuple[Deed | str, int | None, str]]:
    return [(one.deed, one.room_id, one.detail) for one in server.acting.entries]


async def test_without_an_option_it_is_said_what_a_room_has(server: Server) -> None:
    said = await server.slash("room")

    assert said.split("\n") == [
        f"<#{server.room.id}> has:",
        f"- Comments: {CARDS}",
        "- Notifications: as people have set",
        "- Kinds: all",
        "- Hidden: nothing",
        "- Shortest: 0 characters",
        "- Language: As Discord says it",
    ]
    assert trail(server) == []


async def test_each_option_is_set_told_and_noted(server: Server) -> None:
    said = await server.slash(
        "room",
        layout="compact",
        silent="on",
        kinds="chat, question",
        hide="Spam, *buy* now,spam",
        min_length=3,
    )

    assert said.split("\n") == [
        f"<#{server.room.id}> is set:",
        f"- Comments: a line each, without a box (before: {CARDS})",
        "- Notifications: live starts only (before: as people have set)",
        "- Kinds: chat, question (before: all)",
        "- Hidden: 2 words and names (spam, \\*buy\\* now) (before: nothing)",
        "- Shortest: 3 characters (before: 0 characters)",
        KEPT,
    ]
    assert await in_force(server) == RoomSettings(
        layout=Layout.COMPACT,
        is_silent=True,
        kinds=("chat", "question"),
        hidden=("spam", "*buy* now"),
        min_length=3,
    )
    # What is hidden is not told where everybody may read it.
    detail = "layout: compact, silent: on, kinds: chat, question, hide: 2 words, min_length: 3"
    assert trail(server) == [(Deed.ROOM, server.room.id, detail)]


async def test_what_is_not_given_stays_and_all_can_be_taken_back(server: Server) -> None:
    await server.slash("room", layout="lines", hide="spam")
    await server.slash("room", silent="on", no_hide=True)
    assert await in_force(server) == RoomSettings(layout=Layout.LINES, is_silent=True)

    said = await server.slash("room", silent="on")
    assert said == f"<#{server.room.id}> is as it was; nothing changed."
    await server.slash("room", reset=True, min_length=2)
    assert await in_force(server) == RoomSettings(min_length=2)
    await server.slash("room", reset=True)
    assert (await held(server)).rooms == {}


async def test_one_word_is_shown_again_and_the_others_stay_hidden(server: Server) -> None:
    await server.slash("defaults", hide="spam, buy, Ärger")
    assert await server.suggestions("room", "", focused="unhide") == [
        (one, one) for one in ("spam", "buy", "Ärger")
    ]
    assert await server.suggestions("defaults", "äRg", focused="unhide") == [("Ärger", "Ärger")]

    await server.slash("room", unhide="SPAM")
    assert (await in_force(server)).hidden == ("buy", "Ärger")
    await server.slash("defaults", unhide="arger")
    assert (await held(server)).defaults.hidden == ("spam", "buy")
    assert trail(server)[-1][2] == "unhide: 1 word"

    assert await server.slash("room", unhide="never") == "“never” is not hidden here."
    assert "cannot both be" in await server.slash("room", unhide="buy", hide="more")


async def test_words_of_a_room_that_they_do_not_see_are_not_suggested(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.slash("room", room=other.id, hide="secret")
    server.chat.rooms.set_overwrites(other.id, server.manager, deny=["view_channel"])

    assert await server.suggestions("room", "", focused="unhide", room=other.id) == []


async def test_a_post_has_the_words_of_its_forum_suggested(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "forum", kind=ChannelType.FORUM)
    await server.slash("room", room=forum.id, hide="spam")
    post = server.chat.rooms.add_thread(forum.id, "talk", with_bot=True)

    found = await server.suggestions("room", "", focused="unhide", room=post.id)
    assert found == [("spam", "spam")]


async def test_another_room_is_set_from_anywhere(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.slash("room", room=other.id, layout="lines")

    assert (await in_force(server, other.id)).layout is Layout.LINES
    assert (await in_force(server)).layout is Layout.CARDS


async def test_a_post_is_set_with_its_forum(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "forum", kind=ChannelType.FORUM)
    await server.slash("room", room=forum.id, layout="lines")

    assert (await in_force(server, forum.id)).layout is Layout.LINES


async def test_who_may_not_write_there_sets_nothing(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=["send_messages"])

    said = await server.slash("room", layout="lines")

    assert said.startswith(f"You may not write in <#{server.room.id}>")
    assert (await held(server)).rooms == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hide": " , "}, "`hide` names no word; with `no_hide` nothing is hidden any more."),
        (
            {"hide": ",".join(f"word{number}" for number in range(201))},
            "`hide` takes at most 200 words and names; these are 201.",
        ),
        (
            {"hide": "x" * 61},
            "A word of `hide` has at most 60 characters; separate by commas.",
        ),
        (
            {"hide": "spam", "no_hide": True},
            "`hide` and `no_hide` cannot both be; leave one of them out.",
        ),
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(
    server: Server, options: dict[str, Any], said: str
) -> None:
    assert await server.slash("room", **options) == said
    assert (await held(server)).rooms == {}


async def test_a_server_says_what_its_rooms_have(server: Server) -> None:
    said = await server.slash("defaults", layout="lines", silent="on")
    assert said.split("\n") == [
        "Rooms have, where nothing else is set:",
        f"- Comments: lines in a box, also where few come (before: {CARDS})",
        "- Notifications: live starts only (before: as people have set)",
        KEPT,
    ]
    assert await in_force(server) == RoomSettings(layout=Layout.LINES, is_silent=True)
    await server.slash("room", layout="cards")
    assert await in_force(server) == RoomSettings(is_silent=True)

    shown = await server.slash("defaults")
    assert shown.split("\n")[1] == "- Comments: lines in a box, also where few come"
    assert await server.slash("defaults", silent="on") == (
        "Rooms have what they had; nothing changed."
    )
    assert [deed for deed, *_ in trail(server)] == [Deed.DEFAULTS, Deed.ROOM]


async def test_what_was_hidden_is_counted_in_the_status_and_told_in_the_list(
    server: Server,
) -> None:
    await server.hold(VIDEO)
    room = RoomId(server.room.id)
    guild = GuildId(server.guild.id)
    await server.store.rooms.set_room(guild, room, RoomSettingsAsked(kinds=("question",)), NOW)
    assert "Left out" not in await server.slash("status")
    listed = await server.slash("list")
    assert f"<#{room}>\n-# kinds: question" in listed

    chat = [Comment(comment_id=CommentId(n), **CHAT) for n in (1, 2)]
    await server.store.memory.ingest(VIDEO.object_id, chat, source=Source.RECONCILE, now=NOW)
    line = (
        f"- Left out of <#{room}> since <t:{int(NOW.timestamp())}:f>: 2 comments, as "
        "`/video room` has it"
    )
    assert line in (await server.slash("status")).split("\n")
    assert line in (await server.slash("room")).split("\n")


async def test_a_file_has_what_rooms_have_set_and_sets_it_again(server: Server) -> None:
    await server.slash("defaults", silent="on", hide="spam")
    await server.slash("room", layout="compact", no_hide=True)
    reply = await server.reply("export")
    (file,) = reply.attachments
    found = json.loads(server.chat.file(file))

    room = str(server.room.id)
    assert found["defaults"] == {"silent": "on", "hide": "spam"}
    assert found["rooms"] == [{"room": room, "options": {"layout": "compact", "hide": None}}]

    before = await held(server)
    await server.slash("defaults", reset=True, min_length=1)
    await server.slash("room", reset=True)
    file_id = server.chat.people.upload("town.json", server.chat.file(file), "application/json")
    done = await server.press(await server.reply("import", file=file_id), "Import")
    assert done.content.split("\n") == [
        "Imported 2 entries.",
        "**Changed**: 2",
        "- What rooms have: `silent`, `hide`, `min_length`",
        f"- The room <#{room}>: `layout`, `hide`",
    ]
    assert await held(server) == before
    again = await server.reply("import", file=file_id)
    assert "**As the file has it already**: 2 entries" in again.content


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"colour": "red"}, "There is no option `colour`."),
        ({"layout": "wide"}, "`layout` cannot be `wide`."),
        ({"layout": None}, "`layout` cannot be `None`."),
        ({"min_length": True}, "`min_length` cannot be `True`."),
        ({"min_length": 501}, "`min_length` cannot be `501`."),
        ({"hide": 7}, "`hide` cannot be `7`."),
        ({"hide": ","}, "`hide` names no word; with `no_hide` nothing is hidden any more."),
    ],
)
def test_what_a_file_says_is_looked_at_as_what_is_typed(options: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_typed(options)

    assert str(refused.value) == said


@pytest.mark.parametrize("command", ["room", "defaults"])
async def test_what_several_set_at_once_is_all_set(server: Server, command: str) -> None:
    given: list[dict[str, Any]] = [{"hide": "rude"}, {"layout": "lines"}, {"silent": "on"}]

    said = await asyncio.gather(*(server.slash(command, **one) for one in given))

    assert all("(before: " in one for one in said)
    now = await in_force(server)
    assert (now.hidden, now.layout, now.is_silent) == (("rude",), Layout.LINES, True)
