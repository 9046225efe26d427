"""Addresses of databases; and the file: for its owner alone, noticed when it is taken away."""

import asyncio
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from cogs.twentythree.errors import StorageError, StorageLostError
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.location import place_of, read_address


@pytest.fixture(autouse=True)
def lax() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def modes(path: Path) -> dict[str, int]:
    return {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}


def open_to_all(path: Path) -> None:
    # The last two may be left from before, too.
    for end in ("", "-wal", "-shm", "-journal", ".lock"):
        Path(f"{path}{end}").touch()
        Path(f"{path}{end}").chmod(0o644)


@pytest.mark.parametrize("address", ["sqlite:///{}", "sqlite:///file:{}?uri=true"])
async def test_all_files_of_a_database_are_its_owners_from_the_first_byte(
    path: Path, address: str
) -> None:
    seen: set[int] = set()
    store = await Store.open(address.format(path))
    await store.upkeep.set_command_digest("global", "x")
    seen |= set(modes(path).values())
    names = set(modes(path))
    await store.close()

    assert names == {"store.db", "store.db-wal", "store.db-shm"}
    assert seen == {0o600}


async def test_an_old_database_is_tightened_and_one_line_says_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.open(f"sqlite:///{path}")
    await store.upkeep.set_command_digest("global", "x")
    shutil.copytree(path.parent, path.parent / "left", copy_function=shutil.copy)
    await store.close()
    left = path.parent / "left" / "store.db"
    open_to_all(left)

    with caplog.at_level(logging.WARNING, "twentythree.storage"):
        store = await Store.open(f"sqlite:///{left}")
    assert (await store.upkeep.command_digests())["global"] == "x"
    assert set(modes(left).values()) == {0o600}
    await store.close()
    assert [record.message for record in caplog.records] == [
        f"the database {left} was open to other users of this machine; it is not any more"
    ]


def _delete(path: Path) -> None:
    path.unlink()


def size(path: Path) -> int:
    return path.stat().st_size


def _replace(path: Path) -> None:
    other = path.with_suffix(".other")
    shutil.copy(path, other)
    other.rename(path)


@pytest.mark.parametrize(("take", "how"), [(_delete, "deleted"), (_replace, "replaced")])
async def test_a_database_that_is_taken_away_takes_nothing_more_and_says_so(
    path: Path, take: Callable[[Path], None], how: str
) -> None:
    store = await Store.open(f"sqlite:///{path}")
    watching = asyncio.create_task(store.watch())
    await asyncio.sleep(0)
    take(path)

    with pytest.raises(StorageLostError, match=how):
        await store.upkeep.set_command_digest("global", "x")
    with pytest.raises(StorageLostError, match=how):
        await store.upkeep.command_digests()
    async with asyncio.timeout(60):
        with pytest.raises(StorageLostError, match=how) as caught:
            await watching
    assert "\n" not in str(caught.value)
    await store.close()
    # Nor is an empty one made in its place.
    assert (path.name in modes(path)) is (how == "replaced")


async def test_a_database_in_memory_cannot_be_taken_away() -> None:
    store = await Store.open("sqlite://")
    watching = asyncio.create_task(store.watch())
    await store.upkeep.set_command_digest("global", "x")
    assert not watching.done()
    watching.cancel()
    await store.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "mysql://bot:hunter2@localhost/bot",
        "postgresql://bot:hunter2@localhost:port/bot",
        "postgresql://bot:hunter2@127.0.0.1:99999/bot",
        "postgresql://bot:hunter2@one:5432,two:port/bot",
        "postgresql://bot:hunter2@/bot?host=one:5432&host=two",
        # With an @ or a / as they are, a piece of the password would pass for a host or a database.
        "postgresql://bot:p@hunter2@127.0.0.1:1/bot",
        "postgresql://bot:p@hunter2@127.0.0.1:1,127.0.0.1:2/bot",
        "postgresql://bot:p@hunter2/2@127.0.0.1:1/bot",
        "postgresql://bot:hunter2@/bot?host=hunter2@127.0.0.1",
        "postgresql://bot:hunter2@127.0.0.1:1/bot?sslmode=require&channel_binding=require",
        "postgresql://bot:hunter2@127.0.0.1:1/bot?command_timeout=soon",
        "postgresql://bot:hunter2@127.0.0.1:1/bot?target_session_attrs=primary-ish",
        "sqlite:///a%00b.db",
        "sqlite+pysqlite:///x.db",
        "sqlite+nonsense:///x.db",
    ],
)
async def test_an_address_that_cannot_be_used_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(StorageError) as caught:
        await Store.open(address)

    assert "TWENTYTHREE_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["loop/x.db", f"{'long' * 100}.db"])
async def test_a_place_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(StorageError, match="TWENTYTHREE_DATABASE_URL") as caught:
        await Store.open(f"sqlite:///{tmp_path}/{name}")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("server", "place"),
    [
        ("db.example.com", "db.example.com"),
        ("db.example.com:5432", "db.example.com"),
        ("db.example.com:5433", "db.example.com:5433"),
        ("[::1]:5433", "[::1]:5433"),
        ("", "localhost"),
        (":5433", "localhost:5433"),
    ],
)
def test_a_place_is_named_without_what_is_secret(server: str, place: str) -> None:
    url = make_url(f"postgresql://bot:hunter2@{server}/bot?password=hunter2")

    assert place_of(url) == f"bot at {place}"


def test_a_place_that_is_named_in_the_query_is_named_with_its_port() -> None:
    url = make_url("postgresql://bot@/bot?host=/run/postgresql&port=5433")

    assert place_of(make_url("postgresql://bot@/bot?host=one:5433")) == "bot at one:5433"
    assert place_of(url) == "bot at /run/postgresql:5433"
    assert place_of(url.update_query_dict({"port": "5432"})) == "bot at /run/postgresql"


@pytest.mark.parametrize(
    ("address", "hosts", "place"),
    [
        ("postgresql://u:a%2Cb@one:5432,two:5433/bot", ["one:5432", "two:5433"], "one:5432 or two"),
        ("postgresql+asyncpg://u@one,two/bot?ssl=require", ["one:5432", "two:5432"], "two:5432"),
        ("postgresql://u@/bot?host=/run/a:1&host=/run/b:2", ["/run/a:1", "/run/b:2"], "/run/b:2"),
    ],
)
def test_several_servers_are_read_in_their_order(
    address: str, hosts: list[str], place: str
) -> None:
    url = read_address(address)

    assert list(url.query["host"]) == hosts
    assert (url.username, url.database) == ("u", "bot")
    assert place in place_of(url)
    assert ("ssl" in url.query) is ("ssl" in address)


async def test_what_was_written_gets_into_the_file_without_a_writer_that_waits_for_it(
    path: Path,
) -> None:
    store = await Store.open(f"sqlite:///{path}")
    before = size(path)
    for number in range(50):
        await store.upkeep.set_command_digest(f"guild {number}", "x" * 10_000)
    assert size(path) == before
    watching = asyncio.create_task(store.watch())
    async with asyncio.timeout(60):
        while size(path) < before + 500_000:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    watching.cancel()
    await store.close()
