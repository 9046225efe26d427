"""Boards of questions on a server, and somebody who may press their buttons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from discord.http import MultipartParameters

from cogs.twentythree.domain.model import (
    BoardNotice,
    Comment,
    CommentId,
    CommentPolicy,
    RoomId,
    Source,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.embeds import message
from sandbox.chat import Channel, Reply, User
from tests.fakes.boards import question, waiting_boards
from tests.fakes.bridge import NOW
from tests.fakes.server import LIVE, Server

OF = LIVE.object_id
ACTIONS = RulesAsked(comments=CommentPolicy.NONE, has_actions=True)


def asked(number: int, **values: Any) -> Comment:
    return question(number, OF, **values)


async def board(server: Server) -> BoardNotice:
    (only,) = await waiting_boards(server.store, RoomId(server.room.id))
    return only


async def make(server: Server, view: str = "board", **options: Any) -> str:
    """Make a board; go on where it is asked about."""
    reply = await server.reply("questions", id_="2", view=view, **options)
    return (await server.press(reply, "anyway")).content if reply.components else reply.content


async def become(server: Server, *questions: Comment) -> None:
    """Have questions become others: by the workspace, so that no reading takes that back."""
    server.workspace.held |= {one.comment_id: one for one in questions}
    await server.store.memory.ingest(OF, list(questions), source=Source.RECONCILE, now=NOW)


async def posted(server: Server, at: Channel | None = None) -> int:
    """Post what the board says now; return the message's ID."""
    notices = await waiting_boards(server.store, RoomId((at or server.room).id))
    body: dict[str, Any] = json.loads(json.dumps(message(notices)))
    parameters = MultipartParameters(payload=body, multipart=None, files=None)
    sent = await server.host.http.send_message((at or server.room).id, params=parameters)
    return int(sent["id"])


async def click(server: Server, by: User, message_id: int | None, custom_id: str) -> Reply:
    assert message_id is not None
    return await server.chat.people.click(by.id, message_id, custom_id)


async def updated(server: Server, reply: Reply, words: str) -> Reply:
    """Wait until the message whose button was pressed says this; return what it is then."""
    people = server.chat.people
    await server.chat.wait_for(lambda: words in people.reply(reply.interaction_id).content)
    return people.reply(reply.interaction_id)


def labels(reply: Reply) -> list[list[str]]:
    return [[one["label"] for one in row["components"]] for row in reply.components]


def custom_ids(components: Sequence[dict[str, Any]]) -> list[str]:
    return [one["custom_id"] for row in components for one in row["components"]]


async def a_moderator(server: Server) -> User:
    """Have the event attached, so that it can be acted on, with three questions; a moderator."""
    held = {CommentId(n): asked(n) for n in (1, 2, 3)}
    server.workspace.held |= held
    for one in held.values():
        server.acting.say(one)
    server.workspace.level = "write"
    await server.hold(LIVE, rules=ACTIONS)
    return server.member("mod", "manage_messages")
