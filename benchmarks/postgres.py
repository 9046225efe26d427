"""A PostgreSQL of one's own for a benchmark, as careful with what it keeps as an operator's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from tests.fakes.postgres import LocalPostgres


@contextmanager
def postgres() -> Generator[str]:
    """Yield the address of its one database, which is empty; the server is gone afterwards."""
    server = LocalPostgres(is_careful=True)
    try:
        server.start()
        yield server.address()
    finally:
        server.remove()
