from collections.abc import AsyncGenerator
from typing import Any

import discord
import pytest

from cogs.twentythree.delivery import cautions, missing
from cogs.twentythree.delivery.permissions import is_usable
from tests.fakes.discord_rest import (
    BOT_ID,
    GUILD_ID,
    ROLE_ID,
    DiscordRest,
    channel,
    guild,
    logged_in,
)

TEXT, CATEGORY, NEWS, THREAD, FORUM = 0, 4, 5, 11, 15
P = discord.Permissions
ROLE = {"color": 0, "hoist": False, "position": 1, "managed": False, "mentionable": False}


@pytest.fixture
async def client() -> AsyncGenerator[discord.Client]:
    async with logged_in(DiscordRest()) as client:
        yield client


def thread(*, is_locked: bool = False, parent: int = 1) -> dict[str, Any]:
    return {
        "id": "2",
        "parent_id": str(parent),
        "owner_id": "1",
        "name": "thread",
        "type": THREAD,
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2030-01-01T00:00:00+00:00",
            "locked": is_locked,
        },
    }


def room(client: discord.Client, kind: int, allow: P, **values: Any) -> tuple[discord.Member, Any]:
    found = guild(client, channel(1, kind, allow=allow.value), **values)
    return found.me, found.get_channel_or_thread(2 if "threads" in values else 1)


@pytest.mark.parametrize("kind", [TEXT, NEWS])
def test_a_channel_needs_three_permissions(client: discord.Client, kind: int) -> None:
    me, found = room(client, kind, P.none())
    assert missing(found, me) == ["View Channel", "Embed Links", "Send Messages"]

    me, found = room(client, kind, P(view_channel=True, send_messages=True))
    assert missing(found, me) == ["Embed Links"]

    me, found = room(client, kind, P(view_channel=True, send_messages=True, embed_links=True))
    assert missing(found, me) == []


def test_a_thread_needs_the_permission_for_threads(client: discord.Client) -> None:
    me, found = room(
        client,
        TEXT,
        P(view_channel=True, send_messages=True, embed_links=True),
        threads=[thread()],
    )

    assert missing(found, me) == ["Send Messages in Threads"]


def test_a_locked_thread_needs_the_permission_to_manage_it(client: discord.Client) -> None:
    allow = P(view_channel=True, send_messages_in_threads=True, embed_links=True)
    me, found = room(client, TEXT, allow, threads=[thread(is_locked=True)])

    assert missing(found, me) == ["Manage Threads"]


def test_a_forum_needs_the_permissions_for_its_posts(client: discord.Client) -> None:
    me, found = room(client, FORUM, P(view_channel=True, send_messages=True, embed_links=True))
    assert missing(found, me) == ["Send Messages in Threads"]

    me, found = room(client, FORUM, P(view_channel=True, send_messages_in_threads=True))
    assert missing(found, me) == ["Embed Links", "Create Posts"]


def overwrite(target: int, kind: int, *, allow: bool) -> dict[str, Any]:
    bits = str(P(embed_links=True).value)
    given = {"allow": bits, "deny": "0"} if allow else {"allow": "0", "deny": bits}
    return {"id": str(target), "type": kind, **given}


@pytest.mark.parametrize("kind", [TEXT, FORUM])
def test_who_may_not_write_but_embed_lacks_only_the_writing(
    client: discord.Client, kind: int
) -> None:
    allow = P(view_channel=True, embed_links=True, send_messages_in_threads=True)
    me, found = room(client, kind, allow)

    assert missing(found, me) in (["Send Messages"], ["Create Posts"])


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ([], ["Embed Links"]),
        ([(GUILD_ID, 0, True)], []),
        ([(GUILD_ID, 0, True), (ROLE_ID, 0, False)], ["Embed Links"]),
        ([(GUILD_ID, 0, False), (ROLE_ID, 0, True)], []),
        ([(ROLE_ID, 0, True), (BOT_ID, 1, False)], ["Embed Links"]),
        ([(ROLE_ID, 0, False), (BOT_ID, 1, True)], []),
    ],
)
def test_embedding_is_granted_by_whoever_says_it_last(
    client: discord.Client, said: list[tuple[int, int, bool]], lacking: list[str]
) -> None:
    overwrites = [overwrite(target, kind, allow=allow) for target, kind, allow in said]
    made = guild(client, channel(1, permission_overwrites=overwrites))
    found = made.get_channel(1)
    assert isinstance(found, discord.TextChannel)

    assert [name for name in missing(found, made.me) if name == "Embed Links"] == lacking


def test_an_administrator_lacks_nothing(client: discord.Client) -> None:
    roles = [
        {"id": str(id_), "name": "r", "permissions": str(P(administrator=True).value), **ROLE}
        for id_ in (GUILD_ID, ROLE_ID)
    ]
    denied = [overwrite(GUILD_ID, 0, allow=False)]
    made = guild(client, channel(1, permission_overwrites=denied), roles=roles)
    found = made.get_channel(1)
    assert isinstance(found, discord.TextChannel)

    assert missing(found, made.me) == []


def test_without_the_history_there_is_a_caution(client: discord.Client) -> None:
    me, found = room(client, TEXT, P(view_channel=True))
    (sentence,) = cautions(found, me)
    assert "Read Message History" in sentence

    me, found = room(client, TEXT, P(view_channel=True, read_message_history=True))
    assert cautions(found, me) == []


def test_only_rooms_for_text_are_usable(client: discord.Client) -> None:
    everything = P(view_channel=True, send_messages=True, embed_links=True)
    me, category = room(client, CATEGORY, everything)
    assert not is_usable(category, me)

    me, text = room(client, TEXT, everything)
    assert is_usable(text, me)


def test_a_thread_whose_channel_is_unknown_may_be_usable(client: discord.Client) -> None:
    me, found = room(client, TEXT, P.none(), threads=[thread(parent=777)])

    assert is_usable(found, me)
