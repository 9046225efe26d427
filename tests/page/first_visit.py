"""What a newcomer does in the first five minutes, step by step, to be told with pictures."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

from playwright.async_api import Locator, expect

from tests.fakes.guest import Guest

_FILM = "How it is made"
_EVENT = "The launch"


async def first_visit(guest: Guest) -> AsyncGenerator[str]:
    """Yield the name of each step once it is to be seen."""
    await guest.opens("moderators")
    await expect(guest.message("When does it ship?")).to_be_visible()
    await guest.opens("product-film")
    yield "opened"
    async for step in _attached(guest):
        yield step
    async for step in _acted(guest):
        yield step
    async for step in _troubled(guest):
        yield step


async def _attached(guest: Guest) -> AsyncGenerator[str]:
    """Attach a film by typing, and comment on it."""
    await guest.opens("general")
    film = await guest.chooses(_FILM)
    await guest.box.press_sequentially("/video attach id:how")
    await expect(guest.menu.get_by_role("option").filter(has_text=_FILM)).to_be_visible()
    yield "completed"
    await guest.box.press("Tab")
    await guest.box.press_sequentially("comments:public")
    await guest.take(re.compile("public"))
    await guest.box.press("Enter")
    await expect(guest.replies.last).to_contain_text(_FILM)
    await guest.comments(film, "Which wood is that?", name="Chloé")
    await expect(guest.message("Which wood is that?", "Chloé")).to_be_visible()
    yield "commented"


async def _acted(guest: Guest) -> AsyncGenerator[str]:
    """As a moderator: promote, reply; then the event runs and ends."""
    await guest.becomes("Mia")
    await guest.opens("moderators")
    event = await guest.chooses(_EVENT)
    asked = guest.message("Björn", "When does it ship?")
    await asked.get_by_role("button", name="Promote").click()
    await expect(asked).to_contain_text("promoted by")
    yield "promoted"
    await asked.get_by_role("button", name="Reply").click()
    form = guest.page.get_by_role("dialog", name="Reply")
    await form.get_by_role("textbox").fill("From Monday on, in every shop.")
    yield "replying"
    await form.get_by_role("button", name="Submit").click()
    await guest.replies.last.get_by_role("button", name="Send").click()
    await expect(guest.message("When does it ship?", "in every shop")).to_be_visible()
    await guest.opens("webinar")
    await event.get_by_role("button", name="Go live").click()
    await expect(guest.message(_EVENT, "Live")).to_be_visible()
    await event.get_by_role("button", name="End", exact=True).click()
    await expect(guest.message(_EVENT, "Ended")).to_be_visible()
    yield "ended"


async def _troubled(guest: Guest) -> AsyncGenerator[str]:
    """Take realtime away, then the bot."""
    await guest.becomes("Ann")
    await guest.opens("product-film")
    film = await guest.chooses("Product film")
    async with guest.wrong("Realtime away"):
        await expect(guest.status).to_contain_text("Realtime is not connected")
        await guest.comments(film, "Does this arrive without realtime?", name="Fatima")
        await expect(guest.message("without realtime")).to_be_visible()
        yield "without-realtime"
    await expect(guest.status).to_contain_text("news arrives as it happens")
    running = guest.happens.get_by_role("switch", name="Bot running")
    await _silent(guest, film, running)
    yield "killed"
    await running.click()
    await expect(running).to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await expect(guest.message(text)).to_be_visible()
    yield "nothing-lost"


async def _silent(guest: Guest, film: Locator, running: Locator) -> None:
    """Kill the bot; viewers write on."""
    await running.click()
    await expect(running).not_to_be_checked()
    for text in ("First of the silence", "Second of the silence"):
        await guest.comments(film, text, name="Eun-ji")
