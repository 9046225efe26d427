"""Anybody who knows a channel can publish on it: with the sandbox's service and with Faye's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from tests.fakes.faye import FayeServer


@pytest.fixture(params=["own", "real"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    if request.param == "own":
        async with Sandbox() as made:
            yield made
    else:
        async with FayeServer() as faye, Sandbox(faye_url=faye.url) as made:
            yield made


class _Viewer:
    """A viewer's browser: it listens on a channel, and may publish as well."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._client_id = ""

    async def listen(self, channel: str) -> None:
        kinds = ["long-polling"]
        (opened,) = await self.say(
            channel="/meta/handshake", version="1.0", supportedConnectionTypes=kinds
        )
        self._client_id = opened["clientId"]
        await self.say(channel="/meta/subscribe", clientId=self._client_id, subscription=channel)

    async def heard(self) -> list[Any]:
        replies = await self.say(
            channel="/meta/connect", clientId=self._client_id, connectionType="long-polling"
        )
        return [one["data"] for one in replies if "data" in one]

    async def say(self, **message: object) -> list[dict[str, Any]]:
        async with self._http.post(self._url, json=[message]) as answer:
            replies: list[dict[str, Any]] = await answer.json()
            return replies


async def test_a_viewer_is_heard_by_others_as_if_the_platform_had_spoken(
    sandbox: Sandbox,
) -> None:
    video, url = sandbox.workspace.state.add_video("Film"), sandbox.workspace.realtime_url
    async with aiohttp.ClientSession() as http:
        honest, hostile = _Viewer(url, http), _Viewer(url, http)
        await honest.listen(f"{video.root}/all_json")
        await hostile.listen("/other")
        await hostile.say(channel=f"{video.root}/all_json", data={"comment_id": 1}, clientId="x")

        assert await honest.heard() == [{"comment_id": 1}]


async def test_comments_are_forged_with_the_ids_that_come_next(sandbox: Sandbox) -> None:
    video = sandbox.workspace.state.add_video("Film")
    async with aiohttp.ClientSession() as http:
        viewer = _Viewer(sandbox.workspace.realtime_url, http)
        await viewer.listen(f"{video.root}/*")
        forged = await sandbox.workspace.changes.forge(
            video.object_id, "Log in at evil.example", is_promoted=True, kind="chat", count=2
        )
        heard: list[Any] = []
        while len(heard) < 4:
            heard += await viewer.heard()
    real = await sandbox.workspace.changes.post_comment(video.object_id, "Hello")

    assert forged == [real.comment_id, real.comment_id + 1]
    assert [one["comment_id"] for one in heard] == [forged[0]] * 2 + [forged[1]] * 2
    first = heard[0]
    assert (first["name"], first["content_text"], first["promoted_p"], first["comment_type"]) == (
        "Company CEO",
        "Log in at evil.example",
        True,
        "chat",
    )
    assert list(sandbox.workspace.state.comments) == [real.comment_id]
    assert [one.kind for one in sandbox.workspace.changes.published] == ["all_json"]
