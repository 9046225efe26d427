from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, Listing, WorkspaceClient
from cogs.twentythree.domain.following import Category
from cogs.twentythree.domain.model import CategoryId, LivePhase, LiveState, ObjectId
from cogs.twentythree.errors import (
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceUnreachableError,
)
from tests.fakes.site import ScriptedSite, page

LIVES, PHOTOS, ALBUMS = "/api/2/live/list", "/api/2/photo/list", "/api/2/album/list"
MISSING = {"status": "error", "code": "no_such_album", "message": "No"}
ENDED = LiveState(
    phase=LivePhase.ENDED, broadcast=1, started_at=datetime(2030, 1, 2, 12, tzinfo=UTC)
)
BEGAN = int(datetime(2030, 1, 2, 12, tzinfo=UTC).timestamp())

Make = Callable[..., Listing]


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        yield made


@pytest.fixture
async def make(site: ScriptedSite) -> AsyncIterator[Make]:
    async with aiohttp.ClientSession() as http:

        def made(**options: Any) -> Listing:
            config: dict[str, Any] = {"site_url": site.url, "attempts": 1} | options
            return WorkspaceClient(http, ApiConfig(**config)).listing

        yield made


def rows(*found: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    count = len(found) if total is None else total
    return {"status": "ok", "permission_level": "read", "data": list(found), "total_count": count}


def event(number: int, **values: Any) -> dict[str, Any]:
    return {"live_id": number, "name": f"Event {number}", "live_status": "upcoming"} | values


async def test_events_to_come_and_on_air_are_listed_each_once(
    site: ScriptedSite, make: Make
) -> None:
    on = event(2, live_status="live", broadcasting_p=True)
    site.answer(LIVES, rows(on), rows(on, event(1)))

    found = await make().events(CategoryId(70))

    assert [one.object_id for one in found.objects] == [2, 1]
    assert found.is_all
    asked = [one.query for one in site.seen]
    assert [one["live_status"] for one in asked] == ["live", "upcoming"]
    assert {one["album_id"] for one in asked} == {"70"}
    assert all("include_private_p" not in one for one in asked)


@pytest.mark.parametrize(
    "hidden",
    [
        {"private_p": True},
        {"draft_p": "t"},
        {"cancelled_p": 1},
        {"live_status": "previous"},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_what_is_not_for_everybody_or_over_is_not_listed(
    site: ScriptedSite, make: Make, hidden: dict[str, Any]
) -> None:
    site.answer(LIVES, rows(event(1, **hidden)))

    assert (await make().events(None)).objects == ()


async def test_an_event_whose_status_lags_behind_its_broadcast_is_listed(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(LIVES, rows(event(1, live_status="previous", broadcasting_p=True)))

    assert len((await make().events(None)).objects) == 1


async def test_version_1_is_asked_once_without_a_filter_that_it_does_not_know(
    site: ScriptedSite, make: Make
) -> None:
    site.answer("/api/live/list", {"status": "ok", "live": [event(1)], "total_count": "1"})

    found = await make(version="1").events(None)

    assert [one.title for one in found.objects] == ["Event 1"]
    (asked,) = site.seen
    assert "live_status" not in asked.query


async def test_videos_are_read_page_by_page_until_there_are_no_more(
    site: ScriptedSite, make: Make
) -> None:
    first: list[dict[str, Any]] = [{"photo_id": number, "title": "A"} for number in (5, 4)]
    second: list[dict[str, Any]] = [
        {"photo_id": 3, "title": "B"},
        {"photo_id": 2, "published_p": False},
    ]
    site.answer(PHOTOS, rows(*first, total=4), rows(*second, total=4))

    found = await make().videos(CategoryId(70))

    assert [one.object_id for one in found.objects] == [5, 4, 3]
    assert found.is_all
    assert [one.query.get("p") for one in site.seen] == [None, "2"]
    assert site.seen[0].query["album_id"] == "70"


async def test_a_page_without_rows_is_the_last(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, page({"photo_id": 5}, total_count=None), page(total_count=None))

    found = await make().videos(None)

    assert (len(found.objects), found.is_all) == (1, True)
    assert len(site.seen) == 2


async def test_no_more_pages_are_read_than_asked_for(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, rows({"photo_id": 5}, total=900))

    found = await make().videos(None, most_pages=2)

    assert len(site.seen) == 2
    assert not found.is_all


async def test_a_category_that_is_gone_is_an_error(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, MISSING, status=404)

    with pytest.raises(UnknownObjectError):
        await make().videos(CategoryId(404))


async def test_categories_are_found_by_their_titles(site: ScriptedSite, make: Make) -> None:
    site.answer(
        ALBUMS,
        rows(
            {"album_id": "70", "title": " Tech\ntalks "},
            {"album_id": 71, "title": "Other", "content_text": "talks"},
            {"album_id": 72, "title": "Secret talks", "hide_p": "1"},
            {"title": "talks without a number"},
        ),
    )

    assert await make().categories("TALKS") == [
        Category(category_id=CategoryId(70), title="Tech talks")
    ]
    assert site.seen[0].query["search"] == "TALKS"


async def test_where_no_category_matches_there_is_none(site: ScriptedSite, make: Make) -> None:
    site.answer(ALBUMS, MISSING, status=404)

    assert await make().categories("x") == []


async def test_a_category_is_found_by_its_number(site: ScriptedSite, make: Make) -> None:
    site.answer(ALBUMS, rows({"album_id": 70, "title": ""}))

    assert (await make().category(CategoryId(70))).title == "Category 70"
    assert site.seen[0].query["album_id"] == "70"


@pytest.mark.parametrize(
    "answer",
    [rows(), rows({"album_id": 71, "title": "Other"}), rows({"album_id": 70, "hide_p": True})],
    ids=["none", "another", "hidden"],
)
async def test_a_category_that_is_not_there_or_hidden_is_unknown(
    site: ScriptedSite, make: Make, answer: dict[str, Any]
) -> None:
    site.answer(ALBUMS, answer)

    with pytest.raises(UnknownObjectError):
        await make().category(CategoryId(70))


async def test_the_recording_of_a_broadcast_is_found_by_its_event(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(
        PHOTOS,
        rows(
            {"photo_id": 9, "live_id": 1, "one": "/video/9", "creation_date_epoch": BEGAN + 60},
            {"photo_id": 10, "live_id": 1, "published_p": False},
            {"photo_id": 11, "live_id": 2},
            {"photo_id": 12, "live_id": 1, "publish_date_epoch": BEGAN - 86_400},
            {"photo_id": 13},
        ),
    )

    found = await make().recording(ObjectId(1), ENDED)

    assert found is not None
    assert (found.object_id, found.url) == (9, f"{site.url}/video/9")
    assert site.seen[0].query["live_id"] == "1"


async def test_where_nothing_was_recorded_there_is_no_recording(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(PHOTOS, rows())

    assert await make().recording(ObjectId(1), ENDED) is None


async def test_a_workspace_that_is_away_is_an_error(site: ScriptedSite, make: Make) -> None:
    site.answer(ALBUMS, "broken", status=502)

    with pytest.raises(WorkspaceUnreachableError):
        await make().categories("x")


async def test_when_videos_were_published_is_told_as_far_as_it_is(
    site: ScriptedSite, make: Make
) -> None:
    published = {"photo_id": 5, "title": "A", "publish_date_epoch": BEGAN}
    # A day on which it was made is none on which it was published.
    made = {"photo_id": 4, "title": "B", "creation_date_epoch": BEGAN}
    site.answer(PHOTOS, rows(published, made))

    found = await make().videos(None)

    assert found.published == {5: datetime(2030, 1, 2, 12, tzinfo=UTC)}


async def test_a_list_of_videos_that_is_empty_is_asked_for_in_another_way(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(PHOTOS, rows(), rows({"photo_id": 5, "title": "A"}))

    with pytest.raises(UnreadableAnswerError):
        await make().videos(CategoryId(70))
    first, second = (one.query for one in site.seen)
    assert first["album_id"] == second["album_id"] == "70"
    assert first["size"] != second["size"]
