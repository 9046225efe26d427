"""The servers of PostgreSQL that an address names: tried in turn, and given up where silent."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import URL

# For each server; asyncpg's own limit is one for all of them together.
_CONNECT_S: Final = 5.0
# After so long without a sign of life a connection is given up.
_SILENCE_S: Final = 10
_PROBE_EACH_S: Final = 3
# By the task that made it.
_made: WeakKeyDictionary[asyncio.Task[Any], Any] = WeakKeyDictionary()


def connect_args(url: URL) -> dict[str, Any]:
    """Return how asyncpg is to connect: of several servers, to the one that takes writes."""
    arguments: dict[str, Any] = {"async_creator_fn": connect_to_any}
    hosts = url.query.get("host", ())
    if not isinstance(hosts, str) and len(hosts) > 1:
        arguments["target_session_attrs"] = url.query.get("target_session_attrs", "read-write")
    return arguments


async def connect_to_any(
    *,
    host: str | Sequence[str] | None = None,
    port: int | Sequence[int] | None = None,
    **named: Any,
) -> Any:
    """Connect to the first server that lets us, and that is what is asked for.

    Raises:
        OSError: none of them can be reached, as the last one has it.
        asyncpg.PostgresError, asyncpg.InterfaceError: the last one does not let us.
    """
    import asyncpg  # noqa: PLC0415 - it is an extra

    hosts: Sequence[str | None] = [host] if host is None or isinstance(host, str) else host
    ports = list(port) if isinstance(port, Sequence) else [port] * len(hosts)
    last: Exception | None = None
    for one, its_port in zip(hosts, ports, strict=True):
        try:
            found = await asyncpg.connect(host=one, port=its_port, timeout=_CONNECT_S, **named)
        except FileNotFoundError:
            # The socket of a server on this machine that does not run.
            last = ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        except (
            OSError,
            asyncpg.CannotConnectNowError,
            asyncpg.TooManyConnectionsError,
            asyncpg.PostgresConnectionError,
        ) as error:
            last = error
        except asyncpg.TargetServerAttributeNotMatched:
            last = ConnectionRefusedError(errno.EROFS, "no server takes writes")
        else:
            _mind_silence(found)
            _made[_task()] = found
            return found
    assert last is not None  # noqa: S101 - for mypy
    raise last


def drop_made() -> None:
    """End the connection that the current task has made last.

    SQLAlchemy lets go of one that ends while it is set up, and nobody else would close it.
    """
    made = _made.pop(_task(), None)
    if made is not None:
        made.terminate()


def _task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - for mypy
    return task


def _mind_silence(connection: Any) -> None:
    """Let the system find out that a server's machine is gone, which nobody else would tell."""
    sock = connection._transport.get_extra_info("socket")  # noqa: SLF001 - asyncpg offers no way
    if sock is None or sock.family == getattr(socket, "AF_UNIX", None):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _PROBE_EACH_S),
        ("TCP_KEEPINTVL", _PROBE_EACH_S),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", _SILENCE_S * 1000),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
