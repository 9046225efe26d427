"""The judge of the tests hears what is wrong with a page."""

import pytest
from playwright.async_api import Browser, Error

from tests.browser.judging import Judge, barriers

pytestmark = pytest.mark.asyncio(loop_scope="session")

_ORIGIN = "http://127.0.0.1:9"
_WRONG = """<!doctype html><html lang="en"><title>Wrong</title><main><h1>Wrong</h1>
<button></button><p style="color:#999;background:#fff">Pale</p>
<script>console.warn('odd'); Promise.reject(new Error('lost'))</script>
<script>fetch('http://192.0.2.1/x').catch(() => 0); new WebSocket('ws://192.0.2.2/live')</script>
</main></html>"""


async def test_all_that_is_wrong_with_a_page_is_heard(browser: Browser) -> None:
    context = await browser.new_context()
    judge = Judge(context, _ORIGIN)
    page = await context.new_page()
    await page.route(
        f"{_ORIGIN}/", lambda route: route.fulfill(body=_WRONG, content_type="text/html")
    )
    async with page.expect_event("requestfailed"), page.expect_event("websocket"):
        await page.goto(f"{_ORIGIN}/")

    found = "\n".join([*judge.faults, *await barriers(page)])
    for fault in (
        "console warning: odd",
        "not caught: lost",
        "asks another: http://192.0.2.1/x",
        "asks another: ws://192.0.2.2/live",
        "critical button-name: <button></button>",
        "serious color-contrast: <p",
    ):
        assert fault in found
    assert f"{_ORIGIN}/" in judge.asked
    await context.close()


async def test_names_lead_nowhere_but_to_this_machine(browser: Browser) -> None:
    page = await browser.new_page()

    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto("http://video.example.com/")
    await page.close()
