from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, RealtimeAddress, WorkspaceClient
from cogs.twentythree.api.envelope import ApiAnswer, decipher
from cogs.twentythree.api.lookups import (
    SERVICE_URL,
    Pointer,
    comments_root,
    events_channel,
    pointer,
    service_url,
)
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

LookUp = Callable[..., Any]

MANY = [replace(VIDEO, object_id=ObjectId(number)) for number in range(1, 6)]


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        made.answer("/api/2/site/get", page({"site_id": 1}))
        yield made


@pytest.fixture
async def look_up(site: ScriptedSite) -> AsyncIterator[LookUp]:
    async with aiohttp.ClientSession() as http:

        async def sought(
            obj: ObjectInfo, version: Any = "auto", root: str | None = None
        ) -> RealtimeAddress:
            config = ApiConfig(site_url=site.url, version=version, attempts=1)
            return await WorkspaceClient(http, config).realtime(obj, root=root)

        yield sought


async def test_both_channels_of_a_live_event_are_found(site: ScriptedSite, look_up: LookUp) -> None:
    site.answer(COMMENTS, answer("v2_comment_list.json"))
    site.answer(LOG, answer("v2_live_log.json"))

    found = await look_up(LIVE)

    # The comments' own address comes first.
    assert found == RealtimeAddress(
        url="https://realtime.23video.com/faye",
        comments_root=ROOT,
        events=EVENTS,
    )
    assert site.queries(COMMENTS)[0]["include_realtime_p"] == "1"


async def test_a_root_that_is_known_is_not_asked_for(site: ScriptedSite, look_up: LookUp) -> None:
    site.answer(LOG, answer("v2_live_log.json"))

    found = await look_up(LIVE, root=ROOT)

    assert (found.comments_root, found.events) == (ROOT, EVENTS)
    assert COMMENTS not in site.paths()


async def test_a_video_has_no_events(site: ScriptedSite, look_up: LookUp) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE, realtime_channel=f"{ROOT}/all_json"))

    found = await look_up(VIDEO)

    assert found == RealtimeAddress(url=SERVICE, comments_root=ROOT)
    assert site.paths() == ["/api/2/site/get", COMMENTS]


async def test_the_channel_may_be_in_a_row_of_the_comments(
    site: ScriptedSite, look_up: LookUp
) -> None:
    row = {"comment_id": 1, "object_id": "800100", "realtime_channel": ROOT}
    site.answer(COMMENTS, page(row, realtime_url=SERVICE))

    assert (await look_up(VIDEO)).comments_root == ROOT


@pytest.mark.parametrize(
    ("obj", "path", "row"),
    [(VIDEO, PHOTOS, {"photo_id": 800100}), (LIVE, LIVES, {"live_id": "700001"})],
)
async def test_else_the_channel_is_a_property_of_the_object(
    site: ScriptedSite, look_up: LookUp, obj: ObjectInfo, path: str, row: dict[str, Any]
) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE))
    site.answer(path, page(row | {"realtime_channel": ROOT}))

    found = await look_up(obj)

    assert (found.url, found.comments_root) == (SERVICE, ROOT)


async def test_else_version_1_is_asked_for_the_property(
    site: ScriptedSite, look_up: LookUp
) -> None:
    site.answer(COMMENTS, page())
    site.answer(PHOTOS, page({"photo_id": 800100}))
    site.answer("/api/photo/list", body("v1_photo_list.txt"))

    found = await look_up(VIDEO)

    assert found.comments_root == "/aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
    # This workspace is on loopback, so the real service cannot be meant.
    assert found.url is None


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_configured_version_is_never_left(
    site: ScriptedSite, look_up: LookUp, version: str
) -> None:
    await_both = {"1": "/api/", "2": "/api/2/"}
    for method, key in (("comment/list", "data"), ("live/list", "data"), ("live/log", "data")):
        empty = {"status": "ok", "permission_level": "read", key: []}
        site.answer(await_both[version] + method, empty)
    site.answer("/api/site/get", answer("v1_site_get.json"))

    assert await look_up(LIVE, version) == RealtimeAddress()

    assert all(("/api/2/" in path) == (version == "2") for path in site.paths())


