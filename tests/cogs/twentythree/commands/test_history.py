"""``/video history``, and what is put on the trail."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.acting import Deed, Effect
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.model import CommentId, GuildId, RoomId
from cogs.twentythree.settings import Settings
from sandbox.chat import ChannelType, Reply, User
from tests.fakes.pressed import buttons_of
from tests.fakes.server import LIVE, SITE, VIDEO, Server

NOTHING = "Nothing of that was done here, or it is too long ago."


def did(server: Server, **values: Any) -> None:
    """Have something done, by default in the room of the server."""
    usual: dict[str, Any] = {
        "guild_id": GuildId(server.guild.id),
        "deed": Action.ANSWER,
        "room_id": RoomId(server.room.id),
        "object_id": VIDEO.object_id,
        "object_title": "A *talk*",
        "comment_id": CommentId(5),
        "author": "B*a",
        "text": "Why <@1>?",
        "effect": Effect.DONE,
    }
    server.acting.add(**(usual | values))


def lines(shown: Reply) -> list[str]:
    (embed,) = shown.embeds
    text: str = embed["description"]
    return text.split("\n")


async def turned(server: Server, shown: Reply, label: str) -> Reply:
    """Press a button; return what is shown then."""
    assert shown.message_id is not None
    custom_id = buttons_of(shown)[label]
    pressed = await server.chat.people.click(server.manager.id, shown.message_id, custom_id)
    people = server.chat.people
    await server.chat.wait_for(lambda: people.reply(pressed.interaction_id).embeds != shown.embeds)
    return people.reply(pressed.interaction_id)


def moderator(server: Server, *granted: str) -> User:
    """Return somebody who may use the commands, and act on comments."""
    return server.member("keeper", "manage_guild", "manage_messages", *granted)


async def test_the_history_shows_who_did_what_in_plain_words(server: Server) -> None:
    did(server)

    shown = await server.reply("history", by=moderator(server))

    room = server.room.id
    assert (shown.content, shown.ephemeral) == ("**What was done here**, the newest first", True)
    assert lines(shown) == [
        rf"- **Ann** answered · B\*a: “Why \<\@1\>?” · A \*talk\* · <#{room}> · <t:1893585600:f>"
    ]
    assert shown.components == []


async def test_what_viewers_said_is_for_moderators_of_its_room(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    server.chat.rooms.set_overwrites(other.id, server.manager, allow=["manage_messages"])
    did(server, deed=Action.DELETE, author="", text="Said in other", room_id=RoomId(other.id))
    did(server, deed=Action.DELETE)
    did(server, deed=Action.REPLY, text="Said by us")

    replied, deleted, there = lines(await server.reply("history"))

    time = "<t:1893585600:f>"
    about = rf"A \*talk\* · <#{server.room.id}> · {time}"
    assert replied == f"- **Ann** replied · {about}"
    assert deleted == f"- **Ann** deleted · {about}"
    assert there == rf"- **Ann** deleted · “Said in other” · A \*talk\* · <#{other.id}> · {time}"


async def test_where_a_role_acts_on_comments_what_viewers_said_is_for_that_role(
    server: Server,
) -> None:
    role = server.chat.guilds.add_role(server.guild.id, "stage", ["manage_guild"])
    stage = server.chat.guilds.add_member(server.guild.id, "stage", roles=[role])
    keeper = moderator(server)
    await server.slash("moderators", role=role.id)
    did(server, deed=Action.DELETE)

    def said(shown: Reply) -> bool:
        return "Why" in lines(shown)[0]

    assert said(await server.reply("history", by=stage))
    assert not said(await server.reply("history", by=keeper))

    server.chat.guilds.delete_role(server.guild.id, role.id)
    assert said(await server.reply("history", by=keeper))


async def test_who_turns_the_pages_must_still_be_a_moderator(server: Server) -> None:
    may = ["manage_messages"]
    server.chat.rooms.set_overwrites(server.room.id, server.manager, allow=may)
    for _ in range(11):
        did(server)
    shown = await server.reply("history")
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=may)

    older = await turned(server, shown, "Older")

    assert "Why" in lines(shown)[0]
    assert "Why" not in lines(older)[0]


async def test_where_nothing_was_done_it_is_said(server: Server) -> None:
    assert await server.slash("history") == NOTHING


async def test_ten_entries_are_a_page_and_older_ones_follow(server: Server) -> None:
    for number in range(25):
        did(server, object_title=f"Talk {number}")

    first = await server.reply("history")
    second = await turned(server, first, "Older")
    third = await turned(server, second, "Older")

    assert [line.split(" · ")[1] for line in lines(first)] == [
        f"Talk {number}" for number in range(24, 14, -1)
    ]
    assert [len(lines(one)) for one in (second, third)] == [10, 5]
    assert [list(buttons_of(one)) for one in (first, second, third)] == [
        ["Older"],
        ["Newest", "Older"],
        ["Newest"],
    ]
    assert lines(await turned(server, third, "Newest")) == lines(first)


async def test_pages_turn_after_a_restart_and_hold_what_was_asked_for(server: Server) -> None:
    for number in range(24):
        did(server, object_id=LIVE.object_id if number % 2 else VIDEO.object_id)
    shown = await server.reply("history", id_="1")

    await server.host.remove_cog("TwentyThree")
    await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))
    older = await turned(server, shown, "Older")

    assert [len(lines(one)) for one in (shown, older)] == [10, 2]


async def test_entries_that_are_too_old_by_now_leave_an_empty_page(server: Server) -> None:
    for _ in range(11):
        did(server)
    shown = await server.reply("history")
    server.acting.entries.clear()

    gone = await turned(server, shown, "Older")

    assert (gone.content, gone.embeds, list(buttons_of(gone))) == (NOTHING, [], ["Newest"])


@pytest.mark.parametrize("typed", ["1", "A *talk*", f"{SITE}/talk?photo_id=1"])
async def test_the_history_of_one_object(server: Server, typed: str) -> None:
    await server.hold()
    did(server)
    did(server, object_id=LIVE.object_id, object_title="Show")

    (line,) = lines(await server.reply("history", id_=typed))

    assert r"A \*talk\*" in line


async def test_what_is_detached_has_its_history_by_its_id_alone(server: Server) -> None:
    did(server)

    assert len(lines(await server.reply("history", id_="1"))) == 1
    assert await server.slash("history", id_="A *talk*") == (
        "Nothing that is attached here has this title; give the ID instead."
    )


async def test_the_history_of_one_person(server: Server) -> None:
    did(server, actor=Actor(user_id=server.manager.id, name="manager"))
    did(server)

    (line,) = lines(await server.reply("history", by_=server.manager.id))

    assert "**manager** answered" in line


async def test_of_a_room_that_the_member_does_not_see_little_is_shown(server: Server) -> None:
    hidden = server.chat.rooms.add_channel(server.guild.id, "staff")
    keeper = moderator(server)
    server.chat.rooms.set_overwrites(hidden.id, keeper, deny=["view_channel"])
    did(server, room_id=RoomId(hidden.id), effect=Effect.REFUSED)
    did(server, room_id=RoomId(404))

    gone, secret = lines(await server.reply("history", by=keeper))

    assert secret == (
        "- **Ann** answered · in a room that you do not see · refused · <t:1893585600:f>"
    )
    assert gone.endswith("“Why \\<\\@1\\>?” · A \\*talk\\* · <#404> · <t:1893585600:f>")


async def test_in_a_private_thread_it_is_for_those_in_it_and_who_manage_threads(
    server: Server,
) -> None:
    thread = server.chat.rooms.add_thread(
        server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager, with_bot=True
    )
    keeper = moderator(server, "manage_threads")
    did(server, room_id=RoomId(thread.id))

    assert "do not see" in lines(await server.reply("history"))[0]
    assert "A \\*talk" in lines(await server.reply("history", at=thread))[0]
    assert "Why" in lines(await server.reply("history", by=keeper))[0]


# What is put on the trail.


def trail(server: Server) -> list[tuple[Deed | Action, str, str]]:
    return [(one.deed, one.object_title, one.detail) for one in server.acting.entries]


async def test_attaching_other_options_and_detaching_are_on_the_trail(server: Server) -> None:
    await server.slash("attach", id_="1")
    await server.slash("attach", id_="1", comments="all", actions="on")
    await server.slash("attach", id_="1", comments="all")
    await server.slash("detach", id_="1")

    assert trail(server) == [
        (Deed.ATTACH, "A *talk*", ""),
        (Deed.OPTIONS, "A *talk*", "comments: all, actions: on"),
        (Deed.DETACH, "A *talk*", ""),
    ]
    first = server.acting.entries[0]
    assert first.actor == Actor(user_id=server.manager.id, name="manager")
    assert (first.guild_id, first.room_id) == (server.guild.id, server.room.id)
    assert first.object_id == VIDEO.object_id


async def test_a_role_in_the_options_is_shown_by_its_name(server: Server) -> None:
    role = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    await server.slash("attach", id_="2", mention=role.id)

    (line,) = lines(await server.reply("history"))

    assert f"**manager** attached · mention\\: <@&{role.id}> · Show · <#{server.room.id}>" in line


async def test_following_and_unfollowing_are_on_the_trail(server: Server) -> None:
    await server.slash("follow", comments="public")
    await server.slash("follow", no_mention=True)
    await server.slash("unfollow", what="1", attached="detach")

    scope = "all live events of the workspace"
    assert trail(server) == [
        (Deed.FOLLOW, "", f"{scope}, comments: public"),
        (Deed.OPTIONS, "", f"{scope}, no_mention: true"),
        (Deed.UNFOLLOW, "", f"{scope}, with all it attached"),
    ]


async def test_what_was_refused_is_not_on_the_trail(server: Server) -> None:
    await server.slash("attach", id_="999")
    await server.slash("detach", id_="1")

    assert trail(server) == []


async def test_what_could_not_be_put_on_the_trail_is_done_all_the_same(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.acting.is_full = True

    assert (await server.slash("attach", id_="1")).startswith("Attached")
    assert "the trail lacks an entry (attach)" in caplog.text


async def test_a_deleted_thread_is_as_hidden_as_the_channel_that_it_was_in(server: Server) -> None:
    staff, keeper = server.chat.rooms.add_channel(server.guild.id, "staff"), moderator(server)
    server.chat.rooms.set_overwrites(staff.id, keeper, deny=["view_channel"])
    for parent in (server.room, staff):
        thread = server.chat.rooms.add_thread(parent.id, "talk", with_bot=True)
        await server.hold(at=thread, parent_id=parent.id)
        did(server, room_id=RoomId(thread.id), text=f"Said in {parent.name}")
        server.chat.rooms.delete_channel(thread.id)

    hidden, seen = lines(await server.reply("history", by=keeper))

    assert "in a room that you do not see" in hidden
    assert "Said in staff" not in hidden
    assert "Said in general" in seen
