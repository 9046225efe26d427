"""The reading methods of the sandbox's workspace, called bare."""

import aiohttp
import pytest

from sandbox.workspace import ChannelPlace, Level, Workspace
from tests.sandbox.workspace.calling import Caller, Verb


async def test_fields_limit_what_a_row_has(api: Caller, workspace: Workspace) -> None:
    video = workspace.state.add_video("Film")

    _, listed = await api.get("photo/list", fields="photo_id, title,nope")
    _, site = await api.get("site/get", fields="domain")

    assert listed["data"] == [{"photo_id": video.object_id, "title": "Film"}]
    assert site["data"] == {"domain": "video.example.com"}


@pytest.mark.parametrize("method", ["photo/list", "live/list"])
async def test_links_are_paths_unless_full_ones_are_asked_for(
    api: Caller, workspace: Workspace, method: str
) -> None:
    workspace.options.place = ChannelPlace.OBJECT
    is_video = method == "photo/list"
    made = workspace.state.add_video("x") if is_video else workspace.state.add_live("x")
    link = "one" if is_video else "short_link"

    _, short = await api.get(method)
    _, full = await api.get(method, use_full_urls_p=1)
    _, old = await api.in_version_1.get(method, use_full_urls_p=1)

    (row,) = old["photos" if is_video else "live"]
    path = short["data"][0][link]
    assert path.startswith("/")
    assert full["data"][0][link] == workspace.url + path
    assert row[link] == path
    assert full["data"][0]["realtime_channel"] == made.root


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({"live_status": "live"}, ["on air"]),
        ({"live_status": "upcoming"}, ["off", "planned"]),
        ({"live_status": "previous"}, ["over"]),
        ({"broadcasting_p": 1}, ["on air"]),
        ({"broadcasting_p": 0}, ["off", "over", "planned"]),
        ({"streaming_p": "t"}, ["on air"]),
        ({"upcoming_p": 1}, ["off", "planned"]),
        ({"cancelled_p": 1}, ["off"]),
        ({"draft_p": 1}, []),
        ({"search": "O", "cancelled_p": 0}, ["on air", "over"]),
    ],
)
async def test_live_events_are_found_by_their_state(
    api: Caller, workspace: Workspace, wanted: dict[str, object], titles: list[str]
) -> None:
    state, changes = workspace.state, workspace.changes
    _, running, over, off = (
        state.add_live(name).object_id for name in ("planned", "on air", "over", "off")
    )
    await changes.go_live(running)
    await changes.go_live(over)
    await changes.end_broadcast(over)
    await changes.cancel(off)

    _, answer = await api.get("live/list", **wanted)

    assert sorted(row["name"] for row in answer["data"]) == titles


async def test_comments_are_searched_and_filtered(api: Caller, workspace: Workspace) -> None:
    video = workspace.state.add_video("Film").object_id
    first = await workspace.changes.post_comment(video, "A Kangaroo!", author="Ada")
    chat = await workspace.changes.post_comment(video, "hello", kind="chat", author="Björn")
    await workspace.changes.promote(chat.comment_id)

    async def found(**wanted: object) -> list[int]:
        _, answer = await api.get("comment/list", object_id=video, **wanted)
        return [row["comment_id"] for row in answer["data"]]

    assert await found(search="kangaroo") == [first.comment_id]
    assert await found(search="björn") == [chat.comment_id]
    assert await found(search="nobody") == []
    assert await found(comment_type="chat") == [chat.comment_id]
    assert await found(comment_id=first.comment_id) == [first.comment_id]
    assert await found(promoted_p="f") == [first.comment_id]
    assert await found(order="asc", prioritize_promoted_p=0) == [
        first.comment_id,
        chat.comment_id,
    ]


async def test_an_objects_token_opens_it_and_its_comments_on_a_closed_site(
    api: Caller, workspace: Workspace
) -> None:
    video = workspace.state.add_video("Inside", is_published=False)
    await workspace.changes.post_comment(video.object_id, "Hello")
    workspace.options.is_closed = True

    async def comments(**given: object) -> tuple[int, int]:
        given |= {"object_id": video.object_id, "include_realtime_p": 1}
        status, answer = await api.get("comment/list", **given)
        return status, len(answer.get("data", ()))

    status, answer = await api.get("photo/list", photo_id=video.object_id, token=video.token)
    assert (status, answer["data"][0]["title"]) == (200, "Inside")
    assert await comments(object_token=video.token) == (200, 1)
    assert await comments(object_token="wrong") == (404, 0)
    assert await comments() == (401, 0)


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_oauth_is_read_from_the_query_and_from_a_form(api: Caller, verb: Verb) -> None:
    status, answer = await api.signed(verb, "site/get")
    assert (status, answer["permission_level"]) == (200, "admin")

    status, answer = await api.signed(verb, "site/get", is_forged=True)
    assert (status, answer["code"]) == (401, "invalid_signature")


