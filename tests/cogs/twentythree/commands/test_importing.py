"""Files of configurations, given by people in a server: shown first, and done if they agree."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cogs.twentythree.commands import import_plan
from cogs.twentythree.domain.acting import Deed
from cogs.twentythree.domain.following import Category
from cogs.twentythree.domain.model import (
    AtEnd,
    CategoryId,
    CommentPolicy,
    ObjectId,
    ObjectKind,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.domain.shown import BoardView
from sandbox.chat import Channel, ChannelType, NotOfferedError, Reply
from tests.fakes.bridge import an_object
from tests.fakes.discord_contract import judge
from tests.fakes.server import LIVE, VIDEO, Server

TALKS = Category(category_id=CategoryId(71), title="Talks *live*")


def an_entry(
    server: Server, object_id: int = 1, at: Channel | None = None, **options: Any
) -> dict[str, Any]:
    room = (at or server.room).id
    return {"object": str(object_id), "room": str(room), "options": options}


def a_file(server: Server, **values: Any) -> bytes:
    return json.dumps({"version": 1, "server": str(server.guild.id), **values}).encode()


async def given(server: Server, data: bytes, **more: Any) -> Reply:
    """Give a file; return what is said first."""
    file_id = server.chat.people.upload("town.json", data, "application/json")
    reply = await server.reply("import", file=file_id, **more)
    assert reply.ephemeral
    return reply


async def imported(server: Server, data: bytes) -> list[str]:
    """Give a file and agree; return the lines of what is said then."""
    done = await server.press(await given(server, data), "Import")
    return done.content.split("\n")


async def attached(server: Server) -> list[tuple[int, int]]:
    return [(one.object.object_id, one.room_id) for one in await server.held()]


# Back and forth.


async def test_what_was_exported_is_there_again_after_an_import(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    wanted = RulesAsked(mention_role_id=fans.id, at_end=AtEnd.ANNOUNCE, max_age_s=0)
    before = await server.hold(LIVE, rules=wanted)
    await server.follow()
    server.acting.roles[server.guild.id] = fans.id
    (file,) = (await server.reply("export")).attachments
    await server.bridge.detach(before.room_id, LIVE.object_id)
    await server.bridge.unfollow(1)
    server.acting.roles.clear()

    lines = await imported(server, server.chat.file(file))

    assert lines == [
        "Imported 3 entries.",
        "**New**: 2",
        f"- A follow in <#{server.room.id}>",
        f"- Show (2) in <#{server.room.id}>",
        "**Changed**: 1",
        f"- The moderators: <@&{fans.id}>",
    ]
    (held,) = await server.held()
    assert held.rules == before.rules
    assert len(await server.followed()) == 1
    assert server.acting.roles == {server.guild.id: fans.id}
    judge(server.chat.posts)


async def test_a_file_of_what_is_there_has_nothing_to_do(server: Server) -> None:
    await server.hold(LIVE)
    await server.follow()
    (file,) = (await server.reply("export")).attachments

    said = await given(server, server.chat.file(file))

    assert said.content.split("\n") == [
        "There is nothing to import.",
        "**As the file has it already**: 2 entries",
    ]
    assert said.components == []


# What is shown first.


async def test_nothing_is_done_before_somebody_agrees(server: Server) -> None:
    await server.hold(LIVE)
    data = a_file(
        server,
        attachments=[
            an_entry(server, 1, comments="public"),
            an_entry(server, 2, at_end="delete", live="on"),
            an_entry(server, 404),
        ],
    )

    said = await given(server, data)

    assert said.content.split("\n") == [
        "Nothing is changed yet. The import would do this:",
        "**New**: 1",
        rf"- A \*talk\* (1) in <#{server.room.id}>",
        "**Changed**: 1",
        f"- Show (2) in <#{server.room.id}>: `at_end`",
        "**Cannot be**: 1",
        (
            f"- 404 in <#{server.room.id}>: The workspace has no video or live event with this "
            "ID, or the bot's credentials may not see it; check the ID, or give the bot read "
            "access."
        ),
    ]
    assert await attached(server) == [(2, server.room.id)]
    cancelled = await server.press(said, "Cancel")
    assert cancelled.content == "Cancelled; nothing was changed."
    assert await attached(server) == [(2, server.room.id)]


async def test_only_who_gave_the_file_may_agree(server: Server) -> None:
    said = await given(server, a_file(server, attachments=[an_entry(server)]))
    other = server.member("other", "manage_guild")
    assert said.message_id is not None
    button = said.components[0]["components"][0]["custom_id"]

    with pytest.raises(NotOfferedError, match="does not see"):
        await server.chat.people.click(other.id, said.message_id, button)

    assert await attached(server) == []


async def test_a_long_answer_is_cut_between_its_lines(server: Server) -> None:
    entries = [an_entry(server, 1000 + number) for number in range(30)]

    said = await given(server, a_file(server, attachments=entries))

    *_, last = lines = said.content.split("\n")
    assert len(said.content) <= 2000
    assert last.startswith("- and ")
    assert last.endswith(" more lines")
    assert all(line.startswith(("- 10", "**", "There")) for line in lines[:-1])


# Each entry as its command would have it.


async def test_what_is_not_public_is_attached_only_where_that_was_asked(server: Server) -> None:
    secret = replace(an_object(9, title="Secret"), is_public=False)
    server.workspace.objects[ObjectId(9)] = secret
    data = a_file(server, attachments=[an_entry(server, 9), an_entry(server, 2, comments="all")])

    said = await given(server, data)

    room = f"<#{server.room.id}>"
    assert said.content.split("\n")[1:3] == [
        (
            f"- ⚠️ Secret (9) in {room}: This video is not published; its title, picture and link "
            f"will be visible in {room}."
        ),
        (
            f"- ⚠️ Show (2) in {room}: Everybody in this server sees {room}, and with "
            "`comments: all` it will show the questions that viewers ask the hosts in private."
        ),
    ]
    await server.press(said, "Import")
    held = {one.object.object_id: one for one in await server.held()}
    assert held[ObjectId(9)].is_agreed
    assert held[ObjectId(2)].rules.comments is CommentPolicy.ALL


async def test_what_turns_private_after_the_question_is_left_out(server: Server) -> None:
    said = await given(server, a_file(server, attachments=[an_entry(server), an_entry(server, 2)]))
    server.workspace.objects[ObjectId(1)] = replace(VIDEO, is_public=False)

    done = await server.press(said, "Import")

    assert "It is not as it was when you were asked" in done.content
    assert await attached(server) == [(2, server.room.id)]


async def test_more_questions_than_an_answer_holds_are_for_another_import(server: Server) -> None:
    for number in range(10, 16):
        hidden = replace(an_object(number, title="S" * 99), is_public=False)
        server.workspace.objects[ObjectId(number)] = hidden
    entries = [an_entry(server, number) for number in range(10, 16)]

    said = await given(server, a_file(server, attachments=entries))

    asked = [line for line in said.content.split("\n") if line.startswith("- ⚠️")]
    assert len(asked) == import_plan.MOST_DOUBTS
    assert all(line.endswith(f"visible in <#{server.room.id}>.") for line in asked)
    assert "**For another import**: 2 entries" in said.content
    await server.press(said, "Import")
    assert len(await attached(server)) == import_plan.MOST_DOUBTS


async def test_one_import_does_so_much_and_another_the_rest(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_plan, "MOST_STEPS", 2)
    for number in (10, 11, 12):
        server.workspace.objects[ObjectId(number)] = an_object(number)
    data = a_file(server, attachments=[an_entry(server, number) for number in (10, 11, 12)])

    first = await imported(server, data)
    second = await imported(server, data)

    assert "**For another import**: 1 entry; give the command again after this one" in first
    assert "**As the file has it already**: 2 entries" in second
    assert len(await attached(server)) == 3


async def test_rooms_where_the_member_may_not_write_get_nothing(server: Server) -> None:
    quiet = server.chat.rooms.add_channel(server.guild.id, "quiet")
    server.chat.rooms.set_overwrites(quiet.id, server.manager, deny=["send_messages"])
    hidden = server.chat.rooms.add_channel(server.guild.id, "hidden")
    server.chat.rooms.set_overwrites(hidden.id, server.manager, deny=["view_channel"])
    closed = server.chat.rooms.add_channel(server.guild.id, "closed")
    server.chat.rooms.set_overwrites(closed.id, server.chat.bot, deny=["embed_links"])
    category = server.chat.rooms.add_channel(server.guild.id, "all", ChannelType.CATEGORY)
    entries = [an_entry(server, 1, at=room) for room in (quiet, hidden, closed, category)]
    entries.append({"object": 1, "room": 404})

    said = await given(server, a_file(server, attachments=entries))

    why = [line.partition(">: ")[2] for line in said.content.split("\n")[2:]]
    assert why == [
        (
            f"You may not write in <#{quiet.id}>, so the bot will not do it for you; ask for Send "
            "Messages there, or choose another room."
        ),
        "You cannot see that room; choose one that you can.",
        (
            f"The bot cannot post in <#{closed.id}>: it lacks Embed Links there. Grant that in the "
            "channel's settings and try again."
        ),
        "Notices cannot go to that room.",
        "The room is not in this server, or the bot cannot see it.",
    ]


async def test_rights_that_are_lost_after_the_question_count(server: Server) -> None:
    said = await given(server, a_file(server, attachments=[an_entry(server)]))
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=["send_messages"])

    done = await server.press(said, "Import")

    assert done.content.startswith("Imported 0 entries.")
    assert f"You may not write in <#{server.room.id}>" in done.content
    assert await attached(server) == []


async def test_options_that_cannot_be_are_said(server: Server) -> None:
    entries = [
        an_entry(server, 1, comments="some"),
        an_entry(server, 2, mention="404"),
        an_entry(server, 2, at=server.room, comments="none", live="off"),
    ]
    entries[2]["object"] = 3
    server.workspace.objects[ObjectId(3)] = an_object(3)

    said = await given(server, a_file(server, attachments=entries))

    assert "`comments` cannot be `some`." in said.content
    assert "The role of `mention` is not in this server." in said.content
    assert "a video has only comments" in said.content


async def test_a_forum_opens_a_post_once(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    data = a_file(server, attachments=[an_entry(server, 1, at=forum)])

    await imported(server, data)
    again = await given(server, data)

    (held,) = await server.held()
    assert held.forum_id == forum.id
    assert again.content.startswith("There is nothing to import.")


async def test_what_a_follow_has_attached_becomes_ones_own(server: Server) -> None:
    await server.follow()
    server.workspace.listing.upcoming[None] = [LIVE]
    await server.bridge.following.look(await server.followed())
    assert [one.follow_id for one in await server.held()] == [1]

    await imported(server, a_file(server, attachments=[an_entry(server, 2)]))

    assert [one.follow_id for one in await server.held()] == [None]


async def test_follows_are_taken_with_their_category_and_options(server: Server) -> None:
    server.workspace.listing.known = [TALKS]
    room = str(server.room.id)
    follows = [
        {"what": "live", "category": "71", "room": room, "options": {"at_end": "announce"}},
        {"what": "videos", "category": None, "room": room, "options": {}},
        {"what": "live", "category": "72", "room": room, "options": {}},
    ]

    lines = await imported(server, a_file(server, follows=follows))

    assert rf"- A follow in <#{room}>, category “Talks \*live\*”" in lines
    assert any("The workspace has no category with this ID" in line for line in lines)
    first, second = await server.followed()
    assert (first.category, first.rules.at_end) == (TALKS, AtEnd.ANNOUNCE)
    assert second.kind is ObjectKind.VIDEO


async def test_a_follow_that_is_there_gets_other_options(server: Server) -> None:
    await server.follow()
    room = str(server.room.id)
    follows = [{"what": "live", "room": room, "options": {"at_end": "delete"}}]

    lines = await imported(server, a_file(server, follows=follows))

    assert lines[1:] == ["**Changed**: 1", f"- A follow in <#{room}>: `at_end`"]
    assert [one.rules.at_end for one in await server.followed()] == [AtEnd.DELETE]


async def test_boards_are_shown_where_their_object_is_attached(server: Server) -> None:
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    room = str(server.room.id)
    boards = [
        {"object": "2", "room": room, "view": "speaker"},
        {"object": "2", "room": str(staff.id), "view": "board"},
    ]
    data = a_file(server, attachments=[an_entry(server, 2)], boards=boards)

    first = await imported(server, data)
    second = await given(server, data)

    assert f"- The speaker's view of the questions on Show (2) in <#{room}>" in first
    nowhere = (
        f"- The board of the questions on 2 in <#{staff.id}>: Its object is not attached there."
    )
    assert nowhere in first
    (board,) = await server.store.boards.find()
    assert (board.room_id, board.view) == (server.room.id, BoardView.SPEAKER)
    assert "**As the file has it already**: 2 entries" in second.content


async def test_a_board_before_everybody_is_asked_about(server: Server) -> None:
    await server.hold(LIVE)
    boards = [{"object": "2", "room": str(server.room.id), "view": "board"}]

    said = await given(server, a_file(server, boards=boards))

    assert "the board will show the questions that viewers ask the hosts" in said.content
    assert await server.store.boards.find() == []
    await server.press(said, "Import")
    assert len(await server.store.boards.find()) == 1


async def test_the_log_is_told_where_not_everybody_reads_it_or_somebody_agreed(
    server: Server,
) -> None:
    said = await given(server, a_file(server, log_room=str(server.room.id)))

    assert "the log will show there who did what" in said.content
    await server.press(said, "Import")
    assert server.acting.log_rooms == {server.guild.id: server.room.id}


async def test_moderators_that_cannot_be_are_said(server: Server) -> None:
    everyone = await given(server, a_file(server, moderators=str(server.guild.id)))
    gone = await given(server, a_file(server, moderators="404"))

    assert "Everybody could act on comments then" in everyone.content
    assert "The moderators: Their role is not in this server." in gone.content


async def test_an_import_is_on_the_trail_with_each_change(server: Server) -> None:
    await imported(server, a_file(server, attachments=[an_entry(server, comments="public")]))

    deeds = [(one.deed, one.detail) for one in server.acting.entries]
    assert deeds == [(Deed.ATTACH, "comments: public"), (Deed.IMPORT, "1 entry of a file")]
    assert {one.actor.user_id for one in server.acting.entries} == {server.manager.id}


async def test_what_cannot_be_is_said_in_the_language_of_whoever_gives_the_file(
    server: Server,
) -> None:
    server.chat.guilds.set_client_locale(server.manager.id, "da")
    data = a_file(server, attachments=[an_entry(server), an_entry(server, 404)])

    said = await given(server, data)
    server.workspace.objects[ObjectId(1)] = replace(VIDEO, is_public=False)
    done = await server.press(said, "Import")

    assert f"- 404 i <#{server.room.id}>: Workspacet har ingen video og intet" in said.content
    assert "Det er ikke længere, som da du blev spurgt; giv kommandoen igen." in done.content
    assert "orkspace has no" not in said.content + done.content


# Any other file.


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x89PNG\r\n\x1a\n", "it is no JSON that can be read"),
        (b"[" * 9_000, "it is no JSON that can be read"),
        (b'{"version": 99}', "its `version` is not 1, the one that this bot writes"),
        (b"0" * 300_000, "it is larger than 256 KiB"),
    ],
    ids=["a picture", "very deep", "of another version", "huge"],
)
async def test_any_other_file_gets_one_sentence(server: Server, data: bytes, why: str) -> None:
    said = await given(server, data)

    assert said.content == f"This file is none of `/video export`: {why}."
    assert said.components == []


async def test_a_file_that_is_too_large_is_not_fetched(server: Server) -> None:
    people, files = server.chat.people, server.chat.files
    large, small = (people.upload("town.json", b"0" * size) for size in (300_000, 9))

    for file_id in (large, small):
        await server.reply("import", file=file_id)

    assert files.fetches == {small: 1}


async def test_a_file_of_another_server_gets_one_sentence(server: Server) -> None:
    data = json.dumps({"version": 1, "server": "5", "attachments": []}).encode()

    said = await given(server, data)

    assert said.content == "This file is of another server; its rooms are not here."


async def test_a_file_that_discord_does_not_give_is_said(server: Server) -> None:
    server.chat.files.is_away = True

    said = await given(server, b"{}")

    assert said.content.startswith("Discord did not give the file:")


async def test_hostile_words_stay_words(server: Server) -> None:
    options = {"@everyone <@1> `x`": 1}
    entry = an_entry(server) | {"title": "@everyone", "options": options}

    said = await given(server, a_file(server, attachments=[entry]))

    assert r"There is no option `\@everyone \<\@1\> \`x\``." in said.content
