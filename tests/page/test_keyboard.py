"""All of a first visit by the keyboard alone."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fakes.guest import Guest

pytestmark = pytest.mark.asyncio(loop_scope="session")

_MOST_STOPS = 150


async def go_to(page: Page, there: Locator, *, key: str = "Tab") -> None:
    """Press Tab until the focus is there, and is seen."""
    await expect(there.first).to_be_visible()
    for _ in range(_MOST_STOPS):
        if await there.first.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press(key)
    await expect(there.first).to_be_focused()
    ring = "one => { const of = getComputedStyle(one); return of.outlineStyle + of.boxShadow }"
    assert await there.first.evaluate(ring) != "nonenone", "the focus is not seen"


async def test_a_first_visit_goes_by_the_keyboard_alone(guest: Guest) -> None:
    page, keyboard = guest.page, guest.page.keyboard

    # Playwright has no role for what unfolds something.
    unfolding = guest.workspace.locator("summary").filter(has_text="Add video")
    await go_to(page, unfolding)
    await keyboard.press("Enter")
    await go_to(page, guest.workspace.get_by_label("Title"))
    await keyboard.type("Film by hand")
    await keyboard.press("Enter")
    shown = guest.workspace.get_by_role("region", name="Film by hand")
    await expect(shown).to_be_visible()
    await expect(unfolding).to_be_focused()

    await go_to(page, guest.room("moderators"))
    await keyboard.press("Enter")
    await go_to(page, guest.box)
    for typed, taken in (
        ("/video att", r"/video attach"),
        ("by hand", "Film by hand"),
        ("comments:a", "all"),
        ("actions:on", "on"),
    ):
        await keyboard.type(typed)
        await expect(guest.menu.get_by_role("option", selected=True)).to_have_accessible_name(
            re.compile(taken)
        )
        await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(guest.replies.last).to_contain_text("Film by hand")

    await go_to(page, shown.get_by_label("Text"), key="Shift+Tab")
    await keyboard.type("Who reads this?")
    await go_to(page, shown.get_by_role("button", name="Send"))
    await keyboard.press("Enter")

    promote = guest.message("Who reads this?").get_by_role("button", name="Promote")
    await expect(promote).to_be_visible()
    await go_to(page, promote)
    await keyboard.press("Enter")
    await expect(guest.message("Who reads this?")).to_contain_text("promoted by")

    reply = guest.message("Who reads this?").get_by_role("button", name="Reply")
    await go_to(page, reply)
    await keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Reply")
    await expect(form.get_by_role("textbox")).to_be_focused()
    await keyboard.press("Escape")
    await expect(form).to_be_hidden()
    await expect(reply).to_be_focused()
