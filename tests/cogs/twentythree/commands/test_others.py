"""Detach, list, status, test and diagnose, given by people in a server."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.commands import choices
from cogs.twentythree.commands.replies import Turn
from cogs.twentythree.domain.barring import Pause
from cogs.twentythree.domain.model import LiveObservation
from cogs.twentythree.errors import MISTAKE, AccessDeniedError
from cogs.twentythree.intake import ChannelShape
from cogs.twentythree.settings import Settings
from sandbox.chat import Channel, ChannelType, NotOfferedError, Reply
from tests.fakes.bridge import NOW, an_object
from tests.fakes.server import LIVE, SITE, VIDEO, Server


def a_hidden_room(server: Server) -> Channel:
    """Add a room that the bot sees and the manager does not."""
    room = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(room.id, server.manager, deny=["view_channel"])
    return room


# Detach.


async def test_detaching_here_takes_the_object_out_of_this_room_only(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.hold()
    kept = await server.hold(at=other)

    text = await server.slash("detach", id_="1")

    assert text.startswith(r"Detached [A \*talk\*]")
    assert text.endswith(f"from <#{server.room.id}>.")
    assert await server.held() == [kept]


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ("delete", "1 card of what is planned or live is deleted."),
        ("keep", "1 card of what is planned or live will say “No longer followed here”."),
    ],
)
async def test_detaching_says_what_becomes_of_the_cards(
    server: Server, cards: str, words: str
) -> None:
    server.workspace.live_states[LIVE.object_id] = LiveObservation(
        object_id=LIVE.object_id, is_broadcasting=False, scheduled_at=NOW
    )
    await server.slash("attach", id_="2")
    await server.post()

    text = await server.slash("detach", id_="2", cards=cards)

    assert text.split("\n")[1:] == [f"- {words}"]


async def test_detaching_a_post_by_its_forum_says_that_the_post_stays(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    post = server.chat.rooms.add_thread(forum.id, "talk", with_bot=True)
    await server.hold(at=post, forum_id=forum.id)

    assert "Its post stays" in await server.slash("detach", id_="1", room=forum.id)
    assert await server.held() == []


async def test_a_suggestion_of_a_deleted_room_detaches_there(server: Server) -> None:
    await server.hold(room_id=404)

    ((name, value),) = await server.suggestions("detach", "talk")
    text = await server.slash("detach", id_=value)

    assert name == "Video: A *talk* · 1 · a deleted room"
    assert text.endswith("from <#404>.")
    assert await server.held() == []


async def test_a_whole_room_is_taken_out_when_somebody_agrees(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    for info, room in ((VIDEO, other), (LIVE, other), (VIDEO, server.room)):
        await server.hold(info, room)

    question = await server.reply("detach", room=other.id)

    assert question.content == (
        rf"This takes out all that is in <#{other.id}>: [A \*talk\*](<{SITE}/talk>) and "
        f"[Show](<{SITE}/>)."
    )
    assert len(await server.held()) == 3

    done = await server.press(question, "Detach all")

    assert done.content.split("\n") == [
        rf"Detached [A \*talk\*](<{SITE}/talk>) from <#{other.id}>.",
        f"Detached [Show](<{SITE}/>) from <#{other.id}>.",
    ]
    assert [one.room_id for one in (await server.held())] == [server.room.id]


async def test_a_deleted_room_is_taken_out_by_its_id(server: Server) -> None:
    for info in (VIDEO, LIVE):
        await server.hold(info, room_id=404)

    suggested = await server.suggestions("detach", "")
    done = await server.press(await server.reply("detach", id_="404"), "Detach all")

    assert suggested[0] == ("All 2 objects of a deleted room · 404", "404")
    assert done.content.count("from <#404>.") == 2
    assert await server.held() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Name what to detach with the option `id`, or a whole room"),
        ({"room": True}, "Nothing is attached to <#"),
    ],
)
async def test_detaching_nothing_says_what_to_name(
    server: Server, options: dict[str, Any], sentence: str
) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.hold()

    given: dict[str, Any] = dict.fromkeys(options, other.id)
    text = await server.slash("detach", **given)

    assert text.startswith(sentence)


async def test_digits_are_suggested_as_the_beginning_of_an_id(server: Server) -> None:
    for object_id in (1234, 5123):
        await server.hold(an_object(object_id, title="Talk"))

    assert [value for _, value in await server.suggestions("detach", "12")] == ["1234"]


async def test_suggestions_begin_with_this_room_and_name_the_others(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.hold(at=other)
    await server.hold(LIVE)

    here = await server.suggestions("detach", "")
    there = await server.suggestions("detach", "", room=other.id)

    assert here == [("Live: Show · 2", "2"), ("Video: A *talk* · 1 · #other", f"1@{other.id}")]
    assert there == [
        ("Video: A *talk* · 1", "1"),
        ("Live: Show · 2 · #general", f"2@{server.room.id}"),
    ]


async def test_what_other_servers_have_is_neither_shown_nor_changed(server: Server) -> None:
    await server.hold(guild_id=1)

    assert await server.slash("detach", id_="1") == "Nothing is attached in this server."
    assert "Nothing is attached" in await server.slash("list")
    assert "not attached in this server" in await server.slash("status", id_="1")
    assert await server.suggestions("status", "") == []
    assert len(await server.held()) == 1


async def test_a_room_that_a_member_cannot_see_is_neither_shown_nor_changed(
    server: Server,
) -> None:
    await server.hold(at=a_hidden_room(server))

    assert "Nothing is attached" in await server.slash("detach", id_="1")
    assert "Nothing is attached" in await server.slash("list")
    assert await server.suggestions("detach", "") == []


async def test_a_closed_post_is_as_hidden_as_its_forum(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    await server.hold(room_id=404, forum_id=forum.id)
    assert "<#404>" in await server.slash("list")

    server.chat.rooms.set_overwrites(forum.id, server.manager, deny=["view_channel"])

    assert "Nothing" in await server.slash("list")


async def test_a_private_thread_is_shown_to_those_in_it_and_who_manage_threads(
    server: Server,
) -> None:
    thread = server.chat.rooms.add_thread(
        server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager, with_bot=True
    )
    await server.hold(at=thread)
    keeper = server.member("keeper", "manage_guild", "manage_threads")

    assert "Nothing" in await server.slash("list")
    assert f"<#{thread.id}>" in await server.slash("list", at=thread)
    assert f"<#{thread.id}>" in await server.slash("list", by=keeper)


# List.


async def test_the_list_shows_objects_rooms_rules_and_pauses(server: Server) -> None:
    await server.hold(pause=Pause(reason="lacks Embed Links", since=NOW))

    text = await server.slash("list")

    assert r"[A \*talk\*](<https://video.example.com/talk>)" in text
    assert f"in <#{server.room.id}>" in text
    assert "promoted comments only" in text
    assert "lacks Embed Links" in text


async def test_the_list_of_one_room_leaves_the_others_out(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.hold(LIVE, at=other)

    assert f"Nothing is attached to <#{server.room.id}>" in await server.slash(
        "list", room=server.room.id
    )
    assert "[Show]" in await server.slash("list", room=other.id)


def buttons(components: list[dict[str, object]]) -> dict[str, tuple[str, bool]]:
    """Return by label the ID of each button and whether it is greyed out."""
    found = re.findall(r"'label': '(\w+)'", str(components))
    assert found == ["Previous", "Next"]
    row = components[0]["components"]
    assert isinstance(row, list)
    return {b["label"]: (b["custom_id"], b.get("disabled", False)) for b in row}


async def turned(server: Server, shown: Reply, label: str) -> Reply:
    """Press a button; return what the answer is once it shows something else."""
    assert shown.message_id is not None
    button_id, _ = buttons(shown.components)[label]
    await server.chat.people.click(server.manager.id, shown.message_id, button_id)
    await server.chat.wait_for(
        lambda: server.chat.people.reply(shown.interaction_id).content != shown.content
    )
    return server.chat.people.reply(shown.interaction_id)


async def test_a_long_list_is_turned_page_by_page(server: Server) -> None:
    for number in range(20):
        await server.hold(an_object(number + 10, title=f"Talk {number}"))

    first = await server.reply("list")
    assert first.ephemeral
    assert first.content.startswith("**20 objects, in 1 room**\n[Talk 0]")
    assert first.content.endswith("Page 1 of 3")
    assert buttons(first.components)["Previous"][1]

    second = await turned(server, first, "Next")
    third = await turned(server, second, "Next")
    assert "Talk 8" in second.content
    assert third.content.endswith("Page 3 of 3")
    assert buttons(third.components)["Next"][1]
    assert (await turned(server, third, "Previous")).content == second.content


async def test_the_buttons_of_a_list_work_after_a_restart(server: Server) -> None:
    for number in range(20):
        await server.hold(an_object(number + 10, title=f"Talk {number}"))
    first = await server.reply("list")

    await server.host.remove_cog("TwentyThree")
    await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))
    for one in await server.held():
        await server.store.attachments.detach(one.room_id, one.object.object_id)
    gone = await turned(server, first, "Next")

    assert gone.content.startswith("Nothing is attached in this server")
    assert gone.components == []


async def test_a_list_is_room_by_room_and_counts_what_it_has(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    for info, room in ((VIDEO, server.room), (LIVE, other), (LIVE, server.room)):
        await server.hold(info, room)

    total, *lines = (await server.slash("list")).split("\n")

    assert total == "**2 objects (attached 3 times), in 2 rooms**"
    named = [line for line in lines if not line.startswith("-#")]
    assert [
        f"<#{one.id}>" in line
        for line, one in zip(named, (server.room, server.room, other), strict=True)
    ] == [True] * 3
    assert "(1) in" in named[0]


# Status.


async def test_the_status_of_the_whole(server: Server) -> None:
    await server.served()

    text = await server.slash("status")

    assert text.startswith("**Realtime**")
    assert "- Attached in this server: 1 object" in text


async def test_the_status_of_one_object(server: Server) -> None:
    await server.served()

    text = await server.slash("status", id_="1")

    assert f"in <#{server.room.id}>" in text
    assert "- Listens to: comments" in text


# Test.


async def test_a_sample_is_marked_and_mentions_nobody(server: Server) -> None:
    text = await server.slash("test", id_="1")

    (posted,) = server.chat.messages(server.room.id)
    assert posted.content.startswith("**Sample.**")
    assert posted.embeds
    assert posted.pinged_roles == []
    assert not posted.pings_everyone
    assert str(posted.id) in text


async def test_a_sample_looks_as_its_room_does(server: Server) -> None:
    await server.slash("room", layout="compact")
    await server.slash("test", id_=str(LIVE.object_id))

    (shown,) = server.chat.messages(server.room.id)
    assert len([line for line in shown.content.split("\n") if "[»](<" in line]) == 4
    assert len(shown.embeds) == 3


async def test_a_sample_is_removed_by_those_who_may(server: Server) -> None:
    await server.slash("test", id_="1")
    (posted,) = server.chat.messages(server.room.id)
    button = posted.components[0]["components"][0]["custom_id"]
    visitor = server.member("visitor")

    refused = await server.chat.people.click(visitor.id, posted.id, button)
    assert refused.content == "Only those who may manage messages here can remove the sample."
    assert refused.ephemeral

    await server.chat.people.click(server.manager.id, posted.id, button)
    await server.chat.wait_for(lambda: not server.chat.messages(server.room.id))


async def test_a_sample_goes_to_an_objects_own_post_in_a_forum(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    refused = await server.slash("test", id_="1", room=forum.id)
    post = server.chat.rooms.add_thread(forum.id, "talk", with_bot=True)
    await server.hold()
    await server.hold(at=post, forum_id=forum.id)

    await server.slash("test", id_="1", room=forum.id)

    assert "has no open post" in refused
    assert len(server.chat.messages(post.id)) == 1


async def test_a_sample_that_discord_refuses_gets_its_sentence(server: Server) -> None:
    server.chat.fault("POST", r".*/messages", status=403)

    text = await server.slash("test", id_="1")

    assert f"Discord did not take the sample in <#{server.room.id}>" in text


async def test_a_sample_needs_a_room_where_the_bot_may_post(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["send_messages"])

    assert "Send Messages there. Grant that" in await server.slash("test", id_="1")


# Diagnose.


async def test_a_diagnosis_shows_shapes(server: Server) -> None:
    server.bridge.shapes = [ChannelShape(sub_channel="all_json", shape="{id: number}", count=2)]

    text = await server.slash("diagnose", id_="1", seconds=1)

    assert text.endswith("- `all_json`, 2 messages: `{id: number}`")


async def test_a_diagnosis_without_access_gets_its_sentence_and_can_be_repeated(
    server: Server,
) -> None:
    server.workspace.down = AccessDeniedError("photo/list")
    refused = await server.slash("diagnose", id_="1")
    server.workspace.down = None

    assert "may not use photo/list" in refused
    assert "nothing was published within 30 s" in await server.slash("diagnose", id_="1")


async def test_one_diagnosis_at_a_time_is_enough_for_a_server(server: Server) -> None:
    server.bridge.may_answer.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(server.slash("diagnose", id_="1"))
        await server.bridge.is_listening.wait()
        second = await server.slash("diagnose", id_="1")
        server.bridge.may_answer.set()

    assert second == "A diagnosis is running in this server; wait until it ends."
    assert "nothing was published" in first.result()


async def test_suggestions_do_not_wait_for_a_slow_database(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.hold()
    server.bridge.may_answer.clear()
    monkeypatch.setattr(choices, "_PATIENCE_S", 0)

    assert await server.suggestions("detach", "") == []


# Who may.


async def test_only_those_who_may_manage_the_server_are_offered_the_commands(
    server: Server,
) -> None:
    visitor = server.member("visitor")

    with pytest.raises(NotOfferedError):
        await server.slash("list", by=visitor)


async def test_posts_of_one_object_are_told_apart_by_their_forums(server: Server) -> None:
    for name in ("events", "archive"):
        forum = server.chat.rooms.add_channel(server.guild.id, name, ChannelType.FORUM)
        post = server.chat.rooms.add_thread(forum.id, "A talk", with_bot=True)
        await server.hold(at=post, forum_id=forum.id)

    names = [name for name, _ in await server.suggestions("detach", "")]

    assert [name.rpartition(" · ")[2] for name in names] == [
        "#events / A talk",
        "#archive / A talk",
    ]


async def test_a_page_that_a_mistake_keeps_from_being_turned_is_told_of(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        await server.hold(an_object(number + 10))
    listed = await server.reply("list")

    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Turn, "at", fails)
    people = server.chat.people
    pressed = await people.click(server.manager.id, listed.message_id or 0, "tt:list:0:1:next")
    told = await server.chat.wait_for(lambda: people.reply(pressed.interaction_id).followups)

    assert [one.content for one in told] == [MISTAKE]
