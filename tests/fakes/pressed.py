"""A room where comments can be acted on, and people who press what is under their notices."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import discord

from cogs.twentythree.domain.model import (
    Comment,
    CommentId,
    CommentKind,
    ObjectInfo,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from sandbox.chat import Channel, Reply, User
from tests.fakes.server import VIDEO, Server

QUESTION = 71


def a_comment(comment_id: int = QUESTION, *, about: ObjectInfo = VIDEO, **values: Any) -> Comment:
    usual: dict[str, Any] = {
        "kind": CommentKind.QUESTION,
        "is_promoted": False,
        "author": "Bea",
        "text": "Will *this* be recorded?",
    }
    return Comment(comment_id=CommentId(comment_id), object_id=about.object_id, **(usual | values))


@dataclass(slots=True, kw_only=True)
class Pressed:
    """The server, with the video attached, and somebody who may manage messages."""

    server: Server
    moderator: User

    async def attach(self, at: Channel | None = None, *, has_actions: bool = True) -> None:
        await self.server.hold(VIDEO, at, rules=RulesAsked(has_actions=has_actions))

    async def post(
        self,
        *rows: list[dict[str, Any]],
        at: Channel | None = None,
        is_of: int = QUESTION,
        **body: Any,
    ) -> int:
        """Post what a notice looks like with these rows of buttons or menus; return its ID."""
        room = at or self.server.room
        said = "Will \\*this\\* be recorded?\n> **Team**: Yes.\n-# ⭐ promoted by <@5>"
        url = f"{VIDEO.url}#comment-{is_of}"
        sent: dict[str, Any] = {
            "embeds": [{"footer": {"text": "Bea"}, "description": said, "url": url}],
            **body,
            "components": [{"type": 1, "components": row} for row in rows],
        }
        params = discord.http.MultipartParameters(payload=sent, multipart=None, files=None)
        answer = await self.server.host.http.send_message(room.id, params=params)
        return int(answer["id"])

    async def click(
        self, message_id: int | None, custom_id: str, *, by: User | None = None, **more: Any
    ) -> Reply:
        """Press something under a message; return what the person sees then."""
        assert message_id is not None
        who = by or self.moderator
        return await self.server.chat.people.click(who.id, message_id, custom_id, **more)

    async def press(self, custom_id: str, *, by: User | None = None, **more: Any) -> Reply:
        """Press a button under a notice that has only this one."""
        message_id = await self.post([a_button(custom_id)])
        return await self.click(message_id, custom_id, by=by, **more)

    async def said(self, custom_id: str, *, by: User | None = None) -> str:
        """Return what is said to who presses."""
        reply = await self.press(custom_id, by=by)
        assert reply.ephemeral
        return reply.content

    async def until(self, shown: Reply, text: str) -> Reply:
        """Wait until an answer says this."""
        people = self.server.chat.people
        await self.server.chat.wait_for(
            lambda: people.reply(shown.interaction_id).content.startswith(text)
        )
        return people.reply(shown.interaction_id)

    async def followup(self, shown: Reply) -> Reply:
        """Wait for what is said beside the message that was pressed."""
        people = self.server.chat.people
        await self.server.chat.wait_for(lambda: people.reply(shown.interaction_id).followups)
        (said,) = people.reply(shown.interaction_id).followups
        return said


def a_button(custom_id: str) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "Do it", "custom_id": custom_id}


def a_menu(*values: str) -> dict[str, Any]:
    options = [{"label": f"Comment {value}", "value": value} for value in values]
    return {"type": 3, "custom_id": "tt:pick:0", "options": options}


def buttons_of(shown: Reply) -> dict[str, str]:
    """Return the buttons of an answer: what they do by what is written on them."""
    return {one["label"]: one["custom_id"] for row in shown.components for one in row["components"]}


async def until_answered() -> None:
    """Wait until no press is at work any more."""
    while working := [
        one for one in asyncio.all_tasks() if one.get_name().startswith("discord-ui-dynamic-item")
    ]:
        await asyncio.wait(working)
