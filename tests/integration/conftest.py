"""On which database the bots of these tests work.

By default on SQLite; with ``TEST_DATABASE=postgresql`` in the environment on PostgreSQL, but for
what is about SQLite's file. A few tests run on both in any case.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.fakes.bot_process import BotProcess

_CHOSEN = os.environ.get("TEST_DATABASE", "sqlite")


@contextmanager
def _on(kind: str, request: pytest.FixtureRequest) -> Generator[None]:
    """Let bots work on a kind of database meanwhile."""
    before = BotProcess.postgres
    if kind == "sqlite":
        BotProcess.postgres = None
    else:
        from tests.fakes.databases import PostgresFolders

        databases = request.getfixturevalue("postgres_server")
        BotProcess.postgres = PostgresFolders(databases)
    try:
        yield
    finally:
        if BotProcess.postgres is not None:
            BotProcess.postgres.clear()
        BotProcess.postgres = before


@pytest.fixture(scope="module", autouse=True)
def _on_the_chosen(request: pytest.FixtureRequest) -> Generator[None]:
    with _on(_CHOSEN, request):
        yield


@pytest.fixture
def on_sqlite(request: pytest.FixtureRequest) -> Generator[None]:
    """Run on SQLite: the test is about its file."""
    with _on("sqlite", request):
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest) -> Generator[None]:
    """Run on either database."""
    with _on(request.param, request):
        yield


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def module_on_both(request: pytest.FixtureRequest) -> Generator[None]:
    """Run all tests of a module, which share a bot, on either database."""
    with _on(request.param, request):
        yield
