"""A real bot process: what people read who press too late, too often, or without the right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import pytest_asyncio

from sandbox.chat import Channel, NoReplyError, Reply, Shown, User
from sandbox.workspace import Level, Live, WorkspaceFault
from tests.fakes.discord_contract import judge
from tests.fakes.pressed import buttons_of
from tests.fakes.stage import Stage

_PATIENCE_S = 60.0
GONE = "This comment is gone: it was deleted on the platform."
NOT_DONE = "Not done: the workspace does not answer."


class Acted:
    """An event whose questions can be acted on in a room, and who presses there."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.room: Channel = stage.room()
        self.event: Live = stage.workspace.state.add_live("Launch")
        self.mo, self.dee = (
            self.member("mo", "manage_messages"),
            self.member("dee", "administrator"),
        )
        self.viewer = self.member("viewer")

    def member(self, name: str, *granted: str) -> User:
        guilds, guild = self.stage.chat.guilds, self.stage.guild
        return guilds.add_member(guild.id, name, roles=[guilds.add_role(guild.id, name, granted)])

    async def ask(self) -> tuple[int, Shown]:
        """Have a viewer ask; return the question and its message."""
        asked = await self.stage.workspace.changes.post_comment(
            self.event.object_id, "Will it be recorded?", kind="question"
        )
        shown = await self.stage.chat.wait_for_message(
            self.room.id,
            lambda one: f":{asked.comment_id}" in str(one.components),
            timeout_s=_PATIENCE_S,
        )
        return asked.comment_id, shown

    async def press(self, by: User, message_id: int | None, custom_id: str) -> Reply:
        assert message_id is not None
        return await self.stage.chat.people.click(
            by.id, message_id, custom_id, timeout_s=_PATIENCE_S
        )

    async def said(self, by: User, message_id: int | None, custom_id: str) -> str:
        return (await self.press(by, message_id, custom_id)).content

    async def until_shown(self, words: str) -> None:
        await self.stage.chat.wait_for_message(
            self.room.id, lambda one: words in str(one.embeds), timeout_s=_PATIENCE_S
        )

    async def until_hidden(self, words: str) -> None:
        """Wait until no message says this; what was not confirmed yet is deleted with its own."""
        chat, room = self.stage.chat, self.room
        await chat.wait_for(
            lambda: not any(words in str(one.embeds) for one in chat.messages(room.id)),
            timeout_s=_PATIENCE_S,
        )


@pytest_asyncio.fixture
async def acted(tmp_path: Path) -> AsyncGenerator[Acted]:
    async with Stage(tmp_path) as stage, stage.bot(level=Level.WRITE) as bot:
        await stage.until_ready()
        made = Acted(stage)
        await stage.attach(made.room, made.event, actions="on")
        yield made
        assert await bot.terminate() == 0, bot.log
        judge(stage.chat.posts)


async def test_two_in_the_same_second_and_one_who_presses_five_times_do_it_once(
    acted: Acted,
) -> None:
    number, shown = await acted.ask()
    answer = f"tt:act:answer:{number}"

    presses = [acted.said(acted.mo, shown.id, answer) for _ in range(5)]
    said = await asyncio.gather(*presses, acted.said(acted.dee, shown.id, answer))

    assert sorted(said).count("✅ Answered.") == 1
    first, second = ("mo", "dee") if said[-1] != "✅ Answered." else ("dee", "mo")
    assert set(said) <= {
        "✅ Answered.",
        "You have answered this already.",
        f"@{first} has answered this already.",
    }
    assert (second == "dee") is (said[-1] == "@mo has answered this already.")
    assert acted.stage.workspace.calls["comment/update"] == 1
    await acted.until_shown("answered by")


async def test_who_has_no_right_and_what_is_gone_or_detached_is_refused(acted: Acted) -> None:
    stage = acted.stage
    number, shown = await acted.ask()
    promote, more = f"tt:act:promote:{number}", f"tt:more:{number}"

    for custom_id in (promote, more, f"tt:act:reply:{number}"):
        said = await acted.said(acted.viewer, shown.id, custom_id)
        assert said.startswith("You may not act on comments here: that takes Manage Messages")
    stage.workspace.add_fault(WorkspaceFault(level=Level.READ, method="comment/promote"))
    assert "permission level write" in await acted.said(acted.mo, shown.id, promote)

    opened = await acted.press(acted.mo, shown.id, f"tt:act:reply:{number}")
    modal = stage.chat.people.modal
    for words in (" ", "\u2003"):
        refused = await modal(opened.interaction_id, {"tt:text": words})
        assert refused.content == "A reply needs some words; nothing was sent."

    asked = await acted.press(acted.mo, shown.id, more)
    sure = await acted.press(acted.mo, asked.message_id, buttons_of(asked)["Delete"])
    await stage.workspace.changes.delete_comment(number)
    assert await acted.said(acted.dee, shown.id, promote) == GONE
    deleted = await acted.press(acted.mo, sure.message_id, buttons_of(sure)["Delete"])
    await stage.chat.wait_for(
        lambda: stage.chat.people.reply(deleted.interaction_id).content.startswith("Somebody has"),
        timeout_s=_PATIENCE_S,
    )
    await acted.until_hidden("Will it be recorded?")

    last, shown = await acted.ask()
    await stage.command(acted.room, "detach", id=str(acted.event.object_id))
    said = await acted.said(acted.mo, shown.id, f"tt:act:promote:{last}")
    assert said.startswith("What this comment is about is not attached here any more")
    assert not stage.workspace.state.comment(last).is_promoted


async def test_what_the_workspace_and_discord_lose_is_told_and_true_in_the_end(
    acted: Acted,
) -> None:
    stage = acted.stage
    number, shown = await acted.ask()
    dismiss = f"tt:act:dismiss:{number}"

    stage.workspace.add_fault(WorkspaceFault(method="comment/list", times=None, drops=True))
    away = await acted.press(acted.mo, shown.id, dismiss)
    stage.workspace.clear_faults()
    assert (away.content.split("\n")[0], buttons_of(away)) == (NOT_DONE, {"Try again": dismiss})

    late = stage.chat.fault("POST", r"/interactions/.*", code=10062)
    with suppress(NoReplyError):
        await stage.chat.people.click(acted.mo.id, shown.id, dismiss)
    await late.reached.wait()
    assert stage.workspace.calls["comment/update"] == 0

    stage.workspace.add_fault(WorkspaceFault(method="comment/update", drops=True, is_late=True))
    again = await acted.press(acted.mo, away.message_id, dismiss)
    await stage.chat.wait_for(
        lambda: stage.chat.people.reply(again.interaction_id).content == "Dismissed.",
        timeout_s=_PATIENCE_S,
    )
    await acted.until_shown("dismissed by")
    assert stage.workspace.calls["comment/update"] == 1
