"""Somebody at the page: reads, types and presses what a person finds there, by name and role."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.judging import Judge

_PATIENCE_MS = 30_000
_PRIVATE = "Only you can see this"
expect.set_options(timeout=_PATIENCE_MS)


class Guest:
    """Uses the page as a person does; ``page`` is Playwright's, ``judge`` hears what is wrong."""

    def __init__(self, page: Page, judge: Judge) -> None:
        self.page = page
        self.judge = judge
        self.workspace = page.get_by_role("region", name="Workspace")
        self.discord = page.get_by_role("region", name="Discord")
        self.rooms = page.get_by_role("navigation", name="Rooms")
        self.happens = page.get_by_role("region", name="What happens")
        self.status = self.happens.get_by_role("region", name="Status")
        self.box = page.get_by_role("combobox", name=re.compile("^Message #"))
        self.menu = page.get_by_role("listbox", name="Commands and options")
        self.log = page.get_by_role("log")

    async def becomes(self, person: str) -> None:
        """Switch to a person, of whom the name or the role is told."""
        persons = self.page.get_by_role("combobox", name="Person")
        labels = await persons.get_by_role("option").all_inner_texts()
        await persons.select_option(label=next(one for one in labels if person in one))

    def room(self, name: str) -> Locator:
        """Return a room's button in the list of rooms."""
        return self.rooms.get_by_role("button", name=re.compile(rf"^#?{name}\b"))

    async def opens(self, room: str) -> None:
        """Open a room, unfolding their list where there is little room for it."""
        folded = self.rooms.get_by_role("button", expanded=False)
        if await folded.is_visible():
            await folded.click()
        await self.room(room).click()
        await expect(self.page.get_by_role("log", name=f"Messages in #{room}")).to_be_visible()

    async def commands(self, name: str, **options: str) -> Locator:
        """Type a command of ``/video``, taking what the menu offers; return what it answers."""
        await self.box.press_sequentially(f"/video {name}")
        await self.take(re.compile(rf"^/video {name}\b"))
        for option, value in options.items():
            # What a command cannot do without stands there already.
            if not (await self.box.input_value()).endswith(f"{option}:"):
                await self.box.press_sequentially(f"{option}:")
            await self.box.press_sequentially(value)
            await self.take(re.compile(re.escape(value)))
        before = await self.replies.count()
        await self.box.press("Enter")
        await expect(self.replies).to_have_count(before + 1)
        reply = self.replies.nth(before)
        await expect(reply).not_to_contain_text("is thinking")
        return reply

    async def take(self, text: re.Pattern[str]) -> None:
        """Wait until the menu marks what has this text, and take it."""
        await expect(self.menu.get_by_role("option", selected=True)).to_have_accessible_name(text)
        await self.box.press("Tab")

    @property
    def replies(self) -> Locator:
        """What only this person can see."""
        return self.log.get_by_role("article").filter(has_text=_PRIVATE)

    def message(self, *texts: str) -> Locator:
        """Return the newest message for everybody with all these texts in it."""
        found = self.log.get_by_role("article").filter(has_not_text=_PRIVATE)
        for text in texts:
            found = found.filter(has_text=text)
        return found.last

    async def chooses(self, title: str) -> Locator:
        """Choose an object of the workspace; return the region that shows it."""
        listed = self.workspace.get_by_role("list", name="Videos and webinars")
        await listed.get_by_role("button", name=title).click()
        return self.workspace.get_by_role("region", name=title)

    async def adds_video(self, title: str) -> Locator:
        """Add a video to the workspace; return the region that shows it."""
        return await self._adds("Add video", title)

    async def plans(self, title: str) -> Locator:
        """Plan a webinar; return the region that shows it."""
        return await self._adds("Plan webinar", title)

    async def _adds(self, what: str, title: str) -> Locator:
        """Unfold a form of the workspace, and fill it in; what was added is shown next."""
        form = self.workspace.get_by_role("group").filter(has_text=what)
        await form.get_by_text(what, exact=True).click()
        await form.get_by_label("Title").fill(title)
        await form.get_by_role("button", name="Add").click()
        shown = self.workspace.get_by_role("region", name=title)
        await expect(shown).to_be_visible()
        return shown

    async def says(self, text: str) -> None:
        """Say something in the room that is open."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def turns_to(self, panel: str) -> None:
        """Bring a part of the page into view, where there is room for one only."""
        panels = self.page.get_by_role("navigation", name="Panels")
        if await panels.is_visible():
            await panels.get_by_role("button", name=panel).click()
        await expect(self.page.get_by_role("region", name=panel)).to_be_visible()

    async def comments(
        self, shown: Locator, text: str, *, kind: str = "comment", name: str = "Ada"
    ) -> Locator:
        """Write as a viewer of what ``shown`` shows; return the comment as the workspace has it."""
        await shown.get_by_label("Kind").select_option(kind)
        await shown.get_by_label("Name").fill(name)
        await shown.get_by_label("Text").fill(text)
        await shown.get_by_role("button", name="Send").click()
        found = shown.get_by_role("listitem").filter(has_text=text).last
        await expect(found).to_be_visible()
        return found

    @asynccontextmanager
    async def wrong(self, what: str) -> AsyncGenerator[None]:
        """Have something wrong by its switch, and right again at the end."""
        switch = self.happens.get_by_role("switch", name=what)
        await switch.click()
        await expect(switch).to_be_checked()
        try:
            yield
        finally:
            await switch.click()
            await expect(switch).not_to_be_checked()


@asynccontextmanager
async def guest_at(browser: Browser, address: str, **options: Any) -> AsyncGenerator[Guest]:
    """Open the page in a browser that has never seen it; at the end, nothing may be wrong.

    ``options`` are those of a context of Playwright's, such as ``color_scheme``.
    """
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    context.set_default_timeout(_PATIENCE_MS)
    judge = Judge(context, address)
    try:
        page = await context.new_page()
        await page.goto(address)
        guest = Guest(page, judge)
        await expect(guest.box).to_be_visible()
        yield guest
    finally:
        await context.close()
    assert not judge.faults
