"""Encryption on the way to PostgreSQL, as the address asks for it: libpq's modes and files.

asyncpg would take what it is not told from the ``PG…`` variables and from ``~/.postgresql``.

https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ..errors import StorageError

Way: TypeAlias = ssl.SSLContext | bool
"""How to connect: encrypted so, or ``False``: not encrypted."""

MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# As an address names them; by the second SQLAlchemy knows the first one.
_MODE: Final = ("sslmode", "ssl")
_AUTHORITY, _CERTIFICATE, _KEY = "sslrootcert", "sslcert", "sslkey"


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