async def test_else_the_events_are_asked_for_with_the_higher_level(
    site: ScriptedSite, look_up: LookUp
) -> None:
    site.answer(COMMENTS, page())
    site.answer(LIVES, page())
    site.answer(LOG, DENIED, status=403)
    bare = EVENTS.removesuffix("/events")
    site.answer(V1_REALTIME, {"status": "ok", "realtime_url": SERVICE, "realtime_channel": bare})

    assert await look_up(LIVE) == RealtimeAddress(url=SERVICE, events=EVENTS)


async def test_the_channel_of_events_is_not_taken_for_that_of_comments(
    site: ScriptedSite, look_up: LookUp
) -> None:
    site.answer(COMMENTS, page(realtime_channel=EVENTS))
    site.answer(LIVES, page({"live_id": 700001, "realtime_channel": ROOT}))
    site.answer(LOG, answer("v2_live_log.json"))

    assert (await look_up(LIVE)).comments_root == ROOT


async def test_channels_of_other_objects_are_not_taken(site: ScriptedSite, look_up: LookUp) -> None:
    site.answer(COMMENTS, page({"object_id": 5, "realtime_channel": ROOT}))
    site.answer(PHOTOS, page({"photo_id": 6, "realtime_channel": ROOT}))

    assert (await look_up(VIDEO)).comments_root is None


async def test_sources_that_fail_give_way(site: ScriptedSite, look_up: LookUp) -> None:
    site.handle(COMMENTS, status(500))
    site.answer(LIVES, DENIED, status=403)
    site.answer(LOG, answer("v2_live_log.json"))

    found = await look_up(LIVE)

    url = "https://realtime.dev.23video.com/faye"
    assert found == RealtimeAddress(url=url, events=EVENTS, is_whole=False)


async def test_no_answer_at_all_is_told(site: ScriptedSite, look_up: LookUp) -> None:
    site.handle(COMMENTS, status(503))

    with pytest.raises(WorkspaceUnreachableError):
        await look_up(LIVE)


async def test_refusals_everywhere_are_told_as_the_first(
    site: ScriptedSite, look_up: LookUp
) -> None:
    for path in (COMMENTS, PHOTOS):
        site.answer(path, DENIED, status=403)

    with pytest.raises(AccessDeniedError, match="comment/list"):
        await look_up(VIDEO)


async def test_no_channel_is_ever_logged(
    site: ScriptedSite, look_up: LookUp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.answer(COMMENTS, answer("v2_comment_list.json", cached=True))
    site.answer(LOG, answer("v2_live_log.json"))

    found = await look_up(LIVE)

    assert not [part for part in (ROOT, EVENTS) if part in caplog.text + repr(found)]


@pytest.fixture
async def listed(site: ScriptedSite) -> AsyncIterator[LookUp]:
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


async def test_one_list_tells_the_channels_of_many(site: ScriptedSite, listed: LookUp) -> None:
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
    site: ScriptedSite, listed: LookUp
) -> None:
    site.answer(PHOTOS, page(told(1), total_count=900), page(told(2), total_count=900))
    assert set(await listed(*MANY[:2])) == {1, 2}

    # None is found: no more pages than there would be questions.
    site.answer(PHOTOS, page(told(800), total_count=900))
    site.answer("/api/photo/list", page(told(800), total_count=900))
    assert await listed(*MANY[:2]) == {}
    assert len(site.queries(PHOTOS)) == 2 + 2


async def test_where_version_2_tells_no_channels_on_its_lists_version_1_is_asked(
    site: ScriptedSite, listed: LookUp
) -> None:
    site.answer(PHOTOS, page({"photo_id": 1}, total_count=900))
    site.answer("/api/photo/list", page(told(1), told(2)))

    assert set(await listed(*MANY[:2])) == {1, 2}
    assert len(site.queries(PHOTOS)) == 1

    assert await listed(*MANY[:2], version="2") == {}


