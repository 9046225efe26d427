"""Keeps the server of a run until no process of the run is left: ``… postgres_keeper FOLDER``."""

from __future__ import annotations

import fcntl
import sys
from pathlib import Path

from tests.fakes.postgres import LocalPostgres


def keep(folder: Path) -> None:
    """Run a server; say ``ready`` once it is."""
    server = LocalPostgres()
    told = folder / "address"
    try:
        server.start()
        told.write_text(server.address())
        sys.stdout.write("ready\n")
        sys.stdout.close()
        with (folder / "users").open() as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            # Whoever comes from here on waits for the lock, and begins another.
            told.unlink(missing_ok=True)
            server.remove()
    except BaseException:
        told.unlink(missing_ok=True)
        server.remove()
        raise


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
