import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.web import address_of, cannot_listen, serve


@asynccontextmanager
async def served(problems: list[str], at: str = "127.0.0.1:0") -> AsyncGenerator[str]:
    async def told() -> list[str]:
        return problems

    async with serve(at, told) as url:
        yield url


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def test_a_process_that_answers_is_alive_whatever_its_problems() -> None:
    async with served(["not connected to Discord"]) as url:
        assert await get(f"{url}/healthz") == (200, "ok\n")


async def test_it_is_ready_when_nothing_is_wrong() -> None:
    problems = ["not connected to Discord", "The plugin is not loaded."]
    async with served(problems) as url:
        assert await get(f"{url}/readyz") == (
            503,
            "not connected to Discord\nThe plugin is not loaded.\n",
        )
        problems.clear()
        assert await get(f"{url}/readyz") == (200, "ok\n")


async def test_metrics_are_served_as_prometheus_reads_them() -> None:
    async with (
        served([]) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/metrics") as answer,
    ):
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        assert "python_info" in await answer.text()


async def test_nothing_else_is_served() -> None:
    async with served([]) as url:
        status, _ = await get(f"{url}/")

    assert status == 404


async def test_a_taken_address_is_an_os_error() -> None:
    async with served([]) as url:
        with pytest.raises(OSError):
            async with served([], url.removeprefix("http://")):
                pass


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:8023"), ("::1", "http://[::1]:8023")]
)
def test_the_address_is_told_as_one_can_use_it(host: str, url: str) -> None:
    assert address_of(host, 8023) == url


def test_a_name_that_nobody_knows_is_said_as_the_system_says_it() -> None:
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert cannot_listen("my-host:8023", error) == (
        "BOT_HTTP_LISTEN: cannot listen on my-host:8023 (Name or service not known); name an "
        "address of this machine."
    )
