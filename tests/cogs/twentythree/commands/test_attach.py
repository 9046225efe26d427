from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.domain.barring import Pause
from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    CommentPolicy,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.errors import WorkspaceUnreachableError
from sandbox.chat import ChannelType
from tests.fakes.bridge import NOW
from tests.fakes.server import LIVE, SITE, Server


async def test_attaching_here_says_what_will_be_posted(server: Server) -> None:
    text = await server.slash("attach", id_="1")

    assert text.split("\n") == [
        rf"Attached [A \*talk\*](<{SITE}/talk>) to <#{server.room.id}>.",
        "- Comments: promoted comments only",
        "- Live: not announced",
        "- Comments that are there already are not posted, only what comes from now on.",
    ]
    (wanted,) = server.bridge.wanted
    assert (wanted.object_id, wanted.guild_id) == (1, server.guild.id)
    assert (wanted.room_id, wanted.forum_id) == (server.room.id, None)
    assert wanted.rules == RulesAsked()
    assert wanted.attached_by == server.manager.id


async def test_every_option_reaches_the_bridge(server: Server) -> None:
    news = server.chat.rooms.add_channel(server.guild.id, "news", ChannelType.ANNOUNCEMENT)
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)

    for number in range(1, 31):
        server.workspace.say(number, 2)

    text = await server.agreed(
        "attach",
        id_=f"{SITE}/live/2",
        room=news.id,
        comments="all",
        live="on",
        mention=fans.id,
        max_age=24,
        backfill=20,
        at_end="delete",
    )

    (wanted,) = server.bridge.wanted
    assert (wanted.object_id, wanted.room_id, wanted.backfill) == (2, news.id, 20)
    assert wanted.rules == RulesAsked(
        comments=CommentPolicy.ALL,
        announces_live=True,
        mention_role_id=fans.id,
        max_age_s=86_400,
        at_end=AtEnd.DELETE,
    )
    assert "- Comments that wait: after 24 hours one notice that counts them" in text
    assert (
        f"- Live: announced, <@&{fans.id}> is mentioned at the start; "
        "the messages are deleted at the end" in text
    )
    assert "unpromoted questions included" in text
    assert "- Back-fill: 20 comments on the way." in text


async def test_a_title_that_was_typed_out_is_found(server: Server) -> None:
    assert (await server.slash("attach", id_="show")).startswith("Attached [Show]")


async def test_attaching_again_says_what_changed(server: Server) -> None:
    await server.slash("attach", id_="2")

    changed = await server.slash("attach", id_="2", comments="none", backfill=5)
    same = await server.slash("attach", id_="2")

    assert changed.split("\n") == [
        f"[Show](<{SITE}/>) was attached to <#{server.room.id}> already; changed:",
        "- Comments: no comments (before: promoted comments only)",
        "- Back-fill: only when an object is attached for the first time.",
    ]
    assert same.endswith("already; nothing changed.")
    assert len(await server.held()) == 1


