"""How PostgreSQL is reached: as the address says, whatever the environment and home hold."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage.engine import Database

_ENCRYPTION, _REFUSED = 80877103, b"N"
_ASK_PASSWORD = b"R" + struct.pack("!II", 8, 3)
_FIELDS = b"SFATAL\0VFATAL\0C28P01\0Mno\0\0"
_WRONG = b"E" + struct.pack("!I", len(_FIELDS) + 4) + _FIELDS


@dataclass
class Onlooker:
    """A server without encryption that notes who comes, and lets nobody in."""

    port: int = 0
    asked_for_encryption: int = 0
    came: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            said = await self._begin(reader, writer)
            writer.write(_ASK_PASSWORD)
            kind, size = struct.unpack("!cI", await reader.readexactly(5))
            assert kind == b"p"
            password = (await reader.readexactly(size - 4)).rstrip(b"\0").decode()
            self.came.append((said, password))
            writer.write(_WRONG)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def _begin(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> dict[str, str]:
        while True:
            size, what = struct.unpack("!II", await reader.readexactly(8))
            rest = await reader.readexactly(size - 8)
            if what != _ENCRYPTION:
                words = rest.decode().rstrip("\0").split("\0")
                return dict(zip(words[::2], words[1::2], strict=False))
            self.asked_for_encryption += 1
            writer.write(_REFUSED)


@asynccontextmanager
async def an_onlooker() -> AsyncIterator[Onlooker]:
    found = Onlooker()
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


async def refused(address: str) -> str:
    """Return what is said where the database lets nobody in."""
    database = Database.at(address, patience_s=0.0)
    try:
        with pytest.raises(StorageError) as told:
            await database.read(lambda connection: connection.scalar(text("SELECT 1")))
    finally:
        await database.close()
    return str(told.value)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the environment and home say something of PostgreSQL everywhere they can."""
    home = tmp_path / "home"
    (home / ".postgresql").mkdir(parents=True)
    for name in ("postgresql.crt", "postgresql.key", "root.crt", "root.crl"):
        (home / ".postgresql" / name).write_text("nothing of the kind")
    passwords = home / ".pgpass"
    passwords.write_text("*:*:*:*:of-home\n")
    passwords.chmod(0o600)
    for name, value in {
        "HOME": str(home),
        "PGHOST": "127.0.0.2",
        "PGPORT": "1",
        "PGUSER": "of-environment",
        "PGDATABASE": "of-environment",
        "PGPASSWORD": "of-environment",
        "PGPASSFILE": str(passwords),
        "PGSSLMODE": "verify-full",
        "PGSSLNEGOTIATION": "direct",
        "PGSSLCERT": str(home / "none"),
        "PGSSLROOTCERT": str(home / "none"),
        "PGSSLCRL": str(home / "none"),
        "PGSSLMINPROTOCOLVERSION": "nonsense",
        "PGTARGETSESSIONATTRS": "standby",
        "PGGSSLIB": "nonsense",
        "PGSERVICE": "of-environment",
        "USER": "ada",
        "LOGNAME": "ada",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("address", "who", "password"),
    [
        ("postgresql+asyncpg://127.0.0.1:{port}", ("ada", "ada"), ""),
        ("postgresql+asyncpg://127.0.0.1:{port}/bot", ("ada", "bot"), ""),
        ("postgresql+asyncpg://eve@127.0.0.1:{port}/", ("eve", "eve"), ""),
        ("postgresql+asyncpg://eve:hers@127.0.0.1:{port}/bot", ("eve", "bot"), "hers"),
    ],
)
async def test_nothing_of_the_environment_or_of_home_goes_to_the_server(
    address: str, who: tuple[str, str], password: str
) -> None:
    async with an_onlooker() as server:
        await refused(address.format(port=server.port))

    assert server.asked_for_encryption == 1
    ((said, sent),) = server.came
    assert (said["user"], said["database"], sent) == (*who, password)


@pytest.mark.parametrize(
    ("mode", "comes", "asks"),
    [
        ("ssl=disable", 1, 0),
        ("sslmode=allow", 1, 0),
        ("ssl=prefer", 1, 1),
        ("sslmode=require", 0, 1),
        ("sslmode=verify-ca", 0, 1),
        ("ssl=verify-full", 0, 1),
    ],
)
async def test_a_server_without_encryption_is_gone_to_as_the_address_says(
    mode: str, comes: int, asks: int
) -> None:
    async with an_onlooker() as server:
        await refused(f"postgresql+asyncpg://eve:hers@127.0.0.1:{server.port}/bot?{mode}")

    # One that refuses who comes without may take them with it.
    assert (len(server.came), bool(server.asked_for_encryption)) == (comes, bool(asks))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sslmode=nonsense", "write one of disable, allow, prefer, require"),
        ("sslmode=verify-full&sslrootcert=/nowhere/at.all", "FileNotFoundError"),
    ],
)
async def test_what_cannot_be_is_one_sentence(query: str, says: str) -> None:
    said = await refused(f"postgresql+asyncpg://eve:hers@127.0.0.1:1/bot?{query}")

    assert said.startswith("TWENTYTHREE_DATABASE_URL ")
    assert says in said
    assert "nowhere" not in said
