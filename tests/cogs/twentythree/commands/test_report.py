"""The report of an object, asked for by people in a server."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import CommentPolicy
from cogs.twentythree.domain.rules_asked import RulesAsked
from sandbox.chat import Channel, ChannelType, Reply
from tests.fakes.bridge import an_object
from tests.fakes.discord_contract import judge
from tests.fakes.questions import act, ask, question
from tests.fakes.server import LIVE, VIDEO, Server

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ACTING = RulesAsked(comments=CommentPolicy.ALL, has_actions=True)


async def asked(server: Server, count: int = 2, *, is_promoted: bool = False) -> None:
    """Attach an event with actions, and have viewers ask; the first is answered."""
    await server.hold(LIVE, rules=ACTING)
    for number in range(1, count + 1):
        await ask(server.store, LIVE.object_id, number, LONG_AGO, is_promoted=is_promoted)
    first = question(LIVE.object_id, 1, LONG_AGO, is_promoted=is_promoted)
    # What was done long ago is forgotten at the next pruning, whenever that comes.
    now = datetime.now(UTC)
    await act(server.store, Action.ANSWER, first, at=now, guild_id=server.guild.id)


def rows(server: Server, shown: Reply) -> list[list[str]]:
    (file,) = shown.attachments
    assert file["filename"] == "questions.csv"
    text = server.chat.file(file).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


async def test_a_report_is_for_ones_own_eyes_with_the_questions_as_a_file(server: Server) -> None:
    await asked(server)

    shown = await server.reply("report", id_="2")

    assert shown.ephemeral
    (embed,) = shown.embeds
    assert embed["title"] == "Show"
    assert "2 questions · 1 answered" in embed["description"]
    assert "Question 2?" in embed["description"]
    assert rows(server, shown)[1:] == [
        ["2000-01-01T00:00:01Z", "Ada", "Question 1?", "answered", "Mo (answer)"],
        ["2000-01-01T00:00:02Z", "Ada", "Question 2?", "open", ""],
    ]
    assert server.chat.messages(server.room.id) == []
    judge(server.chat.posts)


async def test_without_a_question_there_is_no_file(server: Server) -> None:
    await server.hold(VIDEO)

    shown = await server.reply("report", id_="1")

    assert "questions are kept where `actions` are on" in shown.embeds[0]["description"]
    assert shown.attachments == []


async def test_a_report_is_posted_where_it_is_wanted(server: Server) -> None:
    await asked(server, is_promoted=True)
    other = server.chat.rooms.add_channel(server.guild.id, "other")

    text = await server.slash("report", id_="2", room=other.id)

    (posted,) = server.chat.messages(other.id)
    assert "Question 2?" in posted.embeds[0]["description"]
    assert [one["filename"] for one in posted.attachments] == ["questions.csv"]
    assert text.startswith("Posted the report of [Show](")
    assert str(posted.id) in text
    assert not posted.pings_everyone
    judge(server.chat.posts)


async def test_where_files_may_not_be_attached_there_are_none(server: Server) -> None:
    await asked(server, is_promoted=True)
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["attach_files"])

    await server.slash("report", id_="2", room=server.room.id)

    (posted,) = server.chat.messages(server.room.id)
    assert posted.attachments == []
    assert "Question 2?" in posted.embeds[0]["description"]


async def test_what_viewers_asked_in_private_is_posted_before_everybody_only_if_agreed(
    server: Server,
) -> None:
    await asked(server)

    question = await server.reply("report", id_="2", room=server.room.id)

    assert question.content == (
        f"Everybody in this server sees <#{server.room.id}>, and the report will show there what "
        "viewers have asked the hosts in private."
    )
    assert server.chat.messages(server.room.id) == []
    done = await server.press(question, "Post anyway")
    assert done.content.startswith("Posted the report")
    assert len(server.chat.messages(server.room.id)) == 1


async def test_what_is_gone_by_the_press_is_not_posted(server: Server) -> None:
    await asked(server)
    offer = await server.reply("report", id_="2", room=server.room.id)
    second = question(LIVE.object_id, 2, LONG_AGO)
    now = datetime.now(UTC)
    await act(server.store, Action.DELETE, second, at=now, guild_id=server.guild.id)

    await server.press(offer, "Post anyway")

    (posted,) = server.chat.messages(server.room.id)
    assert "Question 2?" not in posted.embeds[0]["description"]
    assert b"Question 2?" not in server.chat.file(posted.attachments[0])


async def test_what_nobody_was_asked_about_is_not_posted_at_the_press(server: Server) -> None:
    await asked(server, is_promoted=True)
    server.workspace.objects[LIVE.object_id] = replace(LIVE, is_public=False)
    await server.agreed("attach", id_="2")
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    offer = await server.reply("report", id_="2", room=other.id)
    assert "will be visible in" in offer.content
    assert "asked the hosts in private" not in offer.content
    await ask(server.store, LIVE.object_id, 3, LONG_AGO)

    done = await server.press(offer, "Post anyway")

    assert done.content == "It is not as it was when you were asked; give the command again."
    assert server.chat.messages(other.id) == []


async def test_a_room_that_not_everybody_sees_gets_it_at_once(server: Server) -> None:
    await asked(server)
    staff = a_staff_room(server)

    assert "Posted" in await server.slash("report", id_="2", room=staff.id)


def a_staff_room(server: Server) -> Channel:
    staff = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(staff.id, server.guild.everyone, deny=["view_channel"])
    for one in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(staff.id, one, allow=["view_channel"])
    return staff


async def test_what_is_not_public_is_posted_only_if_agreed(server: Server) -> None:
    private = replace(an_object(9, title="Secret"), is_public=False)
    staff = a_staff_room(server)
    await server.hold(private, is_agreed=True, is_agreed_for_all=True)

    question = await server.reply("report", id_="9", room=staff.id)
    here = await server.reply("report", id_="9", room=server.room.id)

    assert "will be visible" in question.content
    assert here.content.startswith("Posted")


async def test_whoever_may_not_write_in_the_room_has_nothing_posted_there(server: Server) -> None:
    await asked(server, is_promoted=True)
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=["send_messages"])

    text = await server.slash("report", id_="2", room=server.room.id)

    assert text.startswith(f"You may not write in <#{server.room.id}>")
    assert server.chat.messages(server.room.id) == []


async def test_in_a_forum_it_goes_to_the_post_of_its_object(server: Server) -> None:
    await asked(server, is_promoted=True)
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    missing = await server.slash("report", id_="2", room=forum.id)
    post = server.chat.rooms.add_thread(forum.id, "show", with_bot=True)
    await server.hold(LIVE, at=post, forum_id=forum.id)

    await server.slash("report", id_="2", room=forum.id)

    assert "has no open post in" in missing
    assert len(server.chat.messages(post.id)) == 1


async def test_only_what_the_member_may_know_of_has_a_report(server: Server) -> None:
    await server.hold(LIVE, guild_id=1)
    hidden = server.chat.rooms.add_channel(server.guild.id, "hidden")
    server.chat.rooms.set_overwrites(hidden.id, server.manager, deny=["view_channel"])
    await server.hold(VIDEO, at=hidden)

    for id_ in ("1", "2", "404"):
        text = await server.slash("report", id_=id_)
        assert text == "This is not attached in this server; `/video list` shows what is."


async def test_a_title_of_two_objects_is_asked_about(server: Server) -> None:
    for object_id in (7, 8):
        await server.hold(an_object(object_id, title="Talk"))

    assert "fits more than one object" in await server.slash("report", id_="Talk")


async def test_a_refusal_of_discord_is_told(server: Server) -> None:
    await asked(server, is_promoted=True)
    path = f"/channels/{server.room.id}/messages"
    server.chat.fault("POST", path, code=200000)

    text = await server.slash("report", id_="2", room=server.room.id)

    assert text.startswith(f"Discord did not take the report in <#{server.room.id}>")
