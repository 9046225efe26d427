from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, RealtimeAddress, WorkspaceClient
from cogs.twentythree.domain.model import ObjectId, ObjectInfo, ObjectKind
from cogs.twentythree.errors import AccessDeniedError, WorkspaceUnreachableError
from tests.cogs.twentythree.api.recorded import answer, body
from tests.fakes.site import ScriptedSite, page, status

ROOT = "/0123456789abcdef0123456789abcdef01234567"
EVENTS = "/89abcdef0123456789abcdef0123456789abcdef/events"
SERVICE = "https://realtime.example.com/faye"
COMMENTS, PHOTOS, LIVES = "/api/2/comment/list", "/api/2/photo/list", "/api/2/live/list"
LOG, V1_REALTIME = "/api/2/live/log", "/api/live/realtime"
DENIED = {"status": "error", "code": "permission_denied", "message": "No"}

VIDEO = ObjectInfo(object_id=ObjectId(800100), kind=ObjectKind.VIDEO, title="v", url="https://v")
LIVE = ObjectInfo(object_id=ObjectId(700001), kind=ObjectKind.LIVE, title="l", url="https://l")

Seek = Callable[..., Any]

MANY = [replace(VIDEO, object_id=ObjectId(number)) for number in range(1, 6)]


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        made.answer("/api/2/site/get", page({"site_id": 1}))
        yield made


@pytest.fixture
async def seek(site: ScriptedSite) -> AsyncIterator[Seek]:
    async with aiohttp.ClientSession() as http:

        async def sought(
            obj: ObjectInfo, version: Any = "auto", root: str | None = None
        ) -> RealtimeAddress:
            config = ApiConfig(site_url=site.url, version=version, attempts=1)
            return await WorkspaceClient(http, config).realtime(obj, root=root)

        yield sought


async def test_both_channels_of_a_live_event_are_found(site: ScriptedSite, seek: Seek) -> None:
    site.answer(COMMENTS, answer("v2_comment_list.json"))
    site.answer(LOG, answer("v2_live_log.json"))

    found = await seek(LIVE)

    # The comments' own address comes first.
    assert found == RealtimeAddress(
        url="https://realtime.23video.com/faye",
        comments_root=ROOT,
        events=EVENTS,
    )
    assert site.queries(COMMENTS)[0]["include_realtime_p"] == "1"


async def test_a_root_that_is_known_is_not_asked_for(site: ScriptedSite, seek: Seek) -> None:
    site.answer(LOG, answer("v2_live_log.json"))

    found = await seek(LIVE, root=ROOT)

    assert (found.comments_root, found.events) == (ROOT, EVENTS)
    assert COMMENTS not in site.paths()


async def test_a_video_has_no_events(site: ScriptedSite, seek: Seek) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE, realtime_channel=f"{ROOT}/all_json"))

    found = await seek(VIDEO)

    assert found == RealtimeAddress(url=SERVICE, comments_root=ROOT)
    assert site.paths() == ["/api/2/site/get", COMMENTS]


async def test_the_channel_may_be_in_a_row_of_the_comments(site: ScriptedSite, seek: Seek) -> None:
    row = {"comment_id": 1, "object_id": "800100", "realtime_channel": ROOT}
    site.answer(COMMENTS, page(row, realtime_url=SERVICE))

    assert (await seek(VIDEO)).comments_root == ROOT


@pytest.mark.parametrize(
    ("obj", "path", "row"),
    [(VIDEO, PHOTOS, {"photo_id": 800100}), (LIVE, LIVES, {"live_id": "700001"})],
)
async def test_else_the_channel_is_a_property_of_the_object(
    site: ScriptedSite, seek: Seek, obj: ObjectInfo, path: str, row: dict[str, Any]
) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE))
    site.answer(path, page(row | {"realtime_channel": ROOT}))

    found = await seek(obj)

    assert (found.url, found.comments_root) == (SERVICE, ROOT)


async def test_else_version_1_is_asked_for_the_property(site: ScriptedSite, seek: Seek) -> None:
    site.answer(COMMENTS, page())
    site.answer(PHOTOS, page({"photo_id": 800100}))
    site.answer("/api/photo/list", body("v1_photo_list.txt"))

    found = await seek(VIDEO)

    assert found.comments_root == "/aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
    # This workspace is on loopback, so the real service cannot be meant.
    assert found.url is None


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_configured_version_is_never_left(
    site: ScriptedSite, seek: Seek, version: str
) -> None:
    await_both = {"1": "/api/", "2": "/api/2/"}
    for method, key in (("comment/list", "data"), ("live/list", "data"), ("live/log", "data")):
        empty = {"status": "ok", "permission_level": "read", key: []}
        site.answer(await_both[version] + method, empty)
    site.answer("/api/site/get", answer("v1_site_get.json"))

    assert await seek(LIVE, version) == RealtimeAddress()

    assert all(("/api/2/" in path) == (version == "2") for path in site.paths())


async def test_else_the_events_are_asked_for_with_the_higher_level(
    site: ScriptedSite, seek: Seek
) -> None:
    site.answer(COMMENTS, page())
    site.answer(LIVES, page())
    site.answer(LOG, DENIED, status=403)
    bare = EVENTS.removesuffix("/events")
    site.answer(V1_REALTIME, {"status": "ok", "realtime_url": SERVICE, "realtime_channel": bare})

    assert await seek(LIVE) == RealtimeAddress(url=SERVICE, events=EVENTS)


