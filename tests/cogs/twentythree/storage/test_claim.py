"""One process works with a SQLite database; the mark of one that was killed does not count."""

import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cogs.twentythree.errors import DatabaseInUseError, StorageError
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.leading import claim

ROOT = Path(__file__).parents[4]
_HOLDER = """
import sys
from cogs.twentythree.storage.leading import claim
with claim(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/bot.db"


@pytest.fixture
def other(url: str) -> Iterator[subprocess.Popen[str]]:
    """Return another process that works with the database."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_works(
    url: str, tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    with pytest.raises(DatabaseInUseError) as refused, claim(url):
        pass

    assert str(refused.value) == (
        f"Another bot (process {other.pid} on this machine) uses the database {tmp_path}/bot.db; "
        "stop it first, or give this one a database of its own with TWENTYTHREE_DATABASE_URL."
    )


def test_the_mark_of_a_killed_process_does_not_count(
    url: str, other: subprocess.Popen[str]
) -> None:
    other.kill()
    other.wait()

    with claim(url):
        pass


def test_a_database_is_free_again_when_the_work_has_ended(url: str) -> None:
    for _ in range(2):
        with claim(url), pytest.raises(DatabaseInUseError), claim(url):
            pass


def test_it_is_the_same_database_by_another_way_to_it(url: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "bot.db")

    with claim(url), pytest.raises(DatabaseInUseError), claim(f"sqlite:///{tmp_path}/link.db"):
        pass


def test_nobody_else_may_read_or_hold_the_mark(url: str, tmp_path: Path) -> None:
    with claim(url):
        mode = (tmp_path / "bot.db.lock").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite+aiosqlite:///:memory:", "postgresql://me@127.0.0.1/bot"]
)
def test_what_is_no_file_is_not_claimed(address: str) -> None:
    with claim(address), claim(address):
        pass


def test_where_no_mark_can_be_kept_the_log_says_so(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bot.db.lock").mkdir()

    with claim(url):
        pass

    assert "make sure that no other bot uses" in caplog.records[-1].message


async def test_a_new_database_is_told_with_its_whole_path(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "twentythree.storage")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        await (await Store.open("sqlite:///bot.db")).close()

    assert [record.message for record in caplog.records] == [
        f"made a new database: {tmp_path}/bot.db"
    ]


def test_a_file_with_a_second_name_is_not_worked_with(url: str, tmp_path: Path) -> None:
    """By the other name it has another log, and another lock, and would be torn apart."""
    (tmp_path / "bot.db").touch()
    (tmp_path / "twin.db").hardlink_to(tmp_path / "bot.db")

    for address in (url, f"sqlite:///{tmp_path}/twin.db"):
        with pytest.raises(StorageError, match="second name"), claim(address):
            pass
