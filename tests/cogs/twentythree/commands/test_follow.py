from __future__ import annotations

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
from tests.fakes.bridge import NOW, a_follow
from tests.fakes.server import LIVE, Server

TALKS = Category(category_id=CategoryId(71), title="Talks *live*")
TALK_SHOWS = Category(category_id=CategoryId(72), title="Talk shows")


@pytest.fixture
def known(server: Server) -> list[Category]:
    server.bridge.known = [TALKS, TALK_SHOWS]
    return server.bridge.known


async def test_all_live_events_are_followed_where_nothing_else_is_said(server: Server) -> None:
    text = await server.slash("follow")

    assert text.split("\n") == [
        f"Follows all live events of the workspace in <#{server.room.id}> from now on.",
        "- Comments: promoted comments only",
        "- Live: announced, nobody is mentioned",
        "- What is planned or on air is attached in a moment, what is new later.",
    ]
    (follow,) = server.bridge.followed
    assert (follow.kind, follow.category, follow.is_forum) == (ObjectKind.LIVE, None, False)
    assert (follow.guild_id, follow.room_id) == (server.guild.id, server.room.id)


async def test_what_a_first_look_could_not_do_is_said_in_the_reply_the_list_and_the_status(
    server: Server,
) -> None:
    server.bridge.look_fails = "Discord opens no post in the forum: A tag is required"

    said = await server.slash("follow")
    listed, status = await server.slash("list"), await server.slash("status")

    for text in (said, listed, status):
        assert "Discord opens no post in the forum\\: A tag is required" in text
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
    (follow,) = server.bridge.followed
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
    assert server.bridge.followed[0].kind is ObjectKind.VIDEO


async def test_following_again_changes_the_options(server: Server) -> None:
    await server.agreed("follow", comments="all")

    text = await server.slash("follow", at_end="delete")

    assert text.startswith(f"Follows all live events of the workspace in <#{server.room.id}>")
    assert "already; its options are now:" in text
    assert "- What is attached already keeps its options." in text
    (follow,) = server.bridge.followed
    assert (follow.rules.comments, follow.rules.at_end) == (CommentPolicy.ALL, AtEnd.DELETE)


async def test_a_forum_gets_a_post_for_each(server: Server) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)

    await server.slash("follow", room=forum.id)

    assert server.bridge.followed[0].is_forum


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
    assert server.bridge.followed == []


async def test_a_workspace_that_is_away_gets_its_sentence(server: Server) -> None:
    server.bridge.error = WorkspaceUnreachableError("album/list")

    assert "could not be reached" in await server.slash("follow", category="talks")
    assert await server.suggestions("follow", "", focused="category") == []


async def test_what_could_never_be_posted_is_not_followed(server: Server) -> None:
    server.chat.rooms.set_overwrites(server.room.id, server.chat.bot, deny=["send_messages"])

    assert "The bot cannot post" in await server.slash("follow")
    assert server.bridge.followed == []


@pytest.mark.usefixtures("known")
async def test_categories_are_suggested_by_title(server: Server) -> None:
    assert await server.suggestions("follow", "shows", focused="category") == [
        ("Talk shows · 72", "72")
    ]


async def test_new_videos_are_followed_without_their_comments(server: Server) -> None:
    text = await server.slash("follow", what="videos", comments="none")

    assert text.startswith("Follows all new videos of the workspace")


async def test_unfollowing_keeps_what_is_attached_unless_told_otherwise(server: Server) -> None:
    server.bridge.followed = [
        a_follow(follow_id=7, guild_id=server.guild.id, room_id=server.room.id)
    ]
    server.hold(LIVE, follow_id=7)

    text = await server.slash("unfollow", what="7")

    assert text.split("\n") == [
        f"Follows all live events of the workspace in <#{server.room.id}> no more.",
        "- 1 object that it has attached stays; `/video detach` takes them out.",
    ]
    assert (server.bridge.followed, len(server.bridge.held)) == ([], 1)


