"""Which channels stand: refused and allowed by the real Faye, remembered over a restart."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cogs.twentythree import web
from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.domain.model import CommentPolicy, ObjectId, ObjectKind, RoomId
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.intake import Analytics, Mode
from cogs.twentythree.realtime import (
    Connected,
    Disconnected,
    MessageReceived,
    RealtimeClient,
    SubscriptionRefused,
)
from tests.fakes.bridge_house import (
    ALL,
    GUILD,
    PROMOTED,
    ROOM,
    SERVED,
    URL,
    VIDEO,
    WEBINAR,
    House,
    house,
    running,
)
from tests.fakes.faye import FayeServer
from tests.fakes.workspace import EVENTS, ROOT, row

MANY = [ObjectId(number) for number in range(101, 111)]
OTHER_ROOT = "/" + "c3" * 20


@asynccontextmanager
async def served_by(faye: FayeServer, path: Path, **options: Any) -> AsyncGenerator[House]:
    """A running bridge with real clients, and a video on that service."""
    async with web.session() as http, house(path, **options) as made:
        made.connect = lambda _: RealtimeClient(faye.url, http)
        made.workspace.add(VIDEO)
        made.workspace.addresses[VIDEO] = RealtimeAddress(url=faye.url, comments_root=ROOT)
        async with running(made):
            yield made


async def is_realtime(made: House) -> bool:
    return (await made.bridge.status(GUILD)).mode is Mode.REALTIME


def address(object_id: ObjectId) -> RealtimeAddress:
    root = f"/{object_id:040x}"
    return RealtimeAddress(url=URL, comments_root=root, events=f"{root}/events")


def promoted(object_ids: Sequence[ObjectId]) -> list[str]:
    return [f"/{object_id:040x}/promoted_json" for object_id in object_ids]


async def attached(made: House, *, kind: ObjectKind = ObjectKind.VIDEO) -> None:
    """Attach many objects, each to a room of its own."""
    for object_id in MANY:
        made.workspace.add(object_id, kind)
        made.workspace.addresses[object_id] = address(object_id)
        await made.attach(object_id, RoomId(object_id))


async def remembered(path: Path) -> None:
    """Let a run of the bridge find the channels of a video, and end."""
    async with house(path) as made, running(made):
        await (await made.served()).until_subscribed(PROMOTED)
        await made.until(lambda: has_stored(made, ROOT))


async def has_stored(made: House, root: str) -> bool:
    found = await made.store.realtime_addresses.find()
    return [one.comments_root for one in found.values()] == [root]


async def test_a_refused_channel_is_polled_over_until_the_server_allows_it(tmp_path: Path) -> None:
    async with (
        FayeServer() as faye,
        # So soon is everything looked up again that a look-up would teach it anew.
        served_by(faye, tmp_path, poll_s=0.02, reconcile_s=0.02, channel_s=0.02) as made,
    ):
        await faye.do("refuse", value=PROMOTED)
        await made.attach()
        await made.until_called("realtime", 3)
        assert not await is_realtime(made)

        await faye.do("refuse", value=None)
        await made.until(lambda: is_realtime(made))
        await faye.publish(PROMOTED, row(5))
        await made.until_said("comment 5")


async def test_what_stands_is_told_beside_what_is_wanted(tmp_path: Path) -> None:
    async with house(tmp_path, poll_s=0.01) as made:
        made.workspace.add(WEBINAR, ObjectKind.LIVE)
        made.workspace.addresses[WEBINAR] = SERVED
        await made.attach(WEBINAR, comments=CommentPolicy.ALL)
        async with running(made):
            client = await made.client()
            await client.until_subscribed(PROMOTED, ALL, EVENTS)
            before = await made.bridge.status(GUILD)
            client.tell(Connected(resumed=False), SubscriptionRefused(channel=ALL, error="403"))
            made.workspace.say(5, WEBINAR, is_promoted=True)
            await made.until_said("comment 5")
            after = await made.bridge.status(GUILD)
            held = await made.bridge.attachments()

            assert (before.channels_standing, before.channels_wanted) == (0, 3)
            assert (after.channels_standing, after.channels_wanted) == (2, 3)
            assert after.mode is Mode.POLLING
            assert made.bridge.object_status(held).channels == ("comments", "live events")


async def test_refused_channels_on_which_nothing_relies_are_asked_for_and_not_polled_over(
    tmp_path: Path,
) -> None:
    viewers = Analytics(sub_channel="viewers")
    async with house(tmp_path, analytics=viewers, channel_s=0.01) as made, running(made):
        client = await made.served(WEBINAR)
        channel = EVENTS.replace("events", "viewers")
        await client.until_subscribed(PROMOTED, EVENTS, channel)
        client.tell(Connected(resumed=False), SubscriptionRefused(channel=channel, error="500"))

        await client.until_asked(channel, times=3)
        assert await is_realtime(made)


async def test_what_is_still_to_be_looked_up_counts_as_wanted(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        await made.attach(comments=CommentPolicy.ALL)
        made.workspace.answers.clear()
        async with running(made):
            await made.until_called("realtime", 1)

            status = await made.bridge.status(GUILD)
            assert (status.channels_standing, status.channels_wanted) == (0, 2)


async def test_look_ups_do_not_wait_for_readings(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await attached(made)
        async with running(made):
            client = await made.client()
            await client.until_subscribed(*promoted(MANY))
            made.workspace.stuck = set(MANY)
            made.workspace.gate.clear()
            before = made.workspace.calls.count("comments")
            client.tell(*(MessageReceived(one, {"odd": 1}) for one in promoted(MANY)))
            # So many are read at once.
            await made.until_called("comments", before + 4)

            await made.served()
            await client.until_subscribed(PROMOTED, *promoted(MANY))


async def test_after_a_restart_all_is_listened_to_before_the_workspace_answers(
    tmp_path: Path,
) -> None:
    await remembered(tmp_path)
    async with house(tmp_path) as made:
        made.workspace.answers.clear()
        async with running(made):
            client = await made.client()
            await client.until_subscribed(PROMOTED)
            client.tell(Connected(resumed=False))
            await made.until(lambda: is_realtime(made))

    assert client.url == URL


async def test_a_changed_address_replaces_the_one_that_was_remembered(tmp_path: Path) -> None:
    await remembered(tmp_path)
    async with house(tmp_path) as made:
        made.workspace.addresses[VIDEO] = RealtimeAddress(url=URL, comments_root=OTHER_ROOT)
        async with running(made):
            await (await made.client()).until_subscribed(f"{OTHER_ROOT}/promoted_json")
            await made.until(lambda: has_stored(made, OTHER_ROOT))


async def test_a_service_that_is_away_is_looked_for_where_the_workspace_says_now(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, poll_s=0.05) as made, running(made):
        client = await made.served()
        client.tell(Connected(resumed=False))
        await made.until(lambda: is_realtime(made))
        moved = replace(made.workspace.addresses[VIDEO], url="https://moved.example/faye")
        made.workspace.addresses[VIDEO] = moved
        client.connected = False
        client.tell(Disconnected(reason="gone"))
        await made.until(lambda: made.clients[-1] is not client)
        await made.clients[-1].until_subscribed(PROMOTED)
        asked = made.workspace.calls.count("realtime")
        await made.until_called("realtime", asked + 1)

        assert made.clients[-1].url == moved.url


@pytest.mark.parametrize("fails", ["one source", "all"])
async def test_a_look_up_that_fails_takes_nothing_away_and_comes_again(
    tmp_path: Path, fails: str
) -> None:
    await remembered(tmp_path)
    async with house(tmp_path, channel_s=0.01) as made:
        workspace = made.workspace
        workspace.addresses[VIDEO] = RealtimeAddress(is_whole=False)
        if fails == "all":
            workspace.refused["realtime"] = WorkspaceUnreachableError("comment/list", "503")
        async with running(made):
            client = await made.client()
            await made.until_called("realtime", 3)
            await client.until_subscribed(PROMOTED)
            assert (await made.bridge.status(GUILD)).last_error is not None

            workspace.refused.clear()
            workspace.addresses[VIDEO] = RealtimeAddress(url=URL, comments_root=OTHER_ROOT)
            await client.until_subscribed(f"{OTHER_ROOT}/promoted_json")


async def test_the_channels_of_many_videos_are_read_from_one_list(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await attached(made)
        made.workspace.listed = {one: address(one) for one in MANY}
        async with running(made):
            await (await made.client()).until_subscribed(*promoted(MANY))

            assert made.workspace.calls.count("listed") == 1
            assert made.workspace.calls.count("realtime") == 0


async def test_of_live_events_only_their_own_changes_are_looked_up_after_a_list(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as made:
        await attached(made, kind=ObjectKind.LIVE)
        made.workspace.listed = {one: address(one) for one in MANY}
        # What the root is not taken from: it has to be handed on.
        for one in MANY:
            found = made.workspace.addresses[one]
            made.workspace.addresses[one] = replace(found, comments_root=None)
        events = [f"/{one:040x}/events" for one in MANY]
        async with running(made):
            await (await made.client()).until_subscribed(*promoted(MANY), *events)

            assert made.workspace.calls.count("realtime") == len(MANY)


async def test_what_is_attached_is_listened_to_by_what_its_comments_told(tmp_path: Path) -> None:
    async with house(tmp_path, channel_s=0.01) as made, running(made):
        workspace = made.workspace
        workspace.tells_beside = True
        workspace.refused["realtime"] = WorkspaceUnreachableError("comment/list", "503")
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        assert await made.store.realtime_addresses.find() == {}

        workspace.refused.clear()
        await made.until(lambda: has_stored(made, ROOT))


async def test_what_was_told_of_what_is_detached_is_forgotten(tmp_path: Path) -> None:
    async with house(tmp_path, channel_s=0.01) as made, running(made):
        workspace = made.workspace
        workspace.tells_beside = True
        workspace.refused["realtime"] = WorkspaceUnreachableError("comment/list", "503")
        client = await made.served()
        await client.until_subscribed(PROMOTED)
        await made.bridge.detach(ROOM, VIDEO)
        workspace.addresses[VIDEO] = RealtimeAddress(url=URL, comments_root=OTHER_ROOT)
        await made.attach()

        await client.until_subscribed(f"{OTHER_ROOT}/promoted_json")


async def test_where_no_list_tells_channels_each_object_is_looked_up(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        await attached(made)
        made.workspace.calls.clear()
        async with running(made):
            await (await made.client()).until_subscribed(*promoted(MANY))

            # All of it goes before any reading.
            calls = made.workspace.calls[: len(MANY) + 1]
            assert calls == ["listed", *["realtime"] * len(MANY)]
