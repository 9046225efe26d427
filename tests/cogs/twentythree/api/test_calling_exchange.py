from __future__ import annotations

import gzip
import itertools
import ssl
from collections.abc import AsyncIterator
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import web

from cogs.twentythree.api.calling import Fetcher, HttpReply
from cogs.twentythree.api.credentials import Anonymous, ApiConfig, Bearer, OAuth1, sign
from cogs.twentythree.api.methods import Call, photo_list, prepare
from cogs.twentythree.errors import UnreadableAnswerError, WorkspaceError, WorkspaceUnreachableError
from tests.fakes.site import ScriptedSite, drop, never, status

PATH = "/api/2/photo/list"


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def fetch(
    http: aiohttp.ClientSession,
    config: ApiConfig,
    request: Call | None = None,
) -> HttpReply:
    count = itertools.count(1)
    fetcher = Fetcher(http, config, lambda: f"nonce-{next(count)}")
    prepared = prepare(request or photo_list(), config.site_url, "2", stamp=1900000000)
    return await fetcher.fetch("photo/list", prepared, 1900000000)


async def failure(http: aiohttp.ClientSession, config: ApiConfig) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        await fetch(http, config)
    return caught.value


async def test_status_and_body_come_back_as_they_are(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.answer(PATH, b"{...}", status=418)

    assert await fetch(http, ApiConfig(site_url=site.url)) == HttpReply(418, b"{...}")


async def test_the_address_arrives_as_it_was_signed(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.answer(PATH, b"")
    keys = OAuth1(consumer_key="ck", consumer_secret="cs", token="t", token_secret="ts")

    await fetch(
        http,
        ApiConfig(site_url=site.url, credentials=keys),
        photo_list(search="rød + grød/b%20c&d"),
    )

    (seen,) = site.seen
    # The server sees the very bytes of the query, and so comes to the same signature.
    expected = sign(keys, "GET", site.url + seen.url, timestamp=1900000000, nonce="nonce-1")
    assert "search=r%C3%B8d%20%2B%20gr%C3%B8d%2Fb%2520c%26d" in seen.url
    assert seen.query["search"] == "rød + grød/b%20c&d"
    assert seen.headers["Authorization"] == expected["Authorization"]


async def test_a_post_arrives_as_a_form(site: ScriptedSite, http: aiohttp.ClientSession) -> None:
    site.answer("/api/2/comment/promote", b"")

    await fetch(
        http,
        ApiConfig(site_url=site.url),
        Call("comment/promote", (("comment_id", "9"),), "POST"),
    )

    (seen,) = site.seen
    assert (seen.http_method, seen.query, seen.body) == ("POST", {}, "comment_id=9")
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_a_redirect_within_the_site_is_followed_with_a_new_signature(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.handle(PATH, status(302, Location="/elsewhere?a=1"))
    site.answer("/elsewhere", b"found")
    keys = OAuth1(consumer_key="ck", consumer_secret="cs", token="t", token_secret="ts")

    reply = await fetch(http, ApiConfig(site_url=site.url, credentials=keys))

    expected = sign(keys, "GET", f"{site.url}/elsewhere?a=1", timestamp=1900000000, nonce="nonce-2")
    assert reply.body == b"found"
    assert site.seen[1].headers["Authorization"] == expected["Authorization"]


async def test_a_redirect_in_an_old_spelling_is_followed_as_it_came(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    async def old(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 302 Found\r\nLocation: /r\xf8d?a=1\r\n\r\n")
        return await drop(request)

    site.handle(PATH, old)

    reply = await fetch(http, ApiConfig(site_url=site.url))

    assert (reply.status, site.seen[1].url) == (404, "/r%F8d?a=1")


async def test_a_redirect_to_another_site_is_never_followed(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    async with ScriptedSite() as other:
        site.handle(PATH, status(301, Location=f"{other.url}{PATH}"))

        error = await failure(http, ApiConfig(site_url=site.url, credentials=Bearer("sesame")))

        assert (type(error), error.code) == (UnreadableAnswerError, "redirect")
        assert other.seen == []


@pytest.mark.parametrize("location", [{}, {"Location": ""}, {"Location": PATH}])
async def test_a_redirect_to_nowhere_or_in_circles_ends(
    site: ScriptedSite, http: aiohttp.ClientSession, location: dict[str, str]
) -> None:
    site.handle(PATH, status(302, **location))

    error = await failure(http, ApiConfig(site_url=site.url))

    assert (type(error), error.code) == (UnreadableAnswerError, "redirect")
    assert len(site.seen) <= 4


async def test_a_post_is_not_redirected(site: ScriptedSite, http: aiohttp.ClientSession) -> None:
    site.handle("/api/2/comment/promote", status(307, Location="/elsewhere"))

    with pytest.raises(UnreadableAnswerError):
        await fetch(http, ApiConfig(site_url=site.url), Call("comment/promote", (), "POST"))

    assert len(site.seen) == 1


async def test_a_huge_body_is_not_read_to_its_end(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    async def bomb(_: web.Request) -> web.StreamResponse:
        body = gzip.compress(bytes(10_000_000))
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    site.handle(PATH, bomb)

    error = await failure(http, ApiConfig(site_url=site.url, max_body=1_000_000))

    assert (type(error), error.code) == (UnreadableAnswerError, "too_big")


async def test_an_answer_that_does_not_come_is_waited_for_in_bounds(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.handle(PATH, never)

    error = await failure(http, ApiConfig(site_url=site.url, timeout_s=0.05))

    assert (type(error), error.code) == (WorkspaceUnreachableError, "timeout")


async def test_a_cut_connection_is_told_without_its_address(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.handle(PATH, drop)

    error = await failure(http, ApiConfig(site_url=site.url))

    assert (type(error), error.code) == (WorkspaceUnreachableError, "connection")
    assert site.url not in repr(error)
    assert error.__suppress_context__


async def test_nobody_listening_is_told_like_a_cut_connection(
    http: aiohttp.ClientSession,
) -> None:
    async with ScriptedSite() as gone:
        url = gone.url

    error = await failure(http, ApiConfig(site_url=url))

    assert (type(error), error.code) == (WorkspaceUnreachableError, "connection")


async def test_nothing_is_sent_once_the_host_has_closed_its_session(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    await http.close()

    error = await failure(http, ApiConfig(site_url=site.url))

    assert isinstance(error, WorkspaceUnreachableError)
    assert not error.was_sent


async def test_a_mistake_of_the_program_is_no_failure_of_the_workspace() -> None:
    http = Mock(spec=aiohttp.ClientSession, closed=False)
    http.request.side_effect = RuntimeError("mistaken")

    with pytest.raises(RuntimeError, match="mistaken"):
        await fetch(http, ApiConfig(site_url="https://video.example.com"))


async def test_a_certificate_that_is_not_trusted_has_a_word_of_its_own() -> None:
    http = Mock(spec=aiohttp.ClientSession)
    key = Mock(host="video.example.com", port=443, ssl=True)
    http.request.side_effect = aiohttp.ClientConnectorCertificateError(
        key, ssl.SSLCertVerificationError()
    )

    error = await failure(http, ApiConfig(site_url="https://video.example.com"))

    assert (type(error), error.code) == (WorkspaceUnreachableError, "certificate")


async def test_a_stranger_sends_no_credentials(
    site: ScriptedSite, http: aiohttp.ClientSession
) -> None:
    site.answer(PATH, b"")

    await fetch(http, ApiConfig(site_url=site.url, credentials=Anonymous()))

    assert "Authorization" not in site.seen[0].headers
