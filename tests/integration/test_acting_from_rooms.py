"""A real bot process: what is pressed in a room is done in the workspace, and the room shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from sandbox.chat import Channel, Reply, Shown
from sandbox.workspace import Level, WorkspaceFault
from tests.fakes.discord_contract import judge
from tests.fakes.pressed import buttons_of
from tests.fakes.stage import Stage

_PATIENCE_S = 60.0


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with Stage(tmp_path) as built:
        yield built
        judge(built.chat.posts)


async def asked(stage: Stage) -> tuple[Channel, int, Shown]:
    """Return a room with a viewer's question that can be acted on, and its message."""
    room, event = stage.room(), stage.workspace.state.add_live("Launch")
    await stage.attach(room, event, actions="on")
    question = await stage.workspace.changes.post_comment(
        event.object_id, "Will it be recorded?", kind="question"
    )
    shown = await stage.chat.wait_for_message(
        room.id, lambda one: bool(one.components), timeout_s=_PATIENCE_S
    )
    return room, question.comment_id, shown


async def press(stage: Stage, message_id: int | None, custom_id: str) -> Reply:
    assert message_id is not None
    return await stage.chat.people.click(stage.chat.owner.id, message_id, custom_id)


async def until(stage: Stage, shown: Reply, beginning: str) -> Reply:
    people = stage.chat.people
    await stage.chat.wait_for(
        lambda: people.reply(shown.interaction_id).content.startswith(beginning),
        timeout_s=_PATIENCE_S,
    )
    return people.reply(shown.interaction_id)


def edits(stage: Stage, room: Channel, message_id: int) -> int:
    path = f"/channels/{room.id}/messages/{message_id}"
    return sum((one.method, one.path) == ("PATCH", path) for one in stage.chat.posts)


async def test_a_question_is_promoted_replied_to_and_deleted_from_its_room(stage: Stage) -> None:
    async with stage.bot(level=Level.WRITE) as bot:
        await stage.until_ready()
        room, number, shown = await asked(stage)
        await stage.until_status(room, "Realtime")

        # Realtime tells of it before the workspace has answered.
        stage.workspace.add_fault(
            WorkspaceFault(method="comment/promote", delay_s=0.1, is_late=True)
        )
        both = [press(stage, shown.id, f"tt:act:promote:{number}") for _ in range(2)]
        said = sorted([one.content for one in await asyncio.gather(*both)])
        assert said == ["You have promoted this already.", "⭐ Promoted."]
        assert stage.workspace.state.comment(number).is_promoted
        await stage.chat.wait_for_message(
            room.id, lambda one: "promoted by" in str(one.embeds), timeout_s=_PATIENCE_S
        )
        assert edits(stage, room, shown.id) == 1

        opened = await press(stage, shown.id, f"tt:act:reply:{number}")
        preview = await stage.chat.people.modal(opened.interaction_id, {"tt:text": "Yes."})
        assert "visible to everyone who watches" in preview.content
        send = buttons_of(preview)["Send"]
        sent = await press(stage, preview.message_id, send)
        await until(stage, sent, "💬 Sent")
        (reply,) = [
            one for one in stage.workspace.state.comments.values() if one.comment_id != number
        ]
        assert (reply.text, reply.reply_to) == ("Yes.", number)

        more = await press(stage, shown.id, f"tt:more:{number}")
        sure = await press(stage, more.message_id, buttons_of(more)["Delete"])
        deleted = await press(stage, sure.message_id, buttons_of(sure)["Delete"])
        await until(stage, deleted, "Deleted.")
        assert number not in stage.workspace.state.comments

        history = await stage.chat.people.slash(room.id, stage.chat.owner.id, "video history")
        told = history.embeds[0]["description"]
        assert [line.split("** ")[1].split(" · ")[0] for line in told.split("\n")] == [
            "deleted",
            "replied",
            "promoted",
            "attached",
        ]
        assert await bot.terminate() == 0, bot.log


async def test_after_a_restart_the_same_buttons_work(stage: Stage) -> None:
    async with stage.bot(level=Level.WRITE) as bot:
        await stage.until_ready()
        _, number, shown = await asked(stage)
        opened = await press(stage, shown.id, f"tt:act:reply:{number}")
        assert await bot.terminate() == 0, bot.log
    async with stage.bot(level=Level.WRITE) as bot:
        await stage.until_ready()

        answered = await press(stage, shown.id, f"tt:act:answer:{number}")
        preview = await stage.chat.people.modal(opened.interaction_id, {"tt:text": "Yes."})

        assert answered.content == "✅ Answered."
        assert "visible to everyone who watches" in preview.content
        assert await bot.terminate() == 0, bot.log


async def test_with_credentials_that_only_read_it_is_said_that_nobody_can_act(
    stage: Stage,
) -> None:
    async with stage.running(level=Level.READ):
        room, event = stage.room(), stage.workspace.state.add_live("Launch")

        said = await stage.attach(room, event, actions="on")
        # A bot that is stopped before it is ready says so in its log.
        await stage.until_ready()

        assert "may not change comments: nobody can act until" in said
