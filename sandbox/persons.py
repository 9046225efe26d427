"""People on the stage: what they do in Discord's client is printed, with what they see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .chat import Channel, NotOfferedError, Reply, Shown, User
from .chat.components import BUTTON, MENU, walk
from .scenery import Stage
from .telling import Names, offers, plain, says

_TEXT, _INPUT = 10, 4
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gives commands, presses buttons, chooses from menus and fills in forms.

    Raises, from each of what is done:
        NotOfferedError: there is no such button, option or field.
        NoReplyError: the bot did not answer in time.
        TimeoutError: it did not answer with anything new.
    """

    user: User
    stage: Stage
    patience_s: float

    async def command(self, room: Channel, name: str, **options: str | int) -> Reply:
        """Give a command of ``/video`` in a room."""
        named = {
            key: self.stage.names.get(value, str(value)) if isinstance(value, int) else value
            for key, value in options.items()
        }
        words = " ".join((f"/video {name}", *(f"{key}:{value}" for key, value in named.items())))
        self._does(room, words)
        people = self.stage.sandbox.chat.people
        reply = await people.slash(
            room.id, self.user.id, f"video {name}", options, timeout_s=self.patience_s
        )
        return self._sees(reply)

    async def press(self, on: Shown | Reply, label: str) -> Reply:
        """Press a button of a message, by what stands on it."""
        found = button(on, label)
        if found is None:
            raise NotOfferedError(f"there is no button {label}")
        self._does(self._room(on), f"presses {offers([found])}")
        return self._sees(await self._click(on, found))

    async def choose(self, on: Shown | Reply, text: str) -> Reply:
        """Choose what has this text in it from a menu of a message."""
        found = choice(on, text)
        if found is None:
            raise NotOfferedError(f"there is no menu with {text}")
        menu, option = found
        self._does(self._room(on), f'chooses "{option["label"]}" in [{menu["placeholder"]} ▾]')
        return self._sees(await self._click(on, menu, [option["value"]]))

    async def fill(self, opened: Reply, text: str) -> Reply:
        """Write into the one field of a form that a press has opened, and send it."""
        fields = [] if opened.modal is None else opened.modal["components"]
        inputs = [one["custom_id"] for _, one in walk(fields) if one["type"] == _INPUT]
        if len(inputs) != 1:
            raise NotOfferedError("there is no form with one field")
        self.stage.say(f'{_INDENT}{self.user.name} writes "{text}" and sends the form')
        people = self.stage.sandbox.chat.people
        filled = await people.modal(
            opened.interaction_id, {inputs[0]: text}, timeout_s=self.patience_s
        )
        return self._sees(filled)

    async def _click(
        self, on: Shown | Reply, component: Mapping[str, Any], values: list[str] | None = None
    ) -> Reply:
        chat = self.stage.sandbox.chat
        message_id = on.id if isinstance(on, Shown) else on.message_id or 0
        reply = await chat.people.click(
            self.user.id,
            message_id,
            component["custom_id"],
            values=values,
            timeout_s=self.patience_s,
        )
        if reply.is_update and isinstance(on, Reply):
            # It was acknowledged; what is said in its place comes after.
            await chat.wait_for(
                lambda: chat.people.reply(reply.interaction_id).content != on.content,
                timeout_s=self.patience_s,
            )
        return chat.people.reply(reply.interaction_id)

    def _does(self, room: Channel | None, what: str) -> None:
        self.stage.print_unseen()
        where = "" if room is None else f"#{room.name}  "
        self.stage.say(f"  {where}> {self.user.name} {what}")

    def _sees(self, reply: Reply) -> Reply:
        """Print what the bot answers: a form, or a message that nobody else sees."""
        if reply.modal is not None:
            self._print(
                f'a form opens, "{reply.modal["title"]}":', _fields(reply.modal, self.stage.names)
            )
        else:
            said = "\n".join(says(reply, self.stage.names)).split("\n")
            self._print(f"only {self.user.name} sees:", said)
            if offered := offers(reply.components):
                self.stage.say(f"{_INDENT}  {offered}")
        return reply

    def _print(self, head: str, lines: list[str]) -> None:
        shown = [one for one in lines if one]
        if len(shown) == 1:
            self.stage.say(f"{_INDENT}{head} {shown[0]}")
            return
        self.stage.say(f"{_INDENT}{head}")
        for line in shown:
            self.stage.say(f"{_INDENT}  {line}")

    def _room(self, on: Shown | Reply) -> Channel | None:
        return self.stage.sandbox.chat.channel(on.channel_id) if isinstance(on, Shown) else None


def button(on: Shown | Reply, label: str) -> dict[str, Any] | None:
    """Return the button of a message on which this stands."""
    buttons = (one for _, one in walk(on.components) if one["type"] == BUTTON)
    return next((one for one in buttons if one.get("label") == label), None)


def choice(on: Shown | Reply, text: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the menu of a message in which something with this text can be chosen, and that."""
    for _, one in walk(on.components):
        for option in one.get("options", []) if one["type"] == MENU else []:
            if text in option["label"]:
                return one, option
    return None


def _fields(modal: Mapping[str, Any], names: Names) -> list[str]:
    """Return what stands in a form, line by line."""
    shown = []
    for _, one in walk(modal["components"]):
        if one["type"] == _TEXT:
            shown += plain(one["content"], names).split("\n")
        elif one.get("label"):
            about = one.get("description")
            shown.append(one["label"] + (f" ({about})" if about else "") + ": ______")
    return shown
