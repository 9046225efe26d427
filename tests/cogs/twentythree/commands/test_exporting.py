"""What a server has set, as a file, asked for by people in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentPolicy,
    ObjectId,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.domain.shown import BoardView
from sandbox.chat import ChannelType
from tests.fakes.boards import make_board
from tests.fakes.bridge import NOW, an_object
from tests.fakes.server import LIVE, VIDEO, Server


async def exported(server: Server) -> dict[str, Any]:
    reply = await server.reply("export")
    assert reply.ephemeral
    (file,) = reply.attachments
    assert file["filename"] == f"twentythree-{server.guild.id}.json"
    found: dict[str, Any] = json.loads(server.chat.file(file))
    return found


async def test_all_that_is_set_is_in_the_file(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans")
    await server.hold(
        LIVE,
        rules=RulesAsked(comments=CommentPolicy.ALL, mention_role_id=fans.id, has_actions=True),
    )
    await server.follow(kind=ObjectKind.VIDEO, rules=AttachmentRules(announces_live=False))
    await make_board(
        server.store, RoomId(server.room.id), LIVE.object_id, NOW, view=BoardView.SPEAKER
    )
    server.acting.roles[server.guild.id] = fans.id
    server.acting.log_rooms[server.guild.id] = server.room.id  # type: ignore[assignment]

    found = await exported(server)

    room = str(server.room.id)
    assert found == {
        "version": 1,
        "server": str(server.guild.id),
        "moderators": str(fans.id),
        "log_room": room,
        "defaults": {},
        "rooms": [],
        "attachments": [
            {
                "object": "2",
                "title": "Show",
                "room": room,
                "options": {
                    "comments": "all",
                    "live": "on",
                    "mention": str(fans.id),
                    "max_age": 6,
                    "at_end": "edit",
                    "actions": "on",
                    "text": None,
                    "place": "room",
                },
            }
        ],
        "follows": [
            {
                "what": "videos",
                "category": None,
                "title": "",
                "room": room,
                "options": {
                    "comments": "promoted",
                    "live": "off",
                    "mention": None,
                    "max_age": 6,
                    "at_end": "edit",
                    "actions": "off",
                    "text": None,
                    "place": "room",
                    "calendar": "off",
                },
            }
        ],
        "boards": [{"object": "2", "title": "Show", "room": room, "view": "speaker"}],
    }


async def test_where_nothing_is_set_the_file_says_so(server: Server) -> None:
    found = await exported(server)

    assert (found["attachments"], found["follows"], found["moderators"]) == ([], [], None)
    assert "0 attachments, 0 follows and 0 boards" in await server.slash("export")


async def test_what_a_follow_has_attached_comes_of_the_follow(server: Server) -> None:
    await server.follow()
    server.workspace.listing.upcoming[None] = [LIVE]
    await server.bridge.following.look(await server.followed())
    await server.hold(VIDEO)

    found = await exported(server)

    assert [one["object"] for one in found["attachments"]] == ["1"]
    assert "1 object that follows have attached: left out." in await server.slash("export")


async def test_a_post_is_exported_as_its_forum(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    post = server.chat.rooms.add_thread(forum.id, "talk", with_bot=True)
    await server.hold(at=post, forum_id=forum.id)

    (entry,) = (await exported(server))["attachments"]

    assert entry["room"] == str(forum.id)


async def test_rooms_that_the_member_cannot_see_are_left_out(server: Server) -> None:
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(staff.id, server.manager, deny=["view_channel"])
    await server.hold(replace(an_object(7), title="Secret"), at=staff)
    await server.follow(at=staff)
    await make_board(server.store, RoomId(staff.id), ObjectId(7), NOW)
    server.acting.log_rooms[server.guild.id] = staff.id  # type: ignore[assignment]

    found = await exported(server)

    assert (found["attachments"], found["follows"], found["boards"]) == ([], [], [])
    assert found["log_room"] is None
    assert str(staff.id) not in json.dumps(found)


async def test_what_other_servers_have_is_not_in_it(server: Server) -> None:
    await server.hold(guild_id=1)

    assert (await exported(server))["attachments"] == []


@pytest.mark.parametrize("title", ["=1+1", "`@everyone` \u202e", "🎬" * 99])
async def test_any_title_makes_a_file(server: Server, title: str) -> None:
    await server.hold(an_object(7, title=title))

    (entry,) = (await exported(server))["attachments"]

    assert entry["title"] == title


async def test_a_thread_as_room_of_the_log_is_in_the_file(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "log")
    server.acting.log_rooms[server.guild.id] = RoomId(thread.id)

    found = await exported(server)

    assert found["log_room"] == str(thread.id)
