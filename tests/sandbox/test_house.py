"""The sandbox as one."""

import socket

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.faye import FayeServer
from sandbox.workspace import Level


async def test_its_environment_is_what_a_bot_needs() -> None:
    async with Sandbox() as sandbox:
        guild = sandbox.chat.guilds.add_guild("Team")
        with_token = sandbox.environment(Level.WRITE)
        without = sandbox.environment(None)

    assert with_token == without | {
        "TWENTYTHREE_BEARER_TOKEN": sandbox.workspace.account(Level.WRITE).bearer,
        "TWENTYTHREE_SERVERS": str(guild.id),
    }
    assert without["TWENTYTHREE_SITE_URL"] == sandbox.workspace.url
    assert without["DISCORD_TOKEN"] == sandbox.chat.token


async def test_it_publishes_on_a_service_that_runs_already() -> None:
    faye = FayeServer()
    await faye.start()
    heard: list[object] = []
    async with Sandbox(faye_url=faye.url) as sandbox, aiohttp.ClientSession() as http:
        video = sandbox.workspace.state.add_video("Film")
        kinds = ["websocket"]
        async with http.ws_connect(faye.url) as socket_:
            await socket_.send_json(
                {"channel": "/meta/handshake", "version": "1", "supportedConnectionTypes": kinds}
            )
            (opened,) = await socket_.receive_json()
            client = {"clientId": opened["clientId"]}
            subscription = f"{video.root}/**"
            await socket_.send_json(
                client | {"channel": "/meta/subscribe", "subscription": subscription}
            )
            await socket_.receive_json()
            await socket_.send_json(
                client | {"channel": "/meta/connect", "connectionType": "websocket"}
            )
            await sandbox.workspace.changes.post_comment(video.object_id, "Hi")
            heard += await socket_.receive_json()
    await faye.close()

    assert [one["data"]["content_text"] for one in heard if isinstance(one, dict)] == ["Hi"]


async def test_its_ports_follow_each_other_and_one_that_is_taken_leaves_nothing_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError):
            async with Sandbox(port=port - 1):
                pass
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port - 1)) != 0
