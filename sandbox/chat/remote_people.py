"""Verbs for what people do and see.

Verb and what it takes (optional in brackets):
slash(channel_id, user_id, command, [options, timeout_s]) ·
autocomplete(channel_id, user_id, command, focused, [options]) ·
click(user_id, message_id, custom_id, [values, timeout_s]) ·
modal(interaction_id, values, [timeout_s]) · reply(interaction_id) · messages(channel_id) ·
dms(user_id) · commands([guild_id]) · posts([since, method, path]) ·
wait_for_message(channel_id, [text, is_edited, timeout_s]) ·
wait_for_commands([guild_id, timeout_s]) · wait_until_ready([timeout_s])
"""

from __future__ import annotations

import re
from dataclasses import asdict

from .chat import Chat
from .remote_json import Asked, Verb, later, picked, with_strings
from .view import Shown


def people_verbs(chat: Chat) -> dict[str, Verb]:
    """Return the verbs by name."""
    return _PeopleVerbs(chat).verbs()


class _PeopleVerbs:
    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def verbs(self) -> dict[str, Verb]:
        return {
            "reply": later(self.reply),
            "messages": later(self.messages),
            "dms": later(self.dms),
            "commands": later(self.commands),
            "posts": later(self.posts),
            "slash": self.slash,
            "autocomplete": self.autocomplete,
            "click": self.click,
            "modal": self.modal,
            "wait_for_message": self.wait_for_message,
            "wait_for_commands": self.wait_for_commands,
            "wait_until_ready": self.wait_until_ready,
        }

    async def slash(self, asked: Asked) -> object:
        reply = await self._chat.slash(
            int(asked["channel_id"]),
            int(asked["user_id"]),
            asked["command"],
            asked.get("options", {}),
            **picked(asked, "timeout_s"),
        )
        return with_strings(reply)

    async def autocomplete(self, asked: Asked) -> object:
        return await self._chat.autocomplete(
            int(asked["channel_id"]),
            int(asked["user_id"]),
            asked["command"],
            asked.get("options", {}),
            asked["focused"],
        )

    async def click(self, asked: Asked) -> object:
        given = picked(asked, "custom_id", "values", "timeout_s")
        reply = await self._chat.click(int(asked["user_id"]), int(asked["message_id"]), **given)
        return with_strings(reply)

    async def modal(self, asked: Asked) -> object:
        given = picked(asked, "values", "timeout_s")
        return with_strings(await self._chat.modal(int(asked["interaction_id"]), **given))

    def reply(self, asked: Asked) -> object:
        return with_strings(self._chat.reply(int(asked["interaction_id"])))

    # What can be seen.

    def messages(self, asked: Asked) -> object:
        return [with_strings(one) for one in self._chat.messages(int(asked["channel_id"]))]

    def dms(self, asked: Asked) -> object:
        return [with_strings(one) for one in self._chat.dms(int(asked["user_id"]))]

    def commands(self, asked: Asked) -> object:
        guild_id = asked.get("guild_id")
        return self._chat.commands(None if guild_id is None else int(guild_id))

    def posts(self, asked: Asked) -> object:
        """Requests, oldest first; ``since`` leaves out so many of them, ``path`` others."""
        path = re.compile(asked.get("path", ".*"))
        return [
            {**asdict(post), "query": dict(post.query)}
            for post in list(self._chat.posts)[int(asked.get("since", 0)) :]
            if path.fullmatch(post.path) and post.method in (asked.get("method"), post.method)
        ]

    async def wait_for_message(self, asked: Asked) -> object:
        """Wait for a message that has ``text`` anywhere in it and, if said, is edited."""
        text, is_edited = str(asked.get("text", "")), asked.get("is_edited")

        def is_wanted(one: Shown) -> bool:
            has_text = text in f"{one.content} {one.embeds} {one.components}"
            return has_text and is_edited in (None, one.is_edited)

        found = await self._chat.wait_for_message(
            int(asked["channel_id"]), is_wanted, **picked(asked, "timeout_s")
        )
        return with_strings(found)

    async def wait_for_commands(self, asked: Asked) -> object:
        guild_id = asked.get("guild_id")
        return await self._chat.wait_for(
            lambda: self._chat.commands(None if guild_id is None else int(guild_id)),
            **picked(asked, "timeout_s"),
        )

    async def wait_until_ready(self, asked: Asked) -> None:
        await self._chat.wait_until_ready(**picked(asked, "timeout_s"))
