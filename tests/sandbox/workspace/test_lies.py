"""A workspace that answers, and not with the truth; and one whose contents turn."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from sandbox.workspace import Level, Lie, Problem, Workspace, WorkspaceFault
from tests.sandbox.workspace.calling import Caller


@pytest.fixture
async def ids(workspace: Workspace) -> list[int]:
    """Four comments on one video, of which the second is a private question."""
    video = workspace.state.add_video("Film")
    kinds = ("comment", "question", "comment", "comment")
    posted = [
        await workspace.changes.post_comment(video.object_id, kind, kind=kind) for kind in kinds
    ]
    return [one.comment_id for one in posted]


def _ids(body: Any) -> list[int]:
    return [row["comment_id"] for row in body["data"]]


@pytest.mark.parametrize(("lie", "kept"), [(Lie.EMPTY, []), (Lie.HALF, [0, 2])])
async def test_a_list_of_comments_lacks_all_or_each_second_row(
    workspace: Workspace, api: Caller, ids: list[int], lie: Lie, kept: list[int]
) -> None:
    workspace.add_fault(WorkspaceFault(method="comment/list", lie=lie))

    status, body = await api.get("comment/list", Level.READ, order="asc")
    _, truth = await api.get("comment/list", Level.READ, order="asc")

    assert (status, body["status"], body["total_count"]) == (200, "ok", len(kept))
    assert _ids(body) == [ids[index] for index in kept]
    assert _ids(truth) == ids


async def test_half_of_a_list_still_knows_a_comment_that_is_asked_for_by_its_id(
    workspace: Workspace, api: Caller, ids: list[int]
) -> None:
    workspace.add_fault(WorkspaceFault(times=None, lie=Lie.HALF))

    found = [_ids((await api.get("comment/list", Level.READ, comment_id=one))[1]) for one in ids]

    assert found == [[one] for one in ids]


async def test_credentials_count_for_less_and_private_questions_vanish(
    workspace: Workspace, api: Caller, ids: list[int]
) -> None:
    workspace.add_fault(WorkspaceFault(level=Level.ANONYMOUS))

    status, body = await api.get("comment/list", Level.READ, order="asc")

    assert (status, body["permission_level"]) == (200, "anonymous")
    assert _ids(body) == [ids[0], ids[2], ids[3]]
    assert "email" not in body["data"][0]


@pytest.mark.parametrize(("version", "status"), [("2", 401), ("1", 200)])
async def test_credentials_are_refused_although_they_are_right(
    workspace: Workspace, api: Caller, version: str, status: int
) -> None:
    caller = api if version == "2" else api.in_version_1
    workspace.add_fault(WorkspaceFault(is_refused=True))

    refused = await caller.get("site/get", Level.READ)
    after = await caller.get("site/get", Level.READ)

    assert (refused[0], refused[1]["code"]) == (status, "missing_authentication")
    assert (after[0], after[1]["status"]) == (200, "ok")


@pytest.mark.parametrize("status", [200, 403, 502])
async def test_a_page_is_answered_under_any_status(
    workspace: Workspace, api: Caller, http: aiohttp.ClientSession, status: int
) -> None:
    workspace.add_fault(WorkspaceFault(status=status))

    async with http.get(api.url("comment/list")) as answer:
        assert (answer.status, answer.content_type) == (status, "text/html")
        assert (await answer.text()).startswith("<html>")


async def test_each_call_takes_as_long_as_is_chosen(workspace: Workspace, api: Caller) -> None:
    fault = workspace.add_fault(WorkspaceFault(times=None, delay_s=0.001))

    assert [(await api.get("site/get"))[0] for _ in range(2)] == [200, 200]
    assert fault.hits == 2


async def test_a_property_has_another_name(
    workspace: Workspace, api: Caller, ids: list[int]
) -> None:
    workspace.add_fault(WorkspaceFault(renames={"comment_id": "id"}))

    _, body = await api.get("comment/list", Level.READ, order="asc")

    assert [row["id"] for row in body["data"]] == ids
    assert not any("comment_id" in row for row in body["data"])


async def test_the_date_of_answers_and_the_host_names_are_as_chosen(
    workspace: Workspace, api: Caller, http: aiohttp.ClientSession
) -> None:
    options = workspace.options
    options.date_offset_s, options.domain = -3600.0, "old.example.com"
    options.https_url = "https://new.example.com"
    now = options.now()

    async with http.get(api.url("site/get")) as answer:
        site = (await answer.json())["data"]
        told = parsedate_to_datetime(answer.headers["Date"]).timestamp()

    # The clock of these tests is a second further whenever somebody looks at it.
    assert -3600 < told - now < -3580
    assert (site["domain"], site["https_url"]) == ("old.example.com", "https://new.example.com")


@pytest.mark.parametrize(
    ("method", "turned", "row"),
    [
        ("photo/list", {"is_published": False}, {"published_p": False}),
        ("photo/list", {"is_protected": True}, {"protected_p": True}),
        ("photo/list", {"title": "Secret plans"}, {"title": "Secret plans"}),
        ("live/list", {"is_private": True}, {"private_p": True}),
        ("live/list", {"is_draft": True}, {"draft_p": True}),
        ("live/list", {"title": "Secret plans"}, {"name": "Secret plans"}),
    ],
)
async def test_an_object_turns(
    workspace: Workspace,
    api: Caller,
    method: str,
    turned: dict[str, Any],
    row: dict[str, object],
) -> None:
    state = workspace.state
    thing = state.add_video("Film") if method == "photo/list" else state.add_live("Film")
    workspace.changes.edit_object(thing.object_id, **turned)

    key = {"photo/list": "photo_id", "live/list": "live_id"}[method]
    _, body = await api.get(
        method, Level.READ, **{key: thing.object_id}, include_unpublished_p=1, include_private_p=1
    )

    assert row.items() <= body["data"][0].items()


@pytest.mark.parametrize(("kind", "turned"), [("video", "is_private"), ("live", "is_published")])
async def test_an_object_has_only_what_its_kind_has(
    workspace: Workspace, kind: str, turned: str
) -> None:
    state = workspace.state
    thing = state.add_video("Film") if kind == "video" else state.add_live("Film")

    given: dict[str, Any] = {turned: True}
    with pytest.raises(Problem, match=turned):
        workspace.changes.edit_object(thing.object_id, **given)


async def test_ids_can_be_out_of_the_order_of_time(
    workspace: Workspace, api: Caller, ids: list[int]
) -> None:
    object_id, post = workspace.state.comments[ids[0]].object_id, workspace.changes.post_comment
    lower = (await post(object_id, "later", comment_id=ids[0] - 600_000)).comment_id
    ahead = (await post(object_id, "later still", comment_id=ids[-1] + 1)).comment_id
    then = (await post(object_id, "last")).comment_id

    _, body = await api.get("comment/list", Level.READ, order="asc")

    assert _ids(body) == [*ids, lower, ahead, then]
    assert lower < ids[0] < ahead < then
    with pytest.raises(Problem):
        await post(object_id, "twice", comment_id=lower)
