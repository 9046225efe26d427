from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, Bearer, WorkspaceClient
from cogs.twentythree.domain.model import ObjectId, ObjectKind
from cogs.twentythree.domain.references import host_of
from cogs.twentythree.errors import (
    AccessDeniedError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceUnreachableError,
)
from tests.cogs.twentythree.api.recorded import answer, body
from tests.fakes.site import Make, ScriptedSite, never, page, status

VIDEO, LIVE = ObjectId(800100), ObjectId(700001)
SITE, PHOTOS = "/api/2/site/get", "/api/2/photo/list"
LIVES, INFO, COMMENTS = "/api/2/live/list", "/api/2/live/webinar/info", "/api/2/comment/list"
DENIED = {
    "status": "error",
    "code": "permission_denied",
    "message": "No",
    "permission_level": "none",
}
MISSING = {"status": "error", "code": "no_such_object", "message": "No"}
AT = datetime(2030, 3, 17, 18, 46, 40, tzinfo=UTC)


def level(site: ScriptedSite, name: str) -> None:
    site.answer(SITE, page({"site_name": "Example"}, level=name))


# The workspace itself.


async def test_the_site_tells_its_name_our_level_and_the_version(
    site: ScriptedSite, make: Make
) -> None:
    found = await make().site()

    assert found.name == "Example"
    assert (found.permission_level, found.version) == ("read", "2")
    assert found.hosts == {host_of(site.url), "video.example.com", "watch.example.org"}


async def test_a_host_is_the_workspaces_own_where_it_says_so(
    site: ScriptedSite, make: Make
) -> None:
    client = make()

    assert await client.has_host(host_of(site.url) or "")
    assert all([await client.has_host("watch.example.org") for _ in range(2)])
    assert len(site.paths()) == 1
    assert not await client.has_host("vimeo.com")


async def test_a_workspace_that_is_away_has_no_other_hosts(site: ScriptedSite, make: Make) -> None:
    site.answer(SITE, page({}, level=""))

    assert not await make().has_host("watch.example.org")


