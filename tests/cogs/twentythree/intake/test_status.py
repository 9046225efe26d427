"""What is wrong on the way in, as a bridge between a fake workspace and a real store sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.commands.status import overall
from cogs.twentythree.domain.model import CommentPolicy, GuildId, ObjectId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.errors import (
    AccessDeniedError,
    NothingToHearError,
    UnreadableAnswerError,
)
from cogs.twentythree.intake import WantedAttachment
from cogs.twentythree.realtime import Connected, Disconnected, MessageReceived, SubscriptionRefused
from tests.fakes.bridge_house import (
    GUILD,
    PROMOTED,
    ROOM,
    URL,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)
from tests.fakes.workspace import row

OTHER_GUILD = GuildId(2)
NOW = datetime.now(UTC)


def kinds(made: House) -> set[Kind]:
    return set(made.bridge.faults(GUILD))


async def until(made: House, *wanted: Kind) -> dict[Kind, Fault]:
    await made.until(lambda: kinds(made) == set(wanted))
    return made.bridge.faults(GUILD)


async def test_what_is_wrong_is_told_to_the_servers_that_it_concerns(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.02, reconcile_s=0.02) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Connected(resumed=False))
        await until(made)

        made.workspace.refused["comments"] = UnreadableAnswerError("comment/list")
        found = await until(made, Kind.UNREADABLE)
        assert (found[Kind.UNREADABLE].count, found[Kind.UNREADABLE].total) == (1, 1)
        made.workspace.refused["comments"] = AccessDeniedError("comment/list")
        found = await until(made, Kind.READING_FAILS)
        assert "higher permission level" in found[Kind.READING_FAILS].said
        assert made.bridge.faults(GUILD, VIDEO) == found
        assert made.bridge.faults(GUILD, WEBINAR) == {}
        made.workspace.refused.clear()
        await until(made)

        client.tell(Disconnected(reason="closed"))
        await until(made, Kind.REALTIME_AWAY)
        client.tell(Connected(resumed=False))
        await until(made)

        assert made.bridge.faults(OTHER_GUILD) == {}
        assert [one.room_id for one in made.bridge.remembered(GUILD)] == [ROOM]
        assert made.bridge.remembered(OTHER_GUILD) == []


async def test_realtime_that_never_came_is_away_after_some_seconds(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        found = await until(made, Kind.CONNECTING)
        assert (found[Kind.CONNECTING].count, found[Kind.CONNECTING].total) == (0, 1)
        made.advance(11)

        assert kinds(made) == {Kind.REALTIME_AWAY}


async def test_a_message_that_holds_and_names_no_comment_is_not_understood(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Connected(resumed=False))
        renamed = {("id" if key == "comment_id" else key): value for key, value in row(5).items()}
        client.tell(MessageReceived(PROMOTED, renamed))
        client.tell(MessageReceived(PROMOTED, renamed))
        await made.until(
            lambda: made.bridge.faults(GUILD).get(Kind.NOT_UNDERSTOOD) == Fault(count=2)
        )
        # It says which comment is gone: that is understood.
        client.tell(MessageReceived(PROMOTED, row(6)))
        client.tell(MessageReceived(PROMOTED, {"comment_id": 6, "deleted_p": True}))
        await until(made)


async def test_a_channel_that_is_refused_and_one_that_is_not_named_are_told_apart(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Connected(resumed=False))
        client.tell(SubscriptionRefused(channel=PROMOTED, error="403"))
        await until(made, Kind.CHANNELS_REFUSED)
    async with house(tmp_path / "..", poll_s=0.02) as made, running(made):
        made.workspace.add(VIDEO)
        made.workspace.addresses[VIDEO] = RealtimeAddress(url=URL)
        await made.attach()
        await until(made, Kind.NO_CHANNELS)


async def test_a_diagnosis_says_at_once_that_there_is_nothing_to_hear(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        client.tell(Disconnected(reason="closed"))
        await until(made, Kind.REALTIME_AWAY)

        with pytest.raises(
            NothingToHearError, match="Realtime is not connected, so nothing can be"
        ):
            await made.bridge.diagnose(VIDEO, 300)
        made.workspace.addresses[VIDEO] = RealtimeAddress(url=URL)
        with pytest.raises(NothingToHearError, match="names no realtime channel"):
            await made.bridge.diagnose(VIDEO, 300)


async def test_whoever_attached_last_is_the_first_to_be_told(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        for object_id, user_id in ((7, 5), (8, 6), (9, 5)):
            made.workspace.add(object_id)
            made.advance(60)
            wanted = WantedAttachment(
                object_id=ObjectId(object_id), guild_id=GUILD, room_id=ROOM, attached_by=user_id
            )
            await made.bridge.attach(wanted)

        assert await made.bridge.people() == {GUILD: [5, 6]}


@pytest.mark.parametrize("is_private", [True, False])
async def test_what_waits_for_people_is_told_as_no_backlog(
    tmp_path: Path, *, is_private: bool
) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        await made.attach(comments=CommentPolicy.ALL)
        await made.ingest(made.workspace.say(1, VIDEO))
        info = made.workspace.objects[VIDEO]
        await made.store.memory.refresh_object(replace(info, is_public=not is_private), NOW)
        made.advance(3_600)

        state = await made.bridge.status(GUILD)
        assert state.pending == 1
        said = overall(state, [])
        assert ("have waited for long" in said or "has waited for long" in said) is not is_private


async def test_after_the_work_began_anew_nobody_is_told_of_the_connection_before(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made:
        async with running(made):
            client = await made.served()
            client.tell(Connected(resumed=False))
            await until(made)
        assert made.metric("twentythree_realtime_connected") == 0
        assert (await made.bridge.status(GUILD)).connected_since is None

        async with running(made):
            await until(made, Kind.REALTIME_AWAY)
