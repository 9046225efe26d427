"""A network between a process and PostgreSQL's server, which can be cut, stalled and mended."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import make_url

from tests.fakes.tcp_proxy import TcpProxy


@asynccontextmanager
async def networked(address: str) -> AsyncGenerator[tuple[TcpProxy, str]]:
    """Yield the network, and the address by which the database is reached through it."""
    url = make_url(address)
    host = url.query.get("host", url.host)
    is_socket = isinstance(host, str) and host.startswith("/")
    target = f"{host}/.s.PGSQL.{url.port or 5432}" if is_socket else url.port or 5432
    async with TcpProxy(target) as proxy:
        through = url.set(host="127.0.0.1", port=proxy.port, query={})
        yield proxy, through.render_as_string(hide_password=False)
