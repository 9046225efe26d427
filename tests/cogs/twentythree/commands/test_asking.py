"""What is asked before something is shown that not everybody may see."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import discord
import pytest

from cogs.twentythree.commands import CommandContext, replies
from cogs.twentythree.domain.model import CommentPolicy, ObjectId
from cogs.twentythree.errors import StorageError
from sandbox.chat import ChannelType
from tests.fakes.bridge import an_object
from tests.fakes.server import LIVE, VIDEO, Server

PRIVATE = replace(LIVE, is_public=False)
UNPUBLISHED = replace(VIDEO, is_public=False)


@pytest.fixture(autouse=True)
def _private(server: Server) -> None:
    server.workspace.objects |= {one.object_id: one for one in (PRIVATE, UNPUBLISHED)}


@pytest.mark.parametrize(
    ("id_", "what"), [("2", "event is private"), ("1", "video is not published")]
)
async def test_what_is_not_public_is_attached_only_when_somebody_agrees(
    server: Server, id_: str, what: str
) -> None:
    question = await server.reply("attach", id_=id_)

    assert question.ephemeral
    assert question.content == (
        f"This {what}; its title, picture and link will be visible in <#{server.room.id}>."
    )
    assert server.bridge.wanted == []

    done = await server.press(question, "Attach anyway")

    assert done.content.startswith("Attached")
    assert [one.is_agreed for one in server.bridge.wanted] == [True]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("vimeo.com/3", "This link is of vimeo.com, not of the workspace."),
        ("open house", "“open house” is only a part of a title."),
    ],
)
async def test_what_may_be_another_object_is_attached_only_when_somebody_agrees(
    server: Server, typed: str, why: str
) -> None:
    server.workspace.objects[ObjectId(3)] = an_object(
        3, title="The open house", url="https://v.test/"
    )

    question = await server.reply("attach", id_=typed)

    assert question.content == f"{why} Attach [The open house](<https://v.test/>) (3)?"
    assert server.bridge.wanted == []

    await server.press(question, "Attach anyway")

    assert [one.object_id for one in server.bridge.wanted] == [3]


async def test_a_link_of_another_site_is_called_one_where_the_workspace_has_nothing_like_it(
    server: Server,
) -> None:
    said = await server.slash("attach", id_="vimeo.com/4711")

    assert said == (
        "This link is of vimeo.com, not of the workspace. Type an ID or a title, or paste a link."
    )
    own = await server.slash("attach", id_="watch.example.org/4711")
    assert own.startswith("The workspace has no video or live event with this ID")


async def test_cancelling_attaches_nothing(server: Server) -> None:
    done = await server.press(await server.reply("attach", id_="2"), "Cancel")

    assert done.content == "Cancelled; nothing was changed."
    assert server.bridge.wanted == []


async def test_who_agreed_is_not_asked_again(server: Server) -> None:
    await server.agreed("attach", id_="2")

    assert "already; nothing changed." in await server.slash("attach", id_="2")


async def test_an_object_that_was_public_when_it_was_attached_is_asked_about(
    server: Server,
) -> None:
    server.workspace.objects[LIVE.object_id] = LIVE
    await server.hold(LIVE)
    server.workspace.objects[LIVE.object_id] = PRIVATE

    assert "event is private" in await server.slash("attach", id_="2")
    assert server.bridge.wanted == []


async def test_a_post_is_opened_only_when_somebody_agreed(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)

    question = await server.reply("attach", id_="2", room=forum.id)
    assert [c for c in server.guild.channels.values() if c.parent_id == forum.id] == []

    assert (await server.press(question, "anyway")).content.startswith("Attached")


async def test_whoever_may_not_any_more_is_refused_at_the_press(server: Server) -> None:
    question = await server.reply("attach", id_="2")
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=["send_messages"])

    done = await server.press(question, "anyway")

    assert done.content.startswith(f"You may not write in <#{server.room.id}>")
    assert server.bridge.wanted == []


async def test_a_room_that_is_hidden_meanwhile_is_refused_at_the_press(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "film")
    question = await server.reply("attach", id_="2", room=other.id)
    server.chat.rooms.set_overwrites(other.id, server.manager, deny=["view_channel"])

    assert "You cannot see that room" in (await server.press(question, "anyway")).content
    assert server.bridge.wanted == []


async def test_a_question_that_nobody_answers_says_that_nothing_was_done(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    views: list[discord.ui.View] = []
    really_open = CommandContext.open

    def open_(context: CommandContext, view: discord.ui.View) -> discord.ui.View:
        views.append(view)
        return really_open(context, view)

    monkeypatch.setattr(CommandContext, "open", open_)
    question = await server.reply("attach", id_="2")

    await views[0].on_timeout()

    shown = server.chat.people.reply(question.interaction_id)
    assert "Nobody answered within five minutes, so nothing was done" in shown.content
    assert shown.components == []


async def test_a_failure_behind_the_button_gets_one_clear_sentence(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    question = await server.reply("attach", id_="2")
    server.workspace.down = RuntimeError("an inner detail")

    done = await server.press(question, "anyway")

    assert done.content.startswith("Something went wrong inside the bot")
    assert "an inner detail" in caplog.text


async def test_a_sample_of_what_is_not_public_asks_too(server: Server) -> None:
    question = await server.reply("test", id_="2")
    assert "will be visible" in question.content
    assert server.chat.messages(server.room.id) == []

    await server.press(question, "Post anyway")

    assert len(server.chat.messages(server.room.id)) == 1


# Questions that only hosts see.


async def test_all_comments_of_an_event_in_a_room_that_everybody_sees_are_asked_about(
    server: Server,
) -> None:
    server.workspace.objects[LIVE.object_id] = LIVE

    question = await server.reply("attach", id_="2", comments="all")

    assert question.content == (
        f"Everybody in this server sees <#{server.room.id}>, and with `comments: all` it will "
        "show the questions that viewers ask the hosts in private."
    )
    assert server.bridge.wanted == []
    await server.press(question, "anyway")
    assert server.bridge.wanted[0].rules.comments is CommentPolicy.ALL
    assert not server.bridge.wanted[0].is_agreed
    assert "nothing changed" in await server.slash("attach", id_="2", comments="all")


async def test_attaching_again_with_all_comments_asks(server: Server) -> None:
    server.workspace.objects[LIVE.object_id] = LIVE
    await server.slash("attach", id_="2")

    assert "Everybody in this server" in await server.slash("attach", id_="2", comments="all")
    assert len(server.bridge.wanted) == 1


async def test_following_with_all_comments_asks_once(server: Server) -> None:
    question = await server.reply("follow", comments="all")
    assert "Everybody in this server" in question.content
    assert (await server.followed()) == []

    await server.press(question, "Follow anyway")

    assert len(await server.followed()) == 1
    assert "already" in await server.slash("follow", comments="all")


async def test_both_questions_are_one(server: Server) -> None:
    question = await server.reply("attach", id_="2", comments="all")

    assert "event is private" in question.content
    assert "Everybody in this server" in question.content
    assert (await server.press(question, "anyway")).content.startswith("Attached")


@pytest.mark.parametrize(("id_", "comments"), [("2", "promoted"), ("1", "all")])
async def test_nothing_is_asked_where_nothing_is_private(
    server: Server, id_: str, comments: str
) -> None:
    server.workspace.objects |= {one.object_id: one for one in (LIVE, VIDEO)}

    assert (await server.slash("attach", id_=id_, comments=comments)).startswith("Attached")


async def test_a_room_that_not_everybody_sees_may_have_all_comments(server: Server) -> None:
    server.workspace.objects[LIVE.object_id] = LIVE
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(staff.id, server.guild.everyone, deny=["view_channel"])
    for one in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(staff.id, one, allow=["view_channel"])

    text = await server.slash("attach", id_="2", room=staff.id, comments="all")

    assert text.startswith("Attached")


async def test_who_has_agreed_is_asked_again_where_everybody_sees_the_room_by_now(
    server: Server,
) -> None:
    staff, everyone = server.chat.rooms.add_channel(server.guild.id, "staff"), server.guild.everyone
    server.chat.rooms.set_overwrites(staff.id, everyone, deny=["view_channel"])
    for one in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(staff.id, one, allow=["view_channel"])
    await server.press(await server.reply("attach", id_="2", room=staff.id), "Attach anyway")
    assert (await server.slash("attach", id_="2", room=staff.id)).endswith("nothing changed.")

    server.chat.rooms.set_overwrites(staff.id, everyone, allow=["view_channel"])

    for command in ("attach", "test", "report"):
        asked = await server.slash(command, id_="2", room=staff.id)
        assert asked.startswith("This event is private"), command
    await server.press(await server.reply("attach", id_="2", room=staff.id), "Attach anyway")
    assert (await server.slash("attach", id_="2", room=staff.id)).endswith("nothing changed.")


async def test_a_database_that_is_away_at_the_press_is_told_without_its_place(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    question = await server.reply("attach", id_="2")
    server.bridge.store_error = StorageError("The database /srv/bot.db cannot be used.")

    done = await server.press(question, "Attach anyway")

    assert done.content == "The bot's database cannot be used now; its log says why."
    assert "/srv/bot.db" in caplog.text


async def test_what_takes_longer_than_discord_waits_after_a_press_is_given_up_and_said(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await server.reply("attach", id_="2")
    monkeypatch.setattr(replies, "_LONGEST_S", 0.2)
    server.workspace.answers.clear()

    done = await server.press(question, "Attach anyway")

    assert done.content.startswith("This took longer than Discord waits for an answer")
    assert await server.held() == []


async def test_an_answer_whose_acknowledgement_was_lost_may_be_given_once_more(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    question = await server.reply("attach", id_="2")
    assert question.message_id is not None
    (yes, _) = question.components[0]["components"]
    server.chat.fault("POST", r".*/callback", status=404)
    caplog.set_level(logging.DEBUG, "twentythree.commands")

    people = server.chat.people
    pressing = asyncio.create_task(
        people.click(server.manager.id, question.message_id, yes["custom_id"])
    )
    async with asyncio.timeout(30):
        while "could not acknowledge" not in caplog.text:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0)
    pressing.cancel()
    assert server.bridge.wanted == []
    done = await server.press(question, "Attach anyway")

    assert done.content.startswith("Attached")
    assert len(server.bridge.wanted) == 1
    assert [one.message for one in caplog.records if one.exc_info] == []
