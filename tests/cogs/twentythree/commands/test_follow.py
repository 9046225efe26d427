from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from cogs.twentythree.domain.following import Category
from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    CategoryId,
    CommentPolicy,
    ObjectKind,
)
from cogs.twentythree.errors import WorkspaceUnreachableError
from sandbox.chat import ChannelType
from tests.fakes.server import LIVE, Server

TALKS = Category(category_id=CategoryId(71), title="Talks *live*")
AWAY = r"The TwentyThree workspace could not be reached \(it answered 5 \*oh\* 3\); try again"
TALK_SHOWS = Category(category_id=CategoryId(72), title="Talk shows")


@pytest.fixture
def known(server: Server) -> list[Category]:
    server.workspace.listing.known = [TALKS, TALK_SHOWS]
    return server.workspace.listing.known


async def test_all_live_events_are_followed_where_nothing_else_is_said(server: Server) -> None:
    text = await server.slash("follow")

    assert text.split("\n") == [
        f"Follows all live events of the workspace in <#{server.room.id}> from now on.",
        "- Comments: promoted comments only",
        "- Live: announced, nobody is mentioned",
        "- What is planned or on air is attached in a moment, what is new later.",
    ]
    (follow,) = await server.followed()
    assert (follow.kind, follow.category, follow.is_forum) == (ObjectKind.LIVE, None, False)
    assert (follow.guild_id, follow.room_id) == (server.guild.id, server.room.id)


async def test_what_a_first_look_could_not_do_is_said_in_the_reply_the_list_and_the_status(
    server: Server,
) -> None:
    server.workspace.listing.upcoming[None] = [LIVE]
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    server.chat.fault("POST", r".*/threads", code=50013)

    said = await server.slash("follow", room=forum.id)
    listed, status = await server.slash("list"), await server.slash("status")

    for text in (said, listed, status):
        assert "Discord opens no post in the forum" in text
    assert "in a moment" not in said


@pytest.mark.usefixtures("known")
async def test_follows_that_overlap_in_a_room_are_said(server: Server) -> None:
    other = server.chat.rooms.add_channel(server.guild.id, "other")
    alone = await server.slash("follow")
    elsewhere = await server.slash("follow", category="71", room=other.id)
    videos = await server.slash("follow", category="71", what="videos")
    both = await server.slash("follow", category="71")

    for text in (alone, elsewhere, videos):
        assert "Overlaps" not in text
    assert (
        "- Overlaps: the room follows all live events of the workspace, too; what both find is "
        "attached once." in both
    )


@pytest.mark.usefixtures("known")
async def test_every_option_reaches_the_follow(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    news = server.chat.rooms.add_channel(server.guild.id, "news")

    text = await server.agreed(
        "follow",
        what="live",
        category="71",
        room=news.id,
        comments="all",
        live="on",
        mention=fans.id,
        at_end="announce",
    )

    assert r"live events in the category “Talks \*live\*”" in text
    assert "a message of its own tells of the end" in text
    (follow,) = await server.followed()
    assert (follow.room_id, follow.category) == (news.id, TALKS)
    assert follow.rules == AttachmentRules(
        comments=CommentPolicy.ALL, mention_role_id=fans.id, at_end=AtEnd.ANNOUNCE
    )


@pytest.mark.usefixtures("known")
async def test_new_videos_of_a_category_are_followed_without_live_state(server: Server) -> None:
    text = await server.slash("follow", what="videos", category="talk shows")

    assert "new videos in the category “Talk shows”" in text
    assert "- Live: not announced" in text
    assert "only new ones" in text
    assert (await server.followed())[0].kind is ObjectKind.VIDEO


async def test_following_again_changes_the_options(server: Server) -> None:
    await server.agreed("follow", comments="all")

    text = await server.slash("follow", at_end="delete")

    assert text.startswith(f"Follows all live events of the workspace in <#{server.room.id}>")
    assert "already; its options are now:" in text
    assert "- What is attached already keeps its options." in text
    (follow,) = await server.followed()
    assert (follow.rules.comments, follow.rules.at_end) == (CommentPolicy.ALL, AtEnd.DELETE)


async def test_a_forum_gets_a_post_for_each(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)

    await server.slash("follow", room=forum.id)

    assert (await server.followed())[0].is_forum


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("category", "sentence"),
    [
        ("404", "The workspace has no category with this ID"),
        ("concerts", "no category has a title like “concerts”"),
        ("talk", "more than one category has a title like “talk”"),
    ],
)
async def test_a_category_that_is_not_clear_gets_its_sentence(
    server: Server, category: str, sentence: str
) -> None:
    text = await server.slash("follow", category=category)

    assert sentence in text
    assert (await server.followed()) == []


async def test_a_workspace_that_is_away_gets_its_sentence(server: Server) -> None:
    server.workspace.down = WorkspaceUnreachableError("album/list")

    assert "could not be reached" in await server.slash("follow", category="talks")
    assert await server.suggestions("follow", "", focused="category") == []


async def test_what_could_never_be_posted_is_not_followed(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["send_messages"])

    assert "The bot cannot post" in await server.slash("follow")
    assert (await server.followed()) == []


