"""The page can be read, reached and used by everybody, and holds a great many messages."""

import re
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.judging import barriers
from tests.fakes.demo_process import DemoProcess
from tests.fakes.guest import Guest, guest_at
from tests.fakes.live_line import LiveLine

pytestmark = pytest.mark.asyncio(loop_scope="session")

_MANY = 2_000
_MOST_DRAWN = 500
_MAY_MOVE = """() => [...document.querySelectorAll('*')]
  .flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::before')])
  .some((style) => style.animationName !== 'none' || style.transitionDuration !== '0s')"""
_WIDTHS = (1280, 380)
# What a desktop window has left at 200 %.
_ZOOMED = 640


@pytest.mark.parametrize(
    ("theme", "width"), [*product(("light", "dark"), _WIDTHS), ("light", _ZOOMED)]
)
async def test_nothing_bars_anybody(
    browser: Browser, demo: DemoProcess, theme: str, width: int
) -> None:
    options: dict[str, Any] = {"color_scheme": theme, "viewport": {"width": width, "height": 800}}
    async with guest_at(browser, demo.address, **options) as guest:
        await guest.opens("moderators")
        for panel in ("Workspace", "What happens", "Discord"):
            await guest.turns_to(panel)
            assert await barriers(guest.page) == []
            assert await guest.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        await guest.box.press_sequentially("/video ")
        await expect(guest.menu).to_be_visible()
        assert await barriers(guest.page) == []


async def test_a_theme_is_chosen_and_kept(guest: Guest) -> None:
    theme = guest.page.get_by_role("combobox", name="Theme")
    background = "getComputedStyle(document.body).backgroundColor"
    await theme.select_option("Light")
    light = await guest.page.evaluate(background)
    await theme.select_option("Dark")
    dark = await guest.page.evaluate(background)
    assert dark != light
    await guest.page.reload()
    await expect(theme).to_have_value(re.compile("dark", re.IGNORECASE))
    assert await guest.page.evaluate(background) == dark


async def test_a_browser_that_keeps_nothing_for_pages_shows_this_one(
    browser: Browser, demo: DemoProcess
) -> None:
    """With all cookies blocked, the mere look at what is kept is an error."""
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('') }})"
    async with guest_at(browser, demo.address) as guest:
        await guest.page.add_init_script(refuse)
        await guest.page.reload()
        await expect(guest.box).to_be_visible()
        theme = guest.page.get_by_role("combobox", name="Theme")
        await theme.select_option("Dark")
        await expect(guest.page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("wanted", ["reduce", "no-preference"])
async def test_who_wants_no_motion_gets_none(
    browser: Browser, demo: DemoProcess, wanted: str
) -> None:
    async with guest_at(browser, demo.address, reduced_motion=wanted) as guest:
        assert await guest.page.evaluate(_MAY_MOVE) is (wanted == "no-preference")


async def test_a_room_of_two_thousand_messages_is_read_to_its_first(
    guest: Guest, demo: DemoProcess
) -> None:
    # By selector: roles of so many elements are slow to tell.
    articles = guest.log.locator("article")
    first, last = (
        guest.log.get_by_text(f"Message {number} of many", exact=True) for number in (1, _MANY)
    )
    await guest.opens("announcements")
    async with LiveLine(demo.address) as line:
        texts = [f"Message {number + 1} of many" for number in range(_MANY)]
        await line.say("announcements", texts)
    await expect(last).to_be_in_viewport()

    # Who comes later has the newest, and gets the others on the way up.
    await guest.page.reload()
    await guest.opens("announcements")
    await expect(last).to_be_in_viewport()
    await guest.log.focus()
    while not await first.count():
        oldest = await articles.first.get_attribute("data-message")
        assert oldest
        await guest.page.keyboard.press("Home")
        await expect(articles.first).not_to_have_attribute("data-message", oldest)
        assert await articles.count() < _MOST_DRAWN
    await guest.page.keyboard.press("Home")
    await expect(first).to_be_in_viewport()
    await guest.page.keyboard.press("End")
    await expect(last).to_be_in_viewport()