async def test_a_channel_that_two_rows_name_is_neithers(site: ScriptedSite, listed: LookUp) -> None:
    site.answer(PHOTOS, page(told(1), told(2), told(3, realtime_channel=f"/{1:040x}")))
    site.answer("/api/photo/list", page())

    assert set(await listed(*MANY)) == {2}


async def test_a_source_that_is_away_is_told_from_one_that_knows_nothing(
    site: ScriptedSite, look_up: LookUp
) -> None:
    site.answer(COMMENTS, page(realtime_url=SERVICE, realtime_channel=ROOT))
    for path in (LOG, V1_REALTIME):
        site.handle(path, status(503))
    assert (await look_up(LIVE)).is_whole is False

    for path in (LOG, V1_REALTIME):
        site.answer(path, DENIED, status=403)
    assert await look_up(LIVE) == RealtimeAddress(url=SERVICE, comments_root=ROOT)


SITE = "https://video.example.com"
HASH = "0123456789abcdef0123456789abcdef01234567"


def test_address_and_channel_are_found_beside_the_rows() -> None:
    found = pointer(decipher("live/log", "2", 200, body("v2_live_log.json")), SITE)

    assert found.url == "https://realtime.dev.23video.com/faye"
    assert found.channel == "/89abcdef0123456789abcdef0123456789abcdef/events"


def test_the_channel_is_found_in_a_row_as_well() -> None:
    found = pointer(decipher("photo/list", "1", 200, body("v1_photo_list.txt")), SITE)

    assert found == Pointer(None, "/aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd")


@pytest.mark.parametrize(
    ("value", "channel"),
    [
        (f"/{HASH}", f"/{HASH}"),
        (f" /{HASH}/all_json ", f"/{HASH}/all_json"),
        (HASH, f"/{HASH}"),
        (HASH.upper(), f"/{HASH.upper()}"),
        ("/**", None),
        (f"/{HASH}/*", None),
        ("/meta/connect", None),
        ("/service/chat", None),
        ("no-slash-and-no-hash", None),
        (f"/{HASH}/", None),
        ("/", None),
        ("", None),
        (None, None),
        (12, None),
    ],
)
def test_a_channel_is_bayeux_without_wildcards_and_meta(value: object, channel: str | None) -> None:
    found = pointer(ApiAnswer(extra={"realtime_channel": value}), SITE)

    assert found.channel == channel


def test_what_cannot_be_used_gives_way_to_the_next_place() -> None:
    answer = ApiAnswer(
        extra={"realtime_channel": "/*", "realtime_url": "http://realtime.example.com/faye"},
        rows=({"realtime_token": HASH}, {"realtime_channel_url": "//realtime.example.com/faye"}),
    )

    found = pointer(answer, SITE)

    assert found == Pointer("https://realtime.example.com/faye", f"/{HASH}")


def test_addresses_that_are_no_text_are_passed_over() -> None:
    assert pointer(ApiAnswer(extra={"realtime_url": 1}), SITE).url is None


@pytest.mark.parametrize(
    ("channel", "root"),
    [
        (f"/{HASH}", f"/{HASH}"),
        (f"/{HASH}/all_json", f"/{HASH}"),
        (f"/{HASH}/events", None),
    ],
)
def test_the_root_of_comments_comes_bare_or_with_a_sub_channel(
    channel: str, root: str | None
) -> None:
    assert comments_root(channel) == root


def test_the_events_channel_is_completed_where_it_comes_bare() -> None:
    assert events_channel(f"/{HASH}") == f"/{HASH}/events"
    assert events_channel(f"/{HASH}/events") == f"/{HASH}/events"


def test_only_a_workspace_elsewhere_means_the_real_service() -> None:
    assert service_url(None, SITE) == SERVICE_URL
    assert service_url("https://other.example.com/faye", SITE) == "https://other.example.com/faye"
    assert service_url(None, "http://127.0.0.1:8000") is None


def test_no_repr_shows_a_channel() -> None:
    address = RealtimeAddress(comments_root=f"/{HASH}", events=f"/{HASH}/events")

    assert HASH not in repr(Pointer(None, f"/{HASH}")) + repr(address)