async def test_unfollowing_may_detach_what_was_attached(server: Server) -> None:
    server.bridge.followed = [
        a_follow(follow_id=7, guild_id=server.guild.id, room_id=server.room.id, category=TALKS)
    ]
    mine = server.hold(LIVE, follow_id=7)
    by_hand = server.hold()

    text = await server.slash("unfollow", what=TALKS.title.upper(), attached="detach")

    assert "- Detached 1 object that it had attached." in text
    assert server.bridge.held == [by_hand]
    assert mine not in server.bridge.held


async def test_what_nobody_follows_cannot_be_unfollowed(server: Server) -> None:
    assert "Nothing is followed in this server" in await server.slash("unfollow", what="7")

    here: dict[str, Any] = {"guild_id": server.guild.id, "room_id": server.room.id}
    server.bridge.followed = [a_follow(follow_id=7, **here)]
    assert "Choose one of the suggestions" in await server.slash("unfollow", what="8")


async def test_follows_are_suggested_with_their_rooms(server: Server) -> None:
    here: dict[str, Any] = {"guild_id": server.guild.id}
    server.bridge.followed = [
        a_follow(follow_id=7, room_id=server.room.id, **here),
        a_follow(follow_id=8, room_id=404, kind=ObjectKind.VIDEO, category=TALKS, **here),
        a_follow(follow_id=9, guild_id=404),
    ]

    assert await server.suggestions("unfollow", "", focused="what") == [
        ("Live events: everywhere · #general", "7"),
        ("Videos: Talks *live* · a deleted room", "8"),
    ]
    assert await server.suggestions("unfollow", "TALKS", focused="what") == [
        ("Videos: Talks *live* · a deleted room", "8"),
    ]


async def test_a_follow_in_a_room_that_a_member_cannot_see_is_hidden(server: Server) -> None:
    secret = server.chat.rooms.add_channel(server.guild.id, "secret")
    server.chat.rooms.set_overwrites(secret.id, server.guild.everyone, deny=["view_channel"])
    server.chat.rooms.set_overwrites(secret.id, server.chat.bot, allow=["view_channel"])
    server.bridge.followed = [a_follow(follow_id=7, guild_id=server.guild.id, room_id=secret.id)]

    assert await server.suggestions("unfollow", "", focused="what") == []
    assert "Nothing is followed" in await server.slash("unfollow", what="7")
    assert "Follows" not in await server.slash("list")


async def test_the_list_and_the_status_show_what_is_followed(server: Server) -> None:
    here: dict[str, Any] = {"guild_id": server.guild.id, "room_id": server.room.id}
    server.bridge.followed = [
        a_follow(follow_id=7, looked_at=NOW, **here),
        a_follow(follow_id=8, category=TALKS, error="The workspace *refused*.", **here),
    ]
    other = server.chat.rooms.add_channel(server.guild.id, "other")

    listed = (await server.slash("list")).split("\n")
    assert listed == [
        "**2 follows, in 1 room**",
        f"Follows all live events of the workspace in <#{server.room.id}>",
        "-# promoted comments only · live: announced, nobody is mentioned",
        rf"Follows live events in the category “Talks \*live\*” in <#{server.room.id}>",
        "-# promoted comments only · live: announced, nobody is mentioned",
        r"-# Attaches nothing now: The workspace \*refused\*.",
    ]
    assert "Follows" not in await server.slash("list", room=other.id)
    status = await server.slash("status")
    assert (
        f"- Follows in this server: 2, last looked for new ones <t:{int(NOW.timestamp())}:R>"
        in status
    )
    assert f"in <#{server.room.id}> fails: The workspace \\*refused\\*." in status


async def test_the_list_says_that_a_role_to_mention_was_deleted(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)
    await server.slash("follow", mention=fans.id)
    await server.slash("attach", id_="2", mention=fans.id)
    assert "was deleted" not in await server.slash("list")

    server.chat.guilds.delete_role(server.guild.id, fans.id)

    listed = (await server.slash("list")).split("\n")
    assert sum(line.startswith("-# The role was deleted, so nobody") for line in listed) == 2
