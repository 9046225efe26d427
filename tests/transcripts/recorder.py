"""Writes down what people see: commands and their answers, with what differs from run to run
named instead."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from sandbox.chat import Channel, Reply, User
from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage

_LOOPBACK = re.compile(r"127\.0\.0\.1:\d+")
_LOGGED = re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+Z")
_FOR = re.compile(r"for \d+ s\b")
_MOMENT = re.compile(r"<t:\d+(?::(\w))?>")
_DATE = re.compile(r"\b\d\d [A-Z][a-z]{2} 20\d\d\b")
_JUMP = re.compile(r"https://discord\.com/channels/\S+")
_LABELS = {"R": "a moment ago"}


class Recorder:
    """A page of a transcript.

    Args:
        stage: where it happens.
        title: its headline.
        about: a sentence below it.
    """

    def __init__(self, stage: Stage, title: str, about: str) -> None:
        self.stage = stage
        self._names: dict[str, str] = {}
        self._lines = [f"# {title}", "", about]

    def name(self, value: object, name: str) -> None:
        """Show a name wherever this value would be shown."""
        self._names[str(value)] = name

    def room(self, name: str, *arguments: Any) -> Channel:
        """Add a room whose name is shown."""
        room = self.stage.chat.rooms.add_channel(self.stage.guild.id, name, *arguments)
        self.name(f"<#{room.id}>", f"#{name}")
        self.name(room.id, f"#{name}")
        return room

    def heading(self, text: str) -> None:
        """Begin a part."""
        self._lines += ["", f"## {text}"]

    def note(self, text: str) -> None:
        """Tell what happens."""
        self._lines += ["", f"*{text}*"]

    async def slash(
        self, at: Channel, command: str, /, *, by: User | None = None, **options: str | int
    ) -> Reply:
        """Give a command and write it down with its answer; ``id_`` is the option ``id``."""
        given = {name.rstrip("_"): value for name, value in options.items()}
        if "id" in given:
            given["id"] = str(given["id"])
        who = by or self.stage.chat.owner
        reply = await self.stage.chat.people.slash(
            at.id, who.id, f"video {command}", given, timeout_s=90.0
        )
        shown = "".join(f" `{name}: {self.plain(str(it))}`" for name, it in given.items())
        self._lines += ["", f"**/video {command}**{shown} in #{at.name}", ""]
        self._answer(reply.content, reply.components)
        return reply

    async def status_but(self, words: str, at: Channel) -> None:
        """Ask for the status, and write it down without the lines that have these words."""
        said = await self.stage.command(at, "status")
        self._lines += ["", f"**/video status** in #{at.name}", ""]
        self._answer("\n".join(one for one in said.splitlines() if words not in one), [])

    async def press(self, reply: Reply, label: str) -> None:
        """Press a button of an answer, and write down what the answer is then."""
        assert reply.message_id is not None
        buttons = [one for row in reply.components for one in row["components"]]
        button = next(one for one in buttons if label in one["label"])
        await self.stage.chat.people.click(
            self.stage.chat.owner.id, reply.message_id, button["custom_id"], timeout_s=90.0
        )
        shown = partial(self.stage.chat.people.reply, reply.interaction_id)
        await self.stage.chat.wait_for(lambda: shown().content != reply.content, timeout_s=90.0)
        self._lines += ["", f"*{label}* is pressed:", ""]
        self._answer(shown().content, shown().components)

    async def suggestions(self, room: Channel, command: str, focused: str, typed: str) -> None:
        """Type into an option, and write down what is suggested."""
        found = await self.stage.chat.people.autocomplete(
            room.id, self.stage.chat.owner.id, f"video {command}", {focused: typed}, focused=focused
        )
        self._lines += ["", f"**/video {command}** `{focused}: {typed}`… suggests", ""]
        self._lines += [f"> - {self.plain(one['name'])}" for one in found] or ["> (nothing)"]

    def _answer(self, content: str, components: list[dict[str, Any]]) -> None:
        self._lines += [f"> {line}".rstrip() for line in self.plain(content).splitlines()]
        labels = [one["label"] for row in components for one in row["components"] if "label" in one]
        if labels:
            self._lines += [">", "> " + " ".join(f"[ {label} ]" for label in labels)]

    def messages(self, room: Channel) -> None:
        """Write down what the room shows."""
        self._lines += ["", f"#{room.name} shows:"]
        for message in self.stage.chat.messages(room.id):
            embeds = [
                one.get(key, "") for one in message.embeds for key in ("title", "description")
            ]
            for text in filter(None, (message.content, *embeds)):
                self._lines += [f"> {line}".rstrip() for line in self.plain(text).splitlines()]

    async def verb(self, bot: BotProcess, call: str) -> None:
        """Let a verb of the host end, and write down what the terminal shows."""
        async with bot:
            status = await bot.exited()
        said = self.plain(bot.output + bot.log).rstrip()
        self._lines += ["", f"`{call}` (exit status {status})", "", "```", said, "```"]

    def plain(self, text: str) -> str:
        """Return the text with names for what differs from run to run."""
        text = _JUMP.sub("(a link to the message)", text)
        for value, name in sorted(self._names.items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        text = _LOGGED.sub("(a time)", _FOR.sub("for some seconds", text))
        text = _LOOPBACK.sub("video.example.com", text.replace("http://127", "https://127"))
        text = _DATE.sub("(a date)", text)
        return _MOMENT.sub(lambda found: _LABELS.get(found[1] or "", "(a time)"), text)

    @property
    def text(self) -> str:
        """The page."""
        return "\n".join(self._lines) + "\n"