async def test_attaching_again_can_take_the_mention_away(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    await server.slash("attach", id_="2", mention=fans.id)

    text = await server.slash("attach", id_="2", no_mention=True)

    assert "- Live: announced, nobody is mentioned (before: announced, <@&" in text
    assert server.bridge.wanted[-1].rules.mentions_nobody


async def test_somebody_and_nobody_cannot_both_be_mentioned(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)

    text = await server.slash("attach", id_="2", mention=fans.id, no_mention=True)

    assert "leave one of them out" in text
    assert server.bridge.wanted == []


async def test_attaching_again_changes_the_age_limit_and_keeps_it(server: Server) -> None:
    await server.slash("attach", id_="2", comments="public")

    never = await server.slash("attach", id_="2", max_age=0)
    same = await server.slash("attach", id_="2", comments="public")
    hour = await server.slash("attach", id_="2", max_age=1)

    counted = "one notice that counts them"
    assert f"- Comments that wait: posted however late (before: after 6 hours {counted})" in never
    assert same.endswith("already; nothing changed.")
    assert f"- Comments that wait: after 1 hour {counted} (before: posted however late)" in hour
    assert "1 hour" in await server.slash("list")


async def test_an_option_that_can_have_no_effect_is_pointed_out(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)

    text = await server.slash(
        "attach", id_="1", comments="promoted", mention=fans.id, max_age=3, at_end="announce"
    )

    assert "`at_end` is about live events" in text
    assert "Nobody is mentioned" in text
    assert "`max_age` has nothing to do here" in text


@pytest.mark.parametrize(
    ("id_", "options"),
    [
        ("1", {"comments": "none", "live": "off"}),
        ("1", {"comments": "none"}),
        ("2", {"comments": "none", "live": "off"}),
    ],
)
async def test_asking_for_nothing_at_all_is_refused(
    server: Server, id_: str, options: dict[str, Any]
) -> None:
    text = await server.slash("attach", id_=id_, **options)

    assert "nothing would ever be posted" in text
    assert ("live state" in text) == (id_ == "2")
    assert "detach" not in text
    assert server.bridge.wanted == []


async def test_what_is_left_by_and_by_must_be_something(server: Server) -> None:
    await server.slash("attach", id_="2", live="off")

    text = await server.slash("attach", id_="2", comments="none")

    assert "nothing would ever be posted" in text
    assert len(server.bridge.wanted) == 1


async def test_a_video_is_never_live(server: Server) -> None:
    text = await server.slash("attach", id_="1", live="on")

    assert text == "A video is never live; leave `live` out."
    assert server.bridge.wanted == []


async def test_a_workspace_that_is_away_gets_its_sentence(server: Server) -> None:
    server.workspace.down = WorkspaceUnreachableError("photo/list")

    text = await server.slash("attach", id_="1")

    assert "could not be reached (no answer); try again in a minute" in text


async def test_a_failure_nobody_thought_of_gets_one_clear_sentence(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.workspace.down = RuntimeError("an inner detail")

    text = await server.slash("attach", id_="1")

    assert text.startswith("Something went wrong inside the bot during `/video attach`")
    assert "detail" not in text
    assert "an inner detail" in caplog.text


async def test_a_room_where_the_bot_may_not_post_is_refused_by_name(server: Server) -> None:
    everyone = server.guild.everyone
    server.chat.rooms.set_overwrites(
        server.room.id, server.chat.bot, deny=["embed_links", "send_messages"]
    )
    server.chat.rooms.set_overwrites(server.room.id, everyone, deny=["add_reactions"])

    text = await server.slash("attach", id_="1")

    assert f"The bot cannot post in <#{server.room.id}>" in text
    assert "Embed Links" in text
    assert "Send Messages" in text
    assert server.bridge.wanted == []


async def test_a_member_cannot_have_the_bot_write_where_they_may_not(server: Server) -> None:
    rules = server.chat.rooms.add_channel(server.guild.id, "rules")
    server.chat.rooms.set_overwrites(rules.id, server.manager, deny=["send_messages"])

    text = await server.slash("attach", id_="1", room=rules.id)

    assert f"You may not write in <#{rules.id}>" in text
    assert server.bridge.wanted == []


async def test_a_member_who_manages_a_room_may_attach_without_writing_there(
    server: Server,
) -> None:
    rules = server.chat.rooms.add_channel(server.guild.id, "rules")
    server.chat.rooms.set_overwrites(
        rules.id, server.manager, deny=["send_messages"], allow=["manage_channels"]
    )

    assert (await server.slash("attach", id_="1", room=rules.id)).startswith("Attached")


async def test_everyone_is_never_mentioned(server: Server) -> None:
    text = await server.slash("attach", id_="2", mention=server.guild.id)

    assert text.startswith("The bot does not mention everyone")


async def test_a_role_that_the_bot_cannot_mention_is_refused(server: Server) -> None:
    staff = server.chat.guilds.add_role(server.guild.id, "staff")

    text = await server.slash("attach", id_="2", mention=staff.id)

    assert f"The bot cannot mention <@&{staff.id}>" in text
    assert server.bridge.wanted == []


async def test_a_role_that_the_member_cannot_mention_is_refused(server: Server) -> None:
    staff = server.chat.guilds.add_role(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, allow=["mention_everyone"])

    text = await server.slash("attach", id_="2", mention=staff.id)

    assert f"You may not mention <@&{staff.id}>" in text

    server.chat.rooms.set_overwrites(server.room.id, server.manager, allow=["mention_everyone"])
    assert (await server.slash("attach", id_="2", mention=staff.id)).startswith("Attached")


async def test_a_thread_is_a_room(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "talk", with_bot=True)

    assert f"to <#{thread.id}>" in await server.slash("attach", id_="1", room=thread.id)


@pytest.mark.parametrize("kind", [ChannelType.VOICE, ChannelType.STAGE])
async def test_the_chat_of_a_voice_channel_is_a_room(server: Server, kind: ChannelType) -> None:
    voice = server.chat.rooms.add_channel(server.guild.id, "lounge", kind)

    assert f"to <#{voice.id}>" in await server.slash("attach", id_="1", room=voice.id)
    assert f"to <#{voice.id}>" in await server.slash("attach", id_="2", at=voice)


async def test_whoever_may_not_join_a_voice_channel_does_not_write_there(server: Server) -> None:
    voice = server.chat.rooms.add_channel(server.guild.id, "lounge", ChannelType.VOICE)
    server.chat.rooms.set_overwrites(voice.id, server.chat.bot, deny=["connect"])

    text = await server.slash("attach", id_="1", room=voice.id)

    assert "it lacks Connect there" in text


async def test_a_media_channel_gets_a_post_that_is_the_room(server: Server) -> None:
    media = server.chat.rooms.add_channel(server.guild.id, "clips", ChannelType.MEDIA)

    await server.slash("attach", id_="2", room=media.id)

    (wanted,) = server.bridge.wanted
    assert wanted.forum_id == media.id
    assert server.chat.messages(wanted.room_id)


async def test_an_archived_thread_is_a_room(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "old talk", with_bot=True)
    server.chat.rooms.archive(thread.id)

    assert f"to <#{thread.id}>" in await server.slash("attach", id_="1", room=thread.id)


async def test_a_private_thread_needs_the_bot_in_it(server: Server) -> None:
    thread = server.chat.rooms.add_thread(
        server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager
    )

    text = await server.slash("attach", at=thread, id_="1")

    assert "private thread" in text
    assert server.bridge.wanted == []


async def test_a_server_that_has_the_commands_only_is_told_how_to_invite_the_bot(
    server: Server,
) -> None:
    other = server.chat.guilds.add_guild("Village", with_bot=False)
    square = server.chat.rooms.add_channel(other.id, "square")

    text = await server.slash("attach", by=server.chat.owner, at=square, id_="1")

    assert text.startswith("The bot is not a member of this server, which has only its commands")


async def test_a_private_thread_that_the_bot_is_not_in_says_how_to_add_it(
    server: Server,
) -> None:
    thread = server.chat.rooms.add_thread(
        server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager
    )

    text = await server.slash("attach", id_="1", room=thread.id)

    assert f"The bot is not in the private thread <#{thread.id}>; mention it there" in text


async def test_a_locked_thread_is_said_to_be_locked(server: Server) -> None:
    thread = server.chat.rooms.add_thread(server.room.id, "old talk", with_bot=True)
    server.chat.rooms.archive(thread.id, is_locked=True)

    text = await server.slash("attach", id_="1", room=thread.id)

    assert text.startswith(f"The thread <#{thread.id}> is locked; unlock it")
    assert server.bridge.wanted == []


async def test_a_private_thread_is_a_room_for_its_members_only(server: Server) -> None:
    thread = server.chat.rooms.add_thread(
        server.room.id, "plans", ChannelType.PRIVATE_THREAD, owner=server.manager, with_bot=True
    )
    server.chat.fault("GET", r".*/thread-members/.*", status=404)
    stranger = server.member("stranger", "manage_guild")

    refused = await server.slash("attach", id_="1", room=thread.id)
    hidden = await server.slash("attach", by=stranger, id_="1", room=thread.id)
    server.chat.faults.clear()
    keeper = server.member("keeper", "manage_guild", "manage_threads")
    kept = await server.slash("attach", by=keeper, id_="1", room=thread.id)
    taken = await server.slash("attach", id_="1", room=thread.id)

    assert refused == hidden == "You cannot see that room; choose one that you can."
    assert f"to <#{thread.id}>" in kept
    assert f"to <#{thread.id}> already" in taken


async def test_a_forum_gets_a_post_that_is_the_room(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)

    text = await server.slash("attach", id_="2", room=forum.id)
    again = await server.agreed("attach", id_="2", room=forum.id, comments="all")

    first, second = server.bridge.wanted
    assert first.forum_id == forum.id
    assert first.room_id == second.room_id != forum.id
    assert f"to <#{first.room_id}>" in text
    assert "changed:" in again
    assert server.chat.messages(first.room_id)
    post = server.guild.channels[first.room_id].thread
    assert post is not None
    assert not post.is_archived


async def test_a_forum_does_not_mind_where_else_the_object_is(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    await server.hold(LIVE)

    assert (await server.slash("attach", id_="2", room=forum.id)).startswith("Attached")
    assert len(await server.held()) == 2


async def test_a_post_that_cannot_be_taken_back_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    server.chat.fault("DELETE", r".*/channels/\d+", status=400)

    server.workspace.refused["comments"] = WorkspaceUnreachableError("comment/list")
    await server.slash("attach", id_="2", room=forum.id)

    assert "a post without an attachment stays" in caplog.text


async def test_attaching_again_in_a_paused_room_says_so(server: Server) -> None:
    await server.hold(LIVE, pause=Pause(reason="lacks Embed Links", since=NOW))

    assert "- Paused now: lacks Embed Links" in await server.slash("attach", id_="2")


async def test_a_post_that_was_deleted_is_opened_anew(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    await server.slash("attach", id_="2", room=forum.id)
    (held,) = await server.held()
    server.chat.rooms.delete_channel(held.room_id)

    text = await server.slash("attach", id_="2", room=forum.id)

    assert text.startswith("Attached")
    assert [a.room_id for a in (await server.held())] == [server.bridge.wanted[-1].room_id]
    assert held.room_id != server.bridge.wanted[-1].room_id


@pytest.mark.parametrize("may_delete", [True, False])
async def test_a_post_is_taken_back_when_attaching_fails(
    server: Server, *, may_delete: bool
) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    if may_delete:
        server.chat.rooms.set_overwrites(forum.id, server.chat.bot, allow=["manage_threads"])

    server.workspace.refused["comments"] = WorkspaceUnreachableError("comment/list")
    text = await server.slash("attach", id_="2", room=forum.id)

    assert "could not be reached" in text
    posts = [c.thread for c in server.guild.channels.values() if c.parent_id == forum.id]
    assert [post and post.is_archived for post in posts] == ([] if may_delete else [True])


async def test_a_post_that_discord_refuses_gets_its_sentence(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    server.chat.fault("POST", r".*/threads", code=50013)

    text = await server.slash("attach", id_="2", room=forum.id)

    assert text == rf"<#{forum.id}>: Discord opens no post in the forum\: Missing Permissions"
    assert server.bridge.wanted == []


async def test_without_history_the_bot_says_what_works_less_well(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["read_message_history"])

    assert "Read Message History" in await server.slash("attach", id_="1")


async def test_the_same_object_lives_in_several_rooms_with_its_own_rules(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    await server.agreed("attach", id_="2", comments="all")
    await server.slash("attach", id_="2", comments="none", room=other.id)

    rules = {a.room_id: a.rules for a in (await server.held())}
    assert rules == {
        server.room.id: AttachmentRules(comments=CommentPolicy.ALL),
        other.id: AttachmentRules(comments=CommentPolicy.NONE),
    }


async def test_words_of_ones_own_are_previewed_and_taken_back(server: Server) -> None:
    said = await server.slash("attach", id_="2", text="Now: {title} <@&5> {url}")

    assert "- Words at the start: “Now\\: {title} \\<\\@&5\\> {url}”" in said.split("\n")
    assert "- A start will say: Now: Show <@&5> <https://" in said
    (held,) = await server.held()
    assert held.rules.start_text == "Now: {title} <@&5> {url}"
    said = await server.slash("attach", id_="2", no_text=True)
    assert "- Words at the start: as usual (before: “Now" in said
    (held,) = await server.held()
    assert held.rules.start_text == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"text": "{name}"},
            (
                "`text` cannot be that. Braces stand around a place only: {title}, {start}, {url}, "
                "{speakers}."
            ),
        ),
        (
            {"text": "Now", "no_text": True},
            "`text` and `no_text` cannot both be; leave one of them out.",
        ),
    ],
)
async def test_words_that_cannot_be_are_refused(
    server: Server, options: dict[str, Any], said: str
) -> None:
    assert await server.slash("attach", id_="2", **options) == said
    assert await server.held() == []
