"""What the sandbox's workspace has for pictures of its objects."""

from __future__ import annotations

from io import BytesIO

import aiohttp
from PIL import Image

from sandbox.workspace import Workspace
from tests.sandbox.workspace.calling import Caller


async def test_each_object_has_a_picture_of_its_own_where_its_row_says(
    api: Caller, workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    for number in range(2):
        workspace.state.add_video(f"Film {number}")
    _, listed = await api.get("photo/list")
    colours = set()
    for row in listed["data"]:
        async with http.get(workspace.url + row["large_download"]) as answer:
            assert answer.content_type == "image/png"
            with Image.open(BytesIO(await answer.read())) as picture:
                assert picture.size == (64, 36)
                colours.add(picture.getpixel((0, 0)))
    assert len(colours) == 2


async def test_a_preview_of_a_live_event_is_a_picture_and_no_call(
    workspace: Workspace, http: aiohttp.ClientSession
) -> None:
    live = workspace.state.add_live("Launch")
    path = f"/{live.object_id + 1}/{live.object_id + 2}/0123456789abcdef/large"

    async with http.get(workspace.url + path) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")

    assert not workspace.calls