@pytest.mark.usefixtures("known")
async def test_categories_are_suggested_by_title(server: Server) -> None:
    assert await server.suggestions("follow", "shows", focused="category") == [
        ("Talk shows · 72", "72")
    ]


async def test_new_videos_are_followed_without_their_comments(server: Server) -> None:
    text = await server.slash("follow", what="videos", comments="none")

    assert text.startswith("Follows all new videos of the workspace")


async def test_unfollowing_keeps_what_is_attached_unless_told_otherwise(server: Server) -> None:
    server.workspace.listing.upcoming[None] = [LIVE]
    await server.slash("follow")
    (follow,) = await server.followed()

    text = await server.slash("unfollow", what=str(follow.follow_id))

    assert text.split("\n") == [
        f"Follows all live events of the workspace in <#{server.room.id}> no more.",
        "- 1 object that it has attached stays; `/video detach` takes them out.",
    ]
    assert (await server.followed(), len(await server.held())) == ([], 1)


@pytest.mark.usefixtures("known")
async def test_unfollowing_may_detach_what_was_attached(server: Server) -> None:
    server.workspace.listing.upcoming[TALKS.category_id] = [LIVE]
    await server.slash("follow", category="71")
    (mine,) = await server.held()
    by_hand = await server.hold()

    text = await server.slash("unfollow", what=TALKS.title.upper(), attached="detach")

    assert "- Detached 1 object that it had attached." in text
    assert await server.held() == [by_hand]
    assert mine.object == LIVE


async def test_what_nobody_follows_cannot_be_unfollowed(server: Server) -> None:
    assert "Nothing is followed in this server" in await server.slash("unfollow", what="7")

    follow = await server.follow()
    other = str(follow.follow_id + 1)
    assert "Choose one of the suggestions" in await server.slash("unfollow", what=other)


async def test_follows_are_suggested_with_their_rooms(server: Server) -> None:
    here = await server.follow()
    gone = await server.follow(room_id=404, kind=ObjectKind.VIDEO, category=TALKS)
    await server.follow(guild_id=404, room_id=405)

    of_gone = ("Videos: Talks *live* · a deleted room", str(gone.follow_id))
    assert await server.suggestions("unfollow", "", focused="what") == [
        ("Live events: everywhere · #general", str(here.follow_id)),
        of_gone,
    ]
    assert await server.suggestions("unfollow", "TALKS", focused="what") == [of_gone]


async def test_a_follow_in_a_room_that_a_member_cannot_see_is_hidden(server: Server) -> None:
    secret = server.chat.rooms.add_channel(server.guild.id, "secret")
    server.chat.rooms.set_overwrites(secret.id, server.guild.everyone, deny=["view_channel"])
    server.chat.rooms.set_overwrites(secret.id, server.chat.bot, allow=["view_channel"])
    follow = await server.follow(secret)

    assert await server.suggestions("unfollow", "", focused="what") == []
    what = str(follow.follow_id)
    assert "Nothing is followed" in await server.slash("unfollow", what=what)
    assert "Follows" not in await server.slash("list")


async def test_the_list_and_the_status_show_what_is_followed(server: Server) -> None:
    whole = await server.follow()
    # Whenever this one is looked for, as at the start, it is refused.
    server.workspace.refused["videos 10"] = WorkspaceUnreachableError("photo/list", "5 *oh* 3")
    talks = await server.follow(kind=ObjectKind.VIDEO, category=TALKS)
    await server.until_looked(whole, talks)
    other = server.chat.rooms.add_channel(server.guild.id, "other")

    listed = (await server.slash("list")).split("\n")
    assert listed == [
        "**2 follows, in 1 room**",
        f"Follows all live events of the workspace in <#{server.room.id}>",
        "-# promoted comments only · live: announced, nobody is mentioned",
        rf"Follows new videos in the category “Talks \*live\*” in <#{server.room.id}>",
        "-# promoted comments only · live: announced, nobody is mentioned",
        rf"-# Attaches nothing now: {AWAY} in a minute.",
    ]
    assert "Follows" not in await server.slash("list", room=other.id)
    status = await server.slash("status")
    assert re.search(r"- Follows in this server: 2, last looked for new ones <t:\d+:R>", status)
    assert f"in <#{server.room.id}> fails: {AWAY} in a minute." in status


async def test_the_list_says_that_a_role_to_mention_was_deleted(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    await server.slash("follow", mention=fans.id)
    await server.slash("attach", id_="2", mention=fans.id)
    assert "was deleted" not in await server.slash("list")

    server.chat.guilds.delete_role(server.guild.id, fans.id)

    listed = (await server.slash("list")).split("\n")
    assert sum(line.startswith("-# The role was deleted, so nobody") for line in listed) == 2


async def test_what_several_change_at_once_is_all_changed(server: Server) -> None:
    await server.follow()
    given: list[dict[str, Any]] = [
        {"comments": "public"},
        {"at_end": "delete"},
        {"actions": "on"},
    ]

    await asyncio.gather(*(server.slash("follow", **one) for one in given))

    (held,) = await server.followed()
    assert held.rules == AttachmentRules(
        comments=CommentPolicy.PUBLIC, at_end=AtEnd.DELETE, has_actions=True
    )