async def test_credentials_of_another_kind_are_refused(api: Caller) -> None:
    headers = {"Authorization": "Basic abc"}
    async with api.http.get(api.url("site/get"), headers=headers) as response:
        assert response.status == 401


async def test_an_unsigned_call_is_answered_from_the_cache_until_it_is_old(
    api: Caller, workspace: Workspace
) -> None:
    now = 1_900_000_000.0
    workspace.options.now = lambda: now
    workspace.state.add_video("One")

    async def seen(level: Level | None = None, **params: object) -> tuple[bool, int]:
        _, answer = await api.get("photo/list", level, **params)
        return answer["cached"], answer["total_count"]

    assert await seen() == (False, 1)
    workspace.state.add_video("Two")
    assert await seen() == (True, 1)
    assert await seen(time=5) == (False, 2)
    assert await seen(Level.READ) == (False, 2)
    workspace.options.is_caching = False
    assert await seen() == (False, 2)
    workspace.options.is_caching = True
    now += 1_801
    assert await seen() == (False, 2)


async def test_what_is_not_there_or_not_for_the_caller_has_its_code(
    api: Caller, workspace: Workspace
) -> None:
    live = workspace.state.add_live("Webinar").object_id
    asked: list[tuple[str, Level | None, dict[str, object], int, str]] = [
        ("no/such", None, {}, 404, "no_such_method"),
        ("live/log", None, {"live_id": live}, 403, "permission_denied"),
        ("live/log", Level.READ, {"live_id": 1}, 404, "no_such_object"),
        ("live/log", Level.READ, {"live_id": "x"}, 400, "invalid_input"),
        ("live/realtime", Level.ADMIN, {"live_id": live}, 404, "no_such_method"),
        ("comment/add", None, {}, 405, "invalid_method"),
    ]
    for method, level, params, status, code in asked:
        given, answer = await api.get(method, level, **params)
        assert (given, answer["code"]) == (status, code), method
    status, answer = await api.in_version_1.get("live/webinar/info", Level.READ, live_id=live)
    assert (status, answer["code"]) == (200, "no_such_method")


async def test_version_1_wants_to_be_asked_for_bare_json(
    api: Caller, http: aiohttp.ClientSession
) -> None:
    for query, kind in (("", "text/xml"), ("?format=json", "text/javascript")):
        async with http.get(api.in_version_1.url("site/get") + query) as response:
            assert response.content_type == kind
    async with http.get(api.workspace.url + "/somewhere") as response:
        assert response.status == 404


async def test_the_log_holds_the_last_calls_with_what_came_of_them(
    api: Caller, workspace: Workspace
) -> None:
    await api.get("photo/list", Level.WRITE, search="x")
    await api.in_version_1.post("comment/add")
    workspace.is_down = True
    with pytest.raises(aiohttp.ClientError):
        await api.post("live/update")

    said = [
        (one.http_method, one.version, one.method, one.level, one.status) for one in workspace.log
    ]
    assert said == [
        ("GET", "2", "photo/list", "write", 200),
        ("POST", "1", "comment/add", "anonymous", 200),
        ("POST", "2", "live/update", "none", 0),
    ]
    assert workspace.log[0].params == {"search": "x"}
    assert workspace.calls["live/update"] == 1


async def test_the_channels_address_is_told_without_scheme_where_that_is_so(
    api: Caller, workspace: Workspace
) -> None:
    workspace.options.is_absolute = False
    video = workspace.state.add_video("x").object_id

    _, answer = await api.get("comment/list", object_id=video, include_realtime_p=1)

    assert answer["realtime_url"] == "//127.0.0.1:9/faye"


async def test_an_administrator_is_told_the_channel_of_events(
    api: Caller, workspace: Workspace
) -> None:
    live = workspace.state.add_live("Webinar")

    _, answer = await api.in_version_1.get("live/realtime", Level.ADMIN, live_id=live.object_id)

    assert answer["realtime_channel"] == f"{live.events_root}/events"
