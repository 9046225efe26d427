"""No answer of a workspace holds up the loop, whatever it is made of."""

import gc
from contextlib import suppress

import aiohttp
import pytest

from cogs.twentythree.api import ApiConfig, WorkspaceClient
from cogs.twentythree.domain.model import ObjectId, ObjectInfo, ObjectKind
from cogs.twentythree.errors import WorkspaceError
from tests.fakes.hostile import bodies
from tests.fakes.site import ScriptedSite
from tests.fakes.watchdog import LONGEST_STEP_S, Watchdog

# Plainer tests reach the same lines; to count them here takes longer than to run this.
BODIES = {name: body.encode("utf-8", "replace") for name, body in bodies().items()}
_EVENT = ObjectInfo(
    object_id=ObjectId(1), kind=ObjectKind.LIVE, title="Event", url="https://video.example.com/1"
)


@pytest.mark.parametrize("method", ["comment/list", "live/list"])
async def test_no_answer_holds_up_the_loop(method: str) -> None:
    longest_s: dict[str, float] = {}
    async with ScriptedSite() as site, aiohttp.ClientSession() as http:
        config = ApiConfig(site_url=site.url, version="2", attempts=1)
        client = WorkspaceClient(http, config)
        for name, body in BODIES.items():
            site.answer(f"/api/2/{method}", body)
            site.answer("/api/2/site/get", {"status": "ok", "permission_level": "read", "data": {}})
            gc.collect()
            async with Watchdog() as watchdog:
                with suppress(WorkspaceError):
                    if method == "comment/list":
                        await client.comments(ObjectId(7))
                    else:
                        await client.live(ObjectId(1))
                        await client.realtime(_EVENT)
            longest_s[name] = watchdog.longest_s
    assert {name: took for name, took in longest_s.items() if took >= LONGEST_STEP_S} == {}
    assert len(site.paths()) >= len(BODIES)
