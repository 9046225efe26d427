"""The sandbox's page with a real bot process, as whoever sits in front of it uses them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio

from bot.demo.on_page import DemoPage
from sandbox import Sandbox
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.sandbox.page.visitor import Visitor

Message = dict[str, Any]

_PATIENCE_S = 90.0
_COMMENT = re.compile(r"#comment-(\d+)")


@pytest_asyncio.fixture
async def visitor(tmp_path: Path) -> AsyncGenerator[Visitor]:
    async with Sandbox(chat=QUICK) as sandbox, aiohttp.ClientSession() as http:
        shown = DemoPage(sandbox, tmp_path / "demo.db", port=0)
        async with shown.page:
            running = asyncio.create_task(shown.run())
            async with Visitor(shown.page, http) as made:
                yield made
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        judge(sandbox.chat.posts)


async def test_a_comment_is_followed_a_button_pressed_and_nothing_lost_with_the_bot(
    visitor: Visitor,
) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        question = await shown(visitor, "moderators", "When does it ship?")
        film = visitor.thing("Product film")["id"]

        made = await visitor.do("comment", object_id=film, name="Ada", text="Followed")
        await shown(visitor, "product-film", "Followed")
        journey = await visitor.until("journey", lambda one: None not in one.values())
        assert journey["comment_id"] == made["comment_id"]
        assert (
            journey["published"] - 1
            <= journey["received"]
            <= journey["stored"]
            <= journey["posted"]
        )

        mia = visitor.person("moderator")
        (number,) = numbers([question])
        pressed = await visitor.do(
            "click", person=mia, message_id=question["id"], custom_id=f"tt:act:promote:{number}"
        )
        said = await visitor.until("reply", lambda one: not one["message"]["flags"] & 128)
        assert said["interaction_id"] == pressed["interaction_id"]
        assert said["message"]["content"] == "⭐ Promoted."
        promoted = next(
            one["data"]["comment"]
            for one in reversed(visitor.seen)
            if one["type"] == "comment" and one["data"]["comment"]["id"] == number
        )
        assert promoted["is_promoted"] is True

        await visitor.until("status", lambda one: one["text"] is not None)
        await visitor.do("bot", do="kill")
        await visitor.until("bot", lambda one: not one["running"])
        await visitor.until("status", lambda one: one["text"] is None)
        texts = [f"While nobody listens {one}" for one in "abc"]
        for text in texts:
            await visitor.do("comment", object_id=film, text=text)
        await visitor.do("bot", do="start")
        for text in texts:
            await shown(visitor, "product-film", text)
        await visitor.until("status", lambda one: one["text"] is not None)

    async with Visitor(visitor.page, visitor.http) as other:
        room = other.room("product-film")["id"]
        held = Counter(numbers(other.state["messages"][room]))
        comments = {one["id"] for one in other.thing("Product film")["comments"]}
    assert held == Counter(comments)


def numbers(messages: Iterable[Message]) -> list[str]:
    """Return the comments that messages are about; their embeds link to them more than once."""
    embeds = (str(embed) for message in messages for embed in message["embeds"])
    return [number for embed in embeds for number in sorted(set(_COMMENT.findall(embed)))]


async def shown(visitor: Visitor, room: str, text: str) -> Message:
    """Wait until a room has a notice with this text; return the message."""
    room_id = visitor.room(room)["id"]

    def has_it(message: Message) -> bool:
        said = str(message["embeds"])
        # A board has the texts, too.
        return message["channel_id"] == room_id and text in said and "#comment-" in said

    there = [one["data"] for one in visitor.seen if one["type"] == "message"]
    found: Message | None = next(filter(has_it, there), None)
    return found or await visitor.until("message", has_it)


async def test_the_page_of_a_german_server_is_named_with_its_language(tmp_path: Path) -> None:
    async with Sandbox(chat=QUICK) as sandbox:
        for locale, query in (("en-US", ""), ("de", "?locale=de")):
            shown = DemoPage(sandbox, tmp_path / "demo.db", port=0, locale=locale)
            async with shown.page:
                assert shown.address == shown.page.url + query