async def test_the_channel_of_events_is_not_taken_for_that_of_comments(
    site: ScriptedSite, seek: Seek
) -> None:
    site.answer(COMMENTS, page(realtime_channel=EVENTS))
    site.answer(LIVES, page({"live_id": 700001, "realtime_channel": ROOT}))
    site.answer(LOG, answer("v2_live_log.json"))

    assert (await seek(LIVE)).comments_root == ROOT


async def test_channels_of_other_objects_are_not_taken(site: ScriptedSite, seek: Seek) -> None:
    site.answer(COMMENTS, page({"object_id": 5, "realtime_channel": ROOT}))
    site.answer(PHOTOS, page({"photo_id": 6, "realtime_channel": ROOT}))

    assert (await seek(VIDEO)).comments_root is None


async def test_sources_that_fail_give_way(site: ScriptedSite, seek: Seek) -> None:
    site.handle(COMMENTS, status(500))
    site.answer(LIVES, DENIED, status=403)
    site.answer(LOG, answer("v2_live_log.json"))

    found = await seek(LIVE)

    url = "https://realtime.dev.23video.com/faye"
    assert found == RealtimeAddress(url=url, events=EVENTS, is_whole=False)


async def test_no_answer_at_all_is_told(site: ScriptedSite, seek: Seek) -> None:
    site.handle(COMMENTS, status(503))

    with pytest.raises(WorkspaceUnreachableError):
        await seek(LIVE)


async def test_refusals_everywhere_are_told_as_the_first(site: ScriptedSite, seek: Seek) -> None:
    for path in (COMMENTS, PHOTOS):
        site.answer(path, DENIED, status=403)

    with pytest.raises(AccessDeniedError, match="comment/list"):
        await seek(VIDEO)


async def test_no_channel_is_ever_logged(
    site: ScriptedSite, seek: Seek, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.answer(COMMENTS, answer("v2_comment_list.json", cached=True))
    site.answer(LOG, answer("v2_live_log.json"))

    found = await seek(LIVE)

    assert not [part for part in (ROOT, EVENTS) if part in caplog.text + repr(found)]


@pytest.fixture
async def listed(site: ScriptedSite) -> AsyncIterator[Seek]:
    async with aiohttp.ClientSession() as http:

        async def sought(
            *wanted: ObjectInfo, version: Any = "auto"
        ) -> dict[ObjectId, RealtimeAddress]:
            config = ApiConfig(site_url=site.url, version=version, attempts=1)
            return await WorkspaceClient(http, config).listed_realtime(wanted)

        yield sought


def told(number: int, **beside: object) -> dict[str, object]:
    return {
        "photo_id": number,
        "realtime_url": SERVICE,
        "realtime_channel": f"/{number:040x}",
        **beside,
    }


async def test_one_list_tells_the_channels_of_many(site: ScriptedSite, listed: Seek) -> None:
    site.answer(PHOTOS, page(*(told(number, live_id=9) for number in range(9))))
    live = {"live_id": 700001, "realtime_url": SERVICE, "realtime_channel": f"{ROOT}/all_json"}
    site.answer(LIVES, page(live))

    found = await listed(*MANY, LIVE)

    assert found.pop(LIVE.object_id) == RealtimeAddress(url=SERVICE, comments_root=ROOT)
    assert {number: one.comments_root for number, one in found.items()} == {
        number: f"/{number:040x}" for number in range(1, 6)
    }
    assert len(site.queries(PHOTOS)) == len(site.queries(LIVES)) == 1


async def test_a_list_is_read_on_only_while_it_may_tell_more(
    site: ScriptedSite, listed: Seek
) -> None:
    site.answer(PHOTOS, page(told(1), total_count=900), page(told(2), total_count=900))
    assert set(await listed(*MANY[:2])) == {1, 2}

    # None is found: no more pages than there would be questions.
    site.answer(PHOTOS, page(told(800), total_count=900))
    site.answer("/api/photo/list", page(told(800), total_count=900))
    assert await listed(*MANY[:2]) == {}
    assert len(site.queries(PHOTOS)) == 2 + 2


async def test_where_version_2_tells_no_channels_on_its_lists_version_1_is_asked(
    site: ScriptedSite, listed: Seek
) -> None:
    site.answer(PHOTOS, page({"photo_id": 1}, total_count=900))
    site.answer("/api/photo/list", page(told(1), told(2)))

    assert set(await listed(*MANY[:2])) == {1, 2}
    assert len(site.queries(PHOTOS)) == 1

    assert await listed(*MANY[:2], version="2") == {}


async def test_a_channel_that_two_rows_name_is_neithers(site: ScriptedSite, listed: Seek) -> None:
    site.answer(PHOTOS, page(told(1), told(2), told(3, realtime_channel=f"/{1:040x}")))
    site.answer("/api/photo/list", page())

    assert set(await listed(*MANY)) == {2}


async def test_a_source_that_is_away_is_told_from_one_that_knows_nothing(
    site: ScriptedSite, seek: Seek
) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE, realtime_channel=ROOT))
    for path in (LOG, V1_REALTIME):
        site.handle(path, status(503))
    assert (await seek(LIVE)).is_whole is False

    for path in (LOG, V1_REALTIME):
        site.answer(path, DENIED, status=403)
    assert await seek(LIVE) == RealtimeAddress(url=SERVICE, comments_root=ROOT)
