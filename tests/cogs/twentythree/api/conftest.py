"""A workspace of scripted answers, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, WorkspaceClient
from tests.fakes.site import Make, ScriptedSite, page

SITE_ROW = {
    "site_name": "Example",
    "domain": "video.example.com",
    "https_url": "https://watch.example.org/",
}


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as made:
        made.answer("/api/2/site/get", page(SITE_ROW))
        yield made


@pytest.fixture
async def make(site: ScriptedSite) -> AsyncIterator[Make]:
    async with aiohttp.ClientSession() as http:

        def made(**options: Any) -> WorkspaceClient:
            config: dict[str, Any] = {"site_url": site.url, "attempts": 1} | options
            return WorkspaceClient(http, ApiConfig(**config))

        yield made
