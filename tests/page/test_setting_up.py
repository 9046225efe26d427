"""``/video setup``, walked on the page back and forth by who installs the bot."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.judging import barriers
from tests.fakes.guest import Guest

pytestmark = pytest.mark.asyncio(loop_scope="session")

_EVENT = "Event to be set up"


async def choose(
    guest: Guest, walk: Locator, menu: str, option: str, *, is_back: bool = False
) -> None:
    """Choose in a menu, and wait until it is so; what is chosen already is taken back."""
    await walk.get_by_role("button", name=re.compile(f"^{menu}")).click()
    offered = guest.page.get_by_role("listbox", name=menu)
    await offered.get_by_role("option", name=re.compile(re.escape(option))).click()
    chosen = walk.get_by_role("button", name=re.compile(f"^{menu}: .*{re.escape(option)}"))
    await expect(chosen).to_have_count(0 if is_back else 1)


async def go(walk: Locator, page: str) -> None:
    """Go to another page of the walk."""
    step = walk.get_by_role("button", name=page, exact=True)
    await step.click()
    await expect(step).to_be_disabled()


async def test_setup_is_walked_back_and_forth_and_sets_all_at_once(guest: Guest) -> None:
    await guest.becomes("Noah")
    await guest.box.press_sequentially("/video")
    await expect(guest.menu.get_by_role("option")).to_have_count(0)
    await guest.box.fill("")

    await guest.becomes("Ann")
    await guest.plans(_EVENT)
    await guest.opens("general")
    walk = await guest.commands("setup")
    done = walk.get_by_role("button", name="Done", exact=True)
    await go(walk, "Permissions")
    await expect(walk).to_contain_text("No room is chosen yet.")
    await expect(done).to_be_disabled()

    await go(walk, "Where")
    await choose(guest, walk, "The room that everybody reads", "general")
    await choose(guest, walk, "The room of the staff", "general")
    await expect(walk).to_contain_text("Choose what is to be posted.")
    await choose(guest, walk, "The room of the staff", "general", is_back=True)
    await expect(walk).to_contain_text("For the staff: no room")
    await go(walk, "What")
    await choose(guest, walk, "What to post", "One webinar or video")
    await walk.get_by_role("button", name="Find…").click()
    form = guest.page.get_by_role("dialog", name="Find")
    await form.get_by_role("textbox").fill("to be set")
    await form.get_by_role("button", name="Submit").click()
    await choose(guest, walk, "Which one", _EVENT)

    await go(walk, "Whom to mention")
    await choose(guest, walk, "Whom to mention at a live start", "Subscribers")
    await go(walk, "Permissions")
    await expect(walk).to_contain_text("❌ Mention Everyone, for @Subscribers")
    await expect(walk.get_by_role("link", name="Grant what is missing")).to_be_visible()
    assert await barriers(guest.page) == []
    await walk.get_by_role("button", name="Post a sample").click()
    sample = guest.message("Sample")
    await sample.get_by_role("button", name="Remove").click()
    await expect(sample).to_have_count(0)

    await done.click()
    await expect(walk).to_contain_text("⚠️")
    await go(walk, "Whom to mention")
    await choose(guest, walk, "Whom to mention at a live start", "Subscribers", is_back=True)
    await done.click()
    await expect(done).to_have_count(0)
    await expect(walk).to_contain_text(_EVENT)
    await guest.becomes("Noah")
    await expect(guest.replies).to_have_count(0)
