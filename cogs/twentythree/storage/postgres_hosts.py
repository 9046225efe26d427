"""The servers of PostgreSQL that an address names: tried in turn, and given up where silent.

How they are reached, and whether encrypted, is what the address says, in libpq's words, and else
what is usual: nothing of it comes from the ``PG…`` variables, which asyncpg would take, from
``~/.pgpass`` or from ``~/.postgresql``.

https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
"""

from __future__ import annotations

import asyncio
import errno
import getpass
import os
import socket
import ssl
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import URL

from ..errors import StorageError
from .location import PORT

Way: TypeAlias = ssl.SSLContext | bool
"""How to connect: encrypted so, or ``False``: not encrypted."""

MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# As an address names them; by the second SQLAlchemy knows the first one.
_MODE: Final = ("sslmode", "ssl")
_AUTHORITY, _CERTIFICATE, _KEY = "sslrootcert", "sslcert", "sslkey"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """What an address asks for; files are ``None`` where it names none."""

    mode: str = "prefer"
    authority: str | None = None
    certificate: str | None = None
    key: str | None = None

    def ways(self) -> list[Way]:
        """Return the ways to connect, to be tried one after the other.

        Raises:
            StorageError: a file cannot be read.
        """
        match self.mode:
            case "disable":
                return [False]
            case "allow":
                return [False, self._context()]
            case "prefer":
                return [self._context(), False]
            case _:
                return [self._context()]

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = self.mode == "verify-full"
        is_verified = self.mode.startswith("verify-") or self.authority is not None
        context.verify_mode = ssl.CERT_REQUIRED if is_verified else ssl.CERT_NONE
        try:
            if self.authority is not None:
                context.load_verify_locations(cafile=self.authority)
            elif is_verified:
                context.load_default_certs()
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            # Not chained: it may quote a place on the machine.
            raise StorageError(
                "TWENTYTHREE_DATABASE_URL names a file for the encryption that cannot be used "
                f"({type(error).__name__}); check sslrootcert, sslcert and sslkey in it."
            ) from None
        return context


class NotEncryptedError(ConnectionError):
    """A server does not encrypt, and the address asks for that."""


def encryption_in(named: MutableMapping[str, Any]) -> Encryption:
    """Take out of what an address names what it says of encryption.

    Raises:
        StorageError: it asks for something that there is not.
    """
    modes = [str(named.pop(name)) for name in _MODE if name in named]
    mode = modes[0] if modes else Encryption().mode
    if mode not in MODES:
        raise StorageError(
            f"TWENTYTHREE_DATABASE_URL asks for an encryption that there is not; write one of "
            f"{', '.join(MODES)} after sslmode=."
        )
    files: Mapping[str, Any] = {
        name: named.pop(name, None) for name in (_AUTHORITY, _CERTIFICATE, _KEY)
    }
    return Encryption(
        mode=mode,
        authority=files[_AUTHORITY],
        certificate=files[_CERTIFICATE],
        key=files[_KEY],
    )


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
        StorageError: the address is not one to connect by.
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
        except ValueError:
            # Not chained: it quotes what the address holds.
            raise StorageError(
                "TWENTYTHREE_DATABASE_URL holds a value that PostgreSQL's driver does not take; "
                "check what stands in it after the ?, and the names of its hosts."
            ) from None
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
    try:
        return await asyncpg.connect(ssl=ways[-1], timeout=_CONNECT_S, **place)
    except ConnectionError as error:
        # Others of the same kind are of a connection that has ended.
        if "rejected SSL" in str(error):
            raise NotEncryptedError("it takes no encrypted connections") from None
        raise


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
