"""The servers of PostgreSQL that an address names: tried in turn, and given up where silent.

How they are reached is what the address says, and else what is usual: nothing of it comes from the
``PG…`` variables, from ``~/.pgpass`` or from ``~/.postgresql``.
"""

from __future__ import annotations

import asyncio
import errno
import getpass
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import URL

from .location import PORT
from .postgres_tls import Encryption, encryption_in

# Where a server of this machine is, as asyncpg looks for it.
_LOCAL: Final = ("/run/postgresql", "/var/run/postgresql", "/tmp", "localhost")  # noqa: S108
_USUAL: Final = {
    "target_session_attrs": "any",
    "direct_tls": False,
    "krbsrvname": "postgres",
    "gsslib": "sspi" if os.name == "nt" else "gssapi",
}
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

    hosts = _LOCAL if host is None else [host] if isinstance(host, str) else host
    ports = list(port) if isinstance(port, Sequence) else [port] * len(hosts)
    encryption, told = encryption_in(named), _all_told(named)
    last: Exception | None = None
    for one, its_port in zip(hosts, ports, strict=True):
        place = {"host": one, "port": its_port or PORT, **told}
        try:
            found = await _connected(place, encryption)
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


async def _connected(place: Mapping[str, Any], encryption: Encryption) -> Any:
    """Connect to one server, encrypted as is asked for and as it lets us."""
    import asyncpg  # noqa: PLC0415 - it is an extra

    # A socket of this machine is not encrypted.
    is_socket = str(place["host"]).startswith("/")
    ways = [False] if is_socket else encryption.ways()
    for way in ways[:-1]:
        try:
            return await asyncpg.connect(ssl=way, timeout=_CONNECT_S, **place)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            if isinstance(error, asyncpg.InvalidPasswordError):
                raise
        except ConnectionError as error:
            # Of a server without encryption; those of the system are of other kinds.
            if type(error) is not ConnectionError:
                raise
    return await asyncpg.connect(ssl=ways[-1], timeout=_CONNECT_S, **place)


def _all_told(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an address names, and what asyncpg would else look for in other places."""
    told = {**_USUAL, **named}
    told["user"] = told.get("user") or getpass.getuser()
    told["database"] = told.get("database") or told["user"]
    if "passfile" not in told:
        told["password"] = told.get("password") or ""
    return told


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
