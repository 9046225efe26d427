"""Which servers get anything, and what is not public any more."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from cogs.twentythree.api import FoundObject
from cogs.twentythree.domain.barring import Bar, Membership, Servers
from cogs.twentythree.domain.batching import Draft
from cogs.twentythree.domain.deeds import LogNotice
from cogs.twentythree.domain.model import (
    CommentPolicy,
    GuildId,
    LiveObservation,
    ObjectId,
    ObjectKind,
    ProgrammeNotice,
    RoomId,
    Source,
)
from cogs.twentythree.errors import (
    NotPublicError,
    UnknownObjectError,
    WorkspaceUnreachableError,
)
from cogs.twentythree.intake import Mode, WantedFollow
from cogs.twentythree.storage.tables import notices
from tests.fakes.bridge_house import (
    GUILD,
    OTHER,
    PROMOTED,
    ROOM,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)

AWAY = GuildId(2)
FILM = ObjectId(70)
DAY_S = 86_400
NOW = datetime.now(UTC)
QUICK = {"poll_s": 0.05, "reconcile_s": 0.05, "upkeep_s": 0.05, "spacing_s": 0.0}


@asynccontextmanager
async def two_servers(path: Path, **options: Any) -> AsyncGenerator[House]:
    """A video attached here, and a film attached in another server."""
    async with house(path, **options) as made:
        made.workspace.add(VIDEO)
        made.workspace.add(FILM)
        await made.attach(VIDEO, comments=CommentPolicy.ALL)
        await made.attach(FILM, OTHER, guild_id=AWAY, comments=CommentPolicy.ALL)
        made.workspace.calls.clear()
        yield made


async def titles(made: House, room: RoomId) -> list[str]:
    """Return under which titles notices wait that may be sent."""
    waiting = [one.notice for one in (await made.store.outbox.work(room)).pending]
    return [one.object.title for one in waiting if not isinstance(one, ProgrammeNotice | LogNotice)]


async def bars(made: House) -> list[Bar | None]:
    return [one.bar for one in await made.bridge.attachments()]


def a_follow_in(guild_id: GuildId, kind: ObjectKind = ObjectKind.VIDEO) -> WantedFollow:
    return WantedFollow(
        kind=kind, category=None, guild_id=guild_id, room_id=RoomId(90 + guild_id), followed_by=5
    )


# Servers.


async def test_nothing_is_read_or_sent_on_the_account_of_a_server_that_may_not_use_the_workspace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_servers(tmp_path, **QUICK) as made:
        waits = made.workspace.say(5, FILM)
        await made.store.memory.ingest(FILM, [waits], source=Source.REALTIME, now=NOW)
        made.bridge.servers = Servers(frozenset({GUILD}))

        await made.bridge.know_servers(Membership(present=frozenset({GUILD, AWAY})))
        made.workspace.say(6, VIDEO)
        made.workspace.say(7, FILM)
        async with running(made):
            await made.until_said("comment 6")
            await made.until_called("comments", 3)

        assert await made.said(OTHER) == []
        assert OTHER not in await made.store.outbox.rooms_with_work()
        assert await bars(made) == [None, Bar.NOT_ALLOWED]
        assert "server 2 gets nothing now" in caplog.text

        made.bridge.servers = Servers(frozenset({GUILD, AWAY}))
        await made.bridge.know_servers(Membership(present=frozenset({GUILD, AWAY})))
        assert OTHER in made.woken
        async with running(made):
            await made.until_said("comment 5", "comment 7", room=OTHER)


async def test_an_object_that_only_a_barred_server_has_is_not_listened_to(tmp_path: Path) -> None:
    async with house(tmp_path) as made, running(made):
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        made.bridge.servers = Servers(frozenset())

        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))

        await client.until_subscribed()
        assert made.bridge.states.channels() == frozenset()


async def test_each_server_is_told_of_its_own_only(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as made:
        comments = [made.workspace.say(number, FILM) for number in range(1, 31)]
        await made.store.memory.ingest(FILM, comments, source=Source.REALTIME, now=NOW)
        made.workspace.delete(*range(1, 31))
        made.workspace.refused["comments"] = UnknownObjectError("comment/list")
        known = made.bridge.states.get(FILM)
        assert known is not None
        known.failed(UnknownObjectError("comment/list"))
        known.event_at = NOW

        here, there = await made.bridge.status(GUILD), await made.bridge.status(AWAY)

        assert (here.pending, here.lag_s, here.last_event_at, here.last_error) == (
            0,
            None,
            None,
            None,
        )
        assert there.pending == 30
        assert there.last_event_at == NOW
        assert there.last_error is not None


async def test_what_an_object_is_listened_for_on_the_account_of_others_is_not_told(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made, running(made):
        await made.served(WEBINAR, announces_live=True, comments=CommentPolicy.NONE)
        await made.attach(WEBINAR, OTHER, guild_id=AWAY, announces_live=False)
        held = await made.bridge.attachments(guild_id=AWAY)
        await made.until_looked_up([WEBINAR])

        assert made.bridge.object_status(held).channels == ("comments",)


async def test_a_server_that_removed_the_bot_is_kept_for_seven_days(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_servers(tmp_path) as made:
        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))
        assert await bars(made) == [None, Bar.GONE]
        assert "server 2 gets nothing now: The bot is no longer in the server" in caplog.text

        made.advance(6 * DAY_S)
        assert await made.store.barred_servers.forget(NOW + timedelta(days=6 - 7)) == (
            frozenset(),
            frozenset(),
        )
        await made.bridge.know_servers(Membership(present=frozenset({GUILD, AWAY})))

        assert await bars(made) == [None, None]
        assert (await made.bridge.status(AWAY)).mode is Mode.POLLING


async def test_of_servers_that_discord_has_not_told_of_nothing_is_concluded(tmp_path: Path) -> None:
    of_another_shard = Membership(present=frozenset({GUILD}), told=frozenset({1}), shards=2)
    of_its_own = Membership(present=frozenset({GUILD}), told=frozenset({0, 1}), shards=2)
    async with two_servers(tmp_path) as made:
        await made.bridge.know_servers(of_another_shard)
        assert await bars(made) == [None, None]

        await made.bridge.know_servers(of_its_own)
        assert await bars(made) == [None, Bar.GONE]

        # As after the next start, before all shards are there.
        await made.bridge.know_servers(of_another_shard)
        assert await bars(made) == [None, Bar.GONE]


async def test_after_that_all_that_it_had_is_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_servers(tmp_path, **QUICK) as made:
        comment = made.workspace.say(5, FILM)
        await made.store.memory.ingest(FILM, [comment], source=Source.REALTIME, now=NOW)
        await made.bridge.follow(a_follow_in(AWAY))
        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))
        made.advance(7 * DAY_S + 1)

        async def is_forgotten() -> bool:
            return await made.store.barred_servers.find() == frozenset()

        async with running(made):
            await made.until(is_forgotten)

        assert "server 2 is forgotten" in caplog.text
        assert [one.guild_id for one in await made.bridge.attachments()] == [GUILD]
        assert await made.bridge.follows() == []
        assert (await made.store.upkeep.counts()).pending == 0
        assert await made.store.memory.ground(FILM) is None


async def test_follows_of_a_barred_server_are_not_run(tmp_path: Path) -> None:
    async with house(tmp_path, follow_s=0.05) as made:
        await made.bridge.follow(a_follow_in(AWAY))
        await made.bridge.follow(a_follow_in(GUILD, kind=ObjectKind.LIVE))
        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))

        async with running(made):
            await made.workspace.until_called("events", 2)

        assert not any(call.startswith("videos") for call in made.workspace.calls)


# Objects that are not public any more.


@asynccontextmanager
async def shown_in_two_rooms(path: Path, object_id: ObjectId = VIDEO) -> AsyncGenerator[House]:
    """An object in a room where nobody agreed, and in one where somebody did."""
    async with house(path, **QUICK) as made:
        kind = ObjectKind.LIVE if object_id == WEBINAR else ObjectKind.VIDEO
        made.workspace.add(object_id, kind)
        await made.attach(object_id, ROOM, comments=CommentPolicy.ALL)
        turn(made, object_id, is_public=False, title="Secret before")
        await made.attach(object_id, OTHER, comments=CommentPolicy.ALL, is_agreed=True)
        turn(made, object_id, is_public=True, title="Talk")
        await made.store.memory.refresh_object(made.workspace.objects[object_id], NOW)
        made.told.clear()
        yield made


def turn(made: House, object_id: ObjectId = VIDEO, **values: Any) -> None:
    made.workspace.objects[object_id] = replace(made.workspace.objects[object_id], **values)
    if object_id == WEBINAR:
        made.workspace.live_states[object_id] = LiveObservation(
            object_id=object_id,
            is_broadcasting=False,
            is_public=made.workspace.objects[object_id].is_public,
        )


async def test_what_nobody_agreed_to_show_is_refused_and_nothing_stored(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        turn(made, is_public=False)

        with pytest.raises(NotPublicError, match="private or unpublished now"):
            await made.attach()

        assert await made.bridge.attachments() == []


@pytest.mark.parametrize("object_id", [VIDEO, WEBINAR])
async def test_an_object_that_turns_private_is_paused_where_nobody_agreed_and_that_is_told_once(
    tmp_path: Path, object_id: ObjectId
) -> None:
    async with shown_in_two_rooms(tmp_path, object_id) as made:
        turn(made, object_id, is_public=False, title="Secret", picture_url="https://x.example/1")
        async with running(made):
            await made.until(lambda: bool(made.told))
            made.workspace.say(5, object_id)
            await made.until_said("comment 5", room=OTHER)
            await made.until_called("find", made.workspace.calls.count("find") + 2)

        (told,) = made.told
        assert (told.room_id, told.bar, told.object.title) == (ROOM, Bar.NOT_PUBLIC, "Talk")
        assert told.pause is not None
        assert "attach it again and agree" in told.pause.reason
        assert await titles(made, ROOM) == []
        assert await titles(made, OTHER) == ["Secret"]
        assert ROOM not in await made.store.outbox.rooms_with_work()
        shown = {one.room_id: one.object.title for one in await made.bridge.attachments()}
        assert shown == {ROOM: "Talk", OTHER: "Secret"}


@pytest.mark.parametrize("beside", [1, 9], ids=["each by itself", "by one list"])
async def test_of_what_is_talked_about_it_is_soon_known_that_it_is_private(
    tmp_path: Path, beside: int
) -> None:
    async with house(tmp_path, **(QUICK | {"upkeep_s": 3_600})) as made:
        others = [ObjectId(FILM + more) for more in range(beside)]
        for object_id in (VIDEO, *others):
            made.workspace.add(object_id)
            await made.attach(object_id, RoomId(object_id), comments=CommentPolicy.ALL)
        async with running(made):
            await made.until_looked_up([VIDEO, *others])
            for object_id in (VIDEO, *others):
                turn(made, object_id, is_public=False)
            made.workspace.say(5, VIDEO)
            await made.until(lambda: bool(made.told))
            await made.until_called("find", made.workspace.calls.count("find") + 2)

        assert [one.object.object_id for one in made.told] == [VIDEO]


async def test_what_turned_private_while_it_was_attached_to_another_room_is_looked_at(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, **(QUICK | {"upkeep_s": 3_600})) as made:
        made.workspace.add(VIDEO)
        await made.attach(VIDEO, comments=CommentPolicy.ALL)
        async with running(made):
            await made.until_called("find", 2)
            found = FoundObject(info=made.workspace.objects[VIDEO])
            turn(made, is_public=False)
            await made.attach(VIDEO, OTHER, comments=CommentPolicy.ALL, found=found)
            await made.until(lambda: bool(made.told))

        assert await bars(made) == [Bar.NOT_PUBLIC, Bar.NOT_PUBLIC]


async def test_that_it_is_on_air_now_waits_until_it_is_known_what_it_is(tmp_path: Path) -> None:
    async with shown_in_two_rooms(tmp_path, WEBINAR) as made:
        turn(made, WEBINAR, is_public=False)
        made.workspace.live_states[WEBINAR] = LiveObservation(
            object_id=WEBINAR, is_broadcasting=True, is_public=False
        )
        made.workspace.refused["find"] = WorkspaceUnreachableError("live/list", "503")
        async with running(made):
            await made.until_called("find", made.workspace.calls.count("find") + 2)
            assert await made.said() == []
            del made.workspace.refused["find"]
            await made.until_said("live live", room=OTHER)

        assert [one.room_id for one in made.told] == [ROOM]
        assert ROOM not in await made.store.outbox.rooms_with_work()


async def test_it_is_taken_up_under_its_new_title_once_it_is_public_again(tmp_path: Path) -> None:
    async with shown_in_two_rooms(tmp_path) as made:
        turn(made, is_public=False, title="Secret")
        async with running(made):
            await made.until(lambda: bool(made.told))
            made.workspace.say(5, VIDEO)
            await made.until_said("comment 5", room=OTHER)
            made.woken.clear()
            turn(made, is_public=True, title="Out now")
            await made.until_said("comment 5")
            # The room is woken after what is for it was stored.
            await made.until(lambda: ROOM in made.woken)

        assert await titles(made, ROOM) == ["Out now"]
        assert await bars(made) == [None, None]


async def test_it_is_taken_up_where_somebody_attaches_it_again_and_agrees(tmp_path: Path) -> None:
    async with shown_in_two_rooms(tmp_path) as made:
        turn(made, is_public=False, title="Secret")
        async with running(made):
            await made.until(lambda: bool(made.told))
            with pytest.raises(NotPublicError):
                await made.attach()
            await made.attach(is_agreed=True)
            made.workspace.say(5, VIDEO)
            await made.until_said("comment 5")

        assert await titles(made, ROOM) == ["Secret"]
        assert await bars(made) == [None, None]


async def test_what_comes_meanwhile_waits_and_what_is_taken_away_goes_at_once(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, **QUICK) as made:
        made.workspace.add(VIDEO)
        await made.attach(comments=CommentPolicy.ALL)
        made.workspace.say(5, VIDEO)
        async with running(made):
            await made.until_said("comment 5")
            (queued,) = (await made.store.outbox.work(ROOM)).pending
            draft = Draft(nonce="n", body="{}")
            batch = await made.store.outbox.start_batch(ROOM, [queued], draft=draft, now=NOW)
            assert batch is not None
            await made.store.outbox.settle(batch.batch_id, message_id=1, shown=None, now=NOW)
            turn(made, is_public=False, title="Secret")
            await made.until(lambda: bool(made.told))
            made.workspace.say(6, VIDEO)
            made.workspace.change(5, text="Edited")

            async def is_edited() -> bool:
                return bool((await made.store.outbox.work(ROOM)).stale)

            await made.until(is_edited)
            assert await made.said() == []
            assert "Secret" not in str(await made.store.outbox.work(ROOM))

            turn(made, is_public=True)
            await made.until_said("comment 6")


async def test_attaching_elsewhere_what_is_private_now_pauses_the_rooms_that_did_not_agree(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        await made.attach()
        turn(made, is_public=False, title="Secret")

        await made.attach(room=OTHER, is_agreed=True)

        assert [one.room_id for one in made.told] == [ROOM]
        assert await bars(made) == [Bar.NOT_PUBLIC, None]


async def test_a_card_that_is_out_keeps_the_title_of_before(tmp_path: Path) -> None:
    async with shown_in_two_rooms(tmp_path, WEBINAR) as made:
        soon = replace(made.workspace.live_states[WEBINAR], scheduled_at=NOW + timedelta(hours=1))
        await made.store.broadcasts.ingest(soon, now=NOW)
        secret = replace(made.workspace.objects[WEBINAR], is_public=False, title="Secret")
        await made.store.memory.refresh_object(secret, NOW)
        await made.store.broadcasts.ingest(replace(soon, is_broadcasting=True), now=NOW)

        assert "Secret" not in await every_payload(made, ROOM)
        assert "Secret" in await every_payload(made, OTHER)

        await made.store.memory.refresh_object(
            replace(secret, is_public=True, title="Out now"), NOW
        )
        assert await titles(made, ROOM) == ["Out now"]


async def every_payload(made: House, room: RoomId) -> str:
    """Return all that is stored to be said in a room, whether it may be sent or not."""

    def read(connection: Connection) -> str:
        found = select(notices.c.payload).where(notices.c.room_id == room)
        return "".join(connection.scalars(found))

    return await made.store._database.read(read)
