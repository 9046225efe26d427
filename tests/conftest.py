"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.fakes.bot_process import BotProcess
from tests.fakes.warm_bots import WarmBots

# Elsewhere each run looks at new examples; where a change is judged, all look at the same few.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session", autouse=True)
def _warm_bots() -> Generator[None]:
    """Let bots start as forks of one that is warm."""
    BotProcess.warm = bots = WarmBots()
    yield
    BotProcess.warm = None
    bots.close()