async def test_the_site_of_version_1_is_read_just_as_well(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/site/get", answer("v1_site_get.json"))

    found = await make(version="1").site()

    assert (found.name, found.permission_level, found.version) == ("Example", "anonymous", "1")


async def test_a_site_without_a_name_is_called_by_its_address(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(SITE, page({"site_id": 1}, level=""))

    found = await make().site()

    assert f"http://{found.name}" == site.url
    assert found.hosts == {found.name}
    assert found.permission_level == "none"


async def test_a_site_that_is_no_workspace_is_told_so(make: Make, site: ScriptedSite) -> None:
    site.answer(SITE, "<html>A shop</html>")

    with pytest.raises(UnreadableAnswerError, match="TWENTYTHREE_SITE_URL"):
        await make().site()


async def test_an_empty_answer_about_the_site_is_unreadable(make: Make, site: ScriptedSite) -> None:
    site.answer(SITE, page())

    with pytest.raises(UnreadableAnswerError):
        await make().site()


async def test_requests_are_counted_and_need_not_be(site: ScriptedSite) -> None:
    seen: list[tuple[str, int]] = []
    async with aiohttp.ClientSession() as http:
        client = WorkspaceClient(
            http,
            ApiConfig(site_url=site.url),
            on_request=lambda method, code: seen.append((method, code)),
        )
        await client.site()

    assert seen == [("site/get", 200)]


async def test_what_one_learns_another_that_is_counted_apart_knows(site: ScriptedSite) -> None:
    seen: list[str] = []
    apart: list[str] = []
    async with aiohttp.ClientSession() as http:
        config = ApiConfig(site_url=site.url)
        client = WorkspaceClient(http, config, on_request=lambda method, _: seen.append(method))
        other = client.counted(lambda method, _: apart.append(method))
        await client.site()
        level, trouble = other.level, other.trouble
        site.answer(SITE, page(), status=500)
        with pytest.raises(WorkspaceUnreachableError):
            await other.site()

    assert (level, trouble) == (client.level, None)
    assert isinstance(client.trouble, WorkspaceUnreachableError)
    assert seen == ["site/get"]
    assert set(apart) == {"site/get"}


# Finding by ID.


async def test_a_video_is_found_first(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, answer("v2_photo_list.json"))

    found = await make().find(VIDEO)

    assert (found.info.kind, found.info.title) == (ObjectKind.VIDEO, "How bread is made")
    assert site.paths()[0] == SITE
    assert sorted(site.paths()[1:]) == [LIVES, PHOTOS]
    assert site.queries(PHOTOS)[0]["include_unpublished_p"] == "1"


async def test_what_is_no_video_may_be_a_live_event(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, MISSING, status=404)
    site.answer(LIVES, page({"live_id": LIVE, "name": "Bread week", "link": "/live/700001"}))

    found = (await make().find(LIVE)).info

    assert (found.kind, found.title) == (ObjectKind.LIVE, "Bread week")
    assert found.url == f"{site.url}/live/700001"
    assert site.queries(LIVES)[0]["include_private_p"] == "1"


async def test_where_the_kind_is_known_one_question_is_enough(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(LIVES, page({"live_id": LIVE}))

    assert (await make().find(LIVE, ObjectKind.LIVE)).info.kind is ObjectKind.LIVE
    assert site.paths() == [SITE, LIVES]


async def test_strangers_do_not_ask_for_what_needs_a_level(site: ScriptedSite, make: Make) -> None:
    level(site, "anonymous")
    site.answer(PHOTOS, page(level="anonymous"))
    site.answer(LIVES, page(level="anonymous"))

    with pytest.raises(UnknownObjectError):
        await make().find(VIDEO)

    assert "include_unpublished_p" not in site.queries(PHOTOS)[0]
    assert "include_private_p" not in site.queries(LIVES)[0]


async def test_a_list_of_other_objects_is_no_find(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, answer("v2_photo_list.json"))
    site.answer(LIVES, page({"live_id": LIVE}))

    with pytest.raises(UnknownObjectError, match="check the ID"):
        await make().find(ObjectId(1))


async def test_a_video_that_is_refused_is_told_as_refused(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, DENIED, status=403)
    site.answer(LIVES, page())

    with pytest.raises(AccessDeniedError, match="photo/list"):
        await make().find(VIDEO)


async def test_a_live_event_is_found_even_if_videos_are_refused(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(PHOTOS, DENIED, status=403)
    site.answer(LIVES, page({"live_id": LIVE}))

    assert (await make().find(LIVE)).info.object_id == LIVE


async def test_the_first_of_two_refusals_is_told(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, DENIED, status=403)
    site.answer(LIVES, DENIED, status=403)

    with pytest.raises(AccessDeniedError, match="photo/list"):
        await make().find(VIDEO)


async def test_wrong_credentials_end_the_search(site: ScriptedSite, make: Make) -> None:
    site.answer(SITE, {"status": "error", "code": "missing_authentication"}, status=401)

    with pytest.raises(CredentialsRefusedError, match="TWENTYTHREE_"):
        await make(credentials=Bearer("sesame")).find(VIDEO)

    assert site.paths() == [SITE]


# Searching.


async def test_a_search_returns_live_events_and_videos_by_turns(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(PHOTOS, page(*({"photo_id": n, "title": f"v{n}"} for n in (1, 2, 3))))
    site.answer(LIVES, page({"live_id": 9, "name": "l9"}))
    client = make()

    assert [one.info.title for one in await client.search("bread")] == ["l9", "v1", "v2", "v3"]
    assert [one.info.title for one in await client.search("bread", 2)] == ["l9", "v1"]
    assert await client.search("bread", 0) == []
    assert site.queries(PHOTOS)[0]["search"] == "bread"
    assert [query["size"] for query in site.queries(LIVES)] == ["25", "2", "1"]


@pytest.mark.parametrize(("good", "bad"), [(PHOTOS, LIVES), (LIVES, PHOTOS)])
async def test_one_search_that_works_is_enough(
    site: ScriptedSite, make: Make, good: str, bad: str
) -> None:
    site.answer(good, page({"photo_id": 1, "live_id": 1}))
    site.answer(bad, DENIED, status=403)

    assert len(await make().search("bread")) == 1


async def test_two_searches_that_fail_are_told(site: ScriptedSite, make: Make) -> None:
    site.answer(PHOTOS, DENIED, status=403)
    site.answer(LIVES, "<html>", status=500)

    with pytest.raises(AccessDeniedError):
        await make().search("bread")
    with pytest.raises(WorkspaceUnreachableError):
        await make().find(VIDEO)


async def test_an_error_of_our_own_is_not_hidden_by_a_search_that_works(
    site: ScriptedSite,
) -> None:
    site.answer(PHOTOS, page())
    site.answer(LIVES, page())

    def count(method: str, _: int) -> None:
        if method == "photo/list":
            raise RuntimeError("a bug")

    async with aiohttp.ClientSession() as http:
        client = WorkspaceClient(http, ApiConfig(site_url=site.url), on_request=count)
        with pytest.raises(RuntimeError, match="a bug"):
            await client.search("bread")
        with pytest.raises(RuntimeError, match="a bug"):
            await client.find(VIDEO)


async def test_version_1_lists_all_live_events_so_titles_are_compared_here(
    site: ScriptedSite, make: Make
) -> None:
    site.answer("/api/site/get", answer("v1_site_get.json"))
    site.answer("/api/photo/list", {"status": "ok", "photos": []})
    lives = [{"live_id": 1, "name": "Bread week"}, {"live_id": 2, "name": "Wine week"}]
    site.answer("/api/live/list", {"status": "ok", "live": lives})

    found = await make(version="1").search("BREAD")

    assert [event.info.object_id for event in found] == [1]


# Comments.


# The state of live events.


async def test_readers_get_the_state_from_list_and_webinar_info(
    site: ScriptedSite, make: Make
) -> None:
    site.answer(LIVES, page({"live_id": LIVE, "broadcasting_p": False, "cancelled_p": "f"}))
    site.answer(INFO, answer("v2_live_webinar_info.json"))

    seen = await make().live(LIVE)

    assert (seen.is_broadcasting, seen.viewers_now) == (True, 34)
    assert seen.broadcast_started_at == AT
    assert site.paths() == [SITE, LIVES, INFO]


@pytest.mark.parametrize(
    ("reply", "code"),
    [(DENIED, 403), (MISSING, 404), ("<html>", 404), ("<html>", 502), (page(), 200)],
)
async def test_the_list_alone_is_enough(
    site: ScriptedSite, make: Make, reply: object, code: int
) -> None:
    site.answer(LIVES, page({"live_id": LIVE, "broadcasting_p": "1", "current_viewers": "2"}))
    site.answer(INFO, reply, status=code)

    seen = await make().live(LIVE)

    assert (seen.is_broadcasting, seen.viewers_now) == (True, 2)


async def test_strangers_are_not_refused_the_webinar_info_because_they_do_not_ask(
    site: ScriptedSite, make: Make
) -> None:
    level(site, "anonymous")
    site.answer(LIVES, page({"live_id": LIVE}, level="anonymous"))

    await make().live(LIVE)

    assert INFO not in site.paths()


async def test_version_1_has_no_webinar_info(site: ScriptedSite, make: Make) -> None:
    site.answer("/api/site/get", answer("v1_site_get.json", permission_level="super"))
    site.answer("/api/live/list", answer("v1_live_list.json", permission_level="super"))

    seen = await make(version="1").live(LIVE)

    assert seen.scheduled_at is not None
    assert site.paths() == ["/api/site/get", "/api/live/list"]


@pytest.mark.parametrize(("reply", "code"), [(MISSING, 404), (page(), 200)])
async def test_a_live_event_that_is_gone_or_hidden_is_unknown(
    site: ScriptedSite, make: Make, reply: object, code: int
) -> None:
    site.answer(LIVES, reply, status=code)

    with pytest.raises(UnknownObjectError):
        await make().live(LIVE)


@pytest.mark.parametrize("code", [500, 429])
async def test_a_workspace_that_is_away_is_told_so(
    site: ScriptedSite, make: Make, code: int
) -> None:
    site.handle(LIVES, status(code))

    with pytest.raises(WorkspaceUnreachableError, match="again in a minute"):
        await make().live(LIVE)


async def test_a_workspace_that_hangs_is_told_so(site: ScriptedSite, make: Make) -> None:
    site.handle(SITE, never)

    with pytest.raises(WorkspaceError, match="could not be reached"):
        await make(timeout_s=0.05).live(LIVE)


async def test_version_1_works_from_end_to_end(site: ScriptedSite, make: Make) -> None:
    site.answer(SITE, "<html>not here</html>", status=404)
    site.answer("/api/site/get", answer("v1_site_get.json"))
    site.answer("/api/photo/list", body("v1_photo_list.txt"))

    found = (await make().find(VIDEO)).info

    assert found.url == f"{site.url}/how-bread-is-made"
    assert site.queries("/api/photo/list")[0]["format"] == "json"
