"""The client over TLS, before a real Faye server."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest

from cogs.twentythree.realtime import RealtimeClient
from tests.fakes import tcp_proxy
from tests.fakes.faye import FayeServer
from tests.fakes.realtime_reader import confirmed, deliveries, fast
from tests.fakes.tcp_proxy import TcpProxy

# Made for these tests, self-signed, for localhost; nobody else trusts it.
_CERTIFICATE = Path(tcp_proxy.__file__).with_name("localhost.pem")
over_both = pytest.mark.parametrize("kind", ["websocket", "long-polling"])


def _tls_proxy(faye: FayeServer) -> TcpProxy:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(_CERTIFICATE)
    return TcpProxy(faye.port, tls=tls)


@over_both
async def test_events_come_over_tls_from_a_server_that_is_trusted(
    faye: FayeServer, kind: str
) -> None:
    trust = ssl.create_default_context(cafile=_CERTIFICATE)
    async with (
        _tls_proxy(faye) as proxy,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http,
        RealtimeClient(proxy.url, http, options=fast(kind)) as client,
    ):
        await confirmed(client, "/a")
        await faye.publish("/a", 1)

        assert await deliveries(client, 1) == [1]


@over_both
async def test_a_server_that_nobody_vouches_for_is_not_spoken_to(
    http: aiohttp.ClientSession, faye: FayeServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        _tls_proxy(faye) as proxy,
        RealtimeClient(proxy.url, http, options=fast(kind)) as client,
    ):
        async with asyncio.timeout(60):
            while not caplog.records:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0)

        assert not client.connected
        assert "ClientConnectorCertificateError" in caplog.text
    assert await faye.do("sessions") == 0
