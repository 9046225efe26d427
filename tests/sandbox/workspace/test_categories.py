"""Categories and recordings of the sandbox's workspace, bare and through the plugin's client."""

from __future__ import annotations

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, Bearer, Listing, WorkspaceClient
from cogs.twentythree.domain.model import (
    CategoryId,
    LivePhase,
    LiveState,
    ObjectId,
)
from cogs.twentythree.errors import UnknownObjectError
from sandbox.workspace import Level, Problem, Workspace
from tests.sandbox.workspace.calling import Caller

ENDED = LiveState(phase=LivePhase.ENDED, broadcast=1)


def listing(http: aiohttp.ClientSession, workspace: Workspace, version: str) -> Listing:
    config = ApiConfig(
        site_url=workspace.url,
        credentials=Bearer(token=workspace.account(Level.READ).bearer),
        version=version,  # type: ignore[arg-type]
        attempts=1,
    )
    return WorkspaceClient(http, config).listing


async def test_hidden_categories_need_the_level_and_the_question(
    api: Caller, workspace: Workspace
) -> None:
    shown = workspace.state.add_category("Talks")
    hidden = workspace.state.add_category("Secret", is_hidden=True)

    _, asked = await api.get("album/list")
    _, low = await api.get("album/list", include_hidden_p=1)
    _, high = await api.get("album/list", Level.READ, include_hidden_p=1)
    _, old = await api.in_version_1.get("album/list", search="TALK")

    assert [row["album_id"] for row in asked["data"]] == [shown.category_id]
    assert len(low["data"]) == 1
    assert [row["album_id"] for row in high["data"]] == [hidden.category_id, shown.category_id]
    assert [row["title"] for row in old["albums"]] == ["Talks"]


async def test_lists_are_limited_to_a_category(api: Caller, workspace: Workspace) -> None:
    state = workspace.state
    category = state.add_category("Talks")
    state.add_video("elsewhere")
    video = state.add_video("in it", category_id=category.category_id)
    live = state.add_live("later in it")
    state.categorize(live.object_id, category.category_id)

    _, photos = await api.get("photo/list", album_id=category.category_id, photo_id=1)
    _, lives = await api.get("live/list", album_id=category.category_id)
    status, missing = await api.get("photo/list", album_id=1)

    assert [row["photo_id"] for row in photos["data"]] == [video.object_id]
    assert photos["data"][0]["album_id"] == category.category_id
    assert [row["live_id"] for row in lives["data"]] == [live.object_id]
    assert (status, missing["code"]) == (404, "no_such_album")


async def test_what_is_not_there_cannot_be_put_together(workspace: Workspace) -> None:
    with pytest.raises(Problem):
        workspace.state.add_video("x", category_id=1)
    with pytest.raises(Problem):
        workspace.state.add_video("x", live_id=1)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_client_lists_what_is_to_come_in_a_category(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    state, changes = workspace.state, workspace.changes
    category = state.add_category("Talks").category_id
    planned, running, over, off, private, other = (
        state.add_live("planned", category_id=category),
        state.add_live("running", category_id=category),
        state.add_live("over", category_id=category),
        state.add_live("off", category_id=category),
        state.add_live("private", category_id=category, is_private=True),
        state.add_live("other"),
    )
    draft = state.add_live("draft", category_id=category)
    draft.is_draft = True
    for live in (planned, over, off, private, other, draft):
        await changes.schedule(live.object_id, 2e9)
    await changes.go_live(running.object_id)
    await changes.end_broadcast(over.object_id)
    await changes.cancel(off.object_id)

    found = await listing(http, workspace, version).events(CategoryId(category))

    assert {one.title for one in found.objects} == {"planned", "running"}
    everywhere = await listing(http, workspace, version).events(None)
    assert {one.title for one in everywhere.objects} == {"planned", "running", "other"}


@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_client_lists_the_videos_of_a_category(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    workspace.options.most_per_page = 2
    category = workspace.state.add_category("Films").category_id
    for number in range(5):
        workspace.state.add_video(f"film {number}", category_id=category)
    workspace.state.add_video("unpublished", is_published=False, category_id=category)
    lists = listing(http, workspace, version)

    found = await lists.videos(CategoryId(category))

    assert [one.title for one in found.objects] == [f"film {number}" for number in range(4, -1, -1)]
    assert found.is_all
    with pytest.raises(UnknownObjectError):
        await lists.videos(CategoryId(1))


@pytest.mark.parametrize("version", ["1", "2"])
async def test_the_client_finds_categories_and_recordings(
    workspace: Workspace, http: aiohttp.ClientSession, version: str
) -> None:
    state = workspace.state
    category, live = state.add_category("Talks"), state.add_live("Show")
    state.add_category("Secret", is_hidden=True)
    state.add_video("another")
    lists = listing(http, workspace, version)
    assert await lists.recording(ObjectId(live.object_id), ENDED) is None

    recording = state.add_video("Show, recorded", live_id=live.object_id)

    found = await lists.recording(ObjectId(live.object_id), ENDED)
    assert found is not None
    assert found.object_id == recording.object_id
    assert [one.category_id for one in await lists.categories("")] == [category.category_id]
    assert (await lists.category(CategoryId(category.category_id))).title == "Talks"
