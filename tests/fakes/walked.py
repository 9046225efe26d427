"""Somebody who walks through ``/video setup``: chooses from its menus and presses its buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cogs.twentythree.commands.setup_state import SetupState, decoded
from sandbox.chat import Reply, User
from tests.fakes.server import Server

NOT_SET = "-# Nothing is set before you press *Done*."


@dataclass(slots=True, kw_only=True)
class Walker:
    """One walk; ``shown`` is what the person sees of it now."""

    server: Server
    by: User
    shown: Reply

    @classmethod
    async def begin(cls, server: Server, by: User | None = None) -> Walker:
        """Give the command."""
        shown = await server.reply("setup", by=by)
        assert shown.ephemeral
        return cls(server=server, by=by or server.manager, shown=shown)

    @property
    def text(self) -> str:
        return self.shown.content

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The menus and buttons that are shown."""
        return [one for row in self.shown.components for one in row["components"]]

    @property
    def state(self) -> SetupState:
        """What was chosen so far, as the last button carries it."""
        found = decoded(self.parts[-1]["custom_id"].rpartition(":")[2])
        assert found is not None
        return found

    def part(self, action: str) -> dict[str, Any]:
        """Return the menu or button that does something."""
        begun = (f"tt:setup:{action}:", f"tt:setup:{action}-")
        return next(one for one in self.parts if one.get("custom_id", "").startswith(begun))

    def link(self) -> str | None:
        """Return the address that the page leads to, if there is one."""
        return next((one["url"] for one in self.parts if "url" in one), None)

    async def choose(self, action: str, *values: object) -> str:
        """Choose in a menu; return what the page says then."""
        return await self._use(self.part(action)["custom_id"], list(map(str, values)))

    async def press(self, action: str) -> str:
        """Press a button; return what is said then."""
        return await self._use(self.part(action)["custom_id"])

    async def go(self, page: str) -> str:
        """Go to a page."""
        return await self._use(self.part(f"go-{page}")["custom_id"])

    async def find(self, typed: str) -> str:
        """Look for something by its title."""
        assert self.shown.message_id is not None
        people = self.server.chat.people
        opened = await people.click(
            self.by.id, self.shown.message_id, self.part("find")["custom_id"]
        )
        before = self._answered()
        await people.modal(opened.interaction_id, {"tt:find": typed})
        return await self._seen(before)

    async def _use(self, custom_id: str, values: list[str] | None = None) -> str:
        assert self.shown.message_id is not None
        before = self._answered()
        people = self.server.chat.people
        pressed = await people.click(self.by.id, self.shown.message_id, custom_id, values=values)
        if not pressed.is_update:
            return pressed.content
        text = await self._seen(before)
        said = people.reply(pressed.interaction_id).followups
        return said[-1].content if said else text

    async def _seen(self, before: int) -> str:
        """Wait until the press is answered, and look at the message."""
        chat = self.server.chat
        await chat.wait_for(lambda: self._answered() > before)
        self.shown = chat.people.reply(self.shown.interaction_id)
        return self.text

    def _answered(self) -> int:
        return sum(1 for one in self._webhooks() if one.status is not None)

    def _webhooks(self) -> Iterator[Any]:
        posts = list(self.server.chat.posts)
        return (one for one in posts if one.template.startswith("/webhooks/"))


async def walked(server: Server, by: User | None = None, **choices: object) -> Walker:
    """Walk to where all of this is chosen; nothing is set yet."""
    walker = await Walker.begin(server, by)
    pages = {"kind": "what", "target": "what", "public": "where", "staff": "where"}
    for action, value in choices.items():
        await walker.go(pages.get(action, "whom")) if not _is_there(walker, action) else None
        await walker.choose(action, value)
    return walker


def _is_there(walker: Walker, action: str) -> bool:
    return any(one.get("custom_id", "").startswith(f"tt:setup:{action}:") for one in walker.parts)
