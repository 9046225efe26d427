"""Presses that come too late, whose answers are lost, or that meet a failure."""

from __future__ import annotations

import asyncio

import pytest

from cogs.twentythree.commands import replies
from sandbox.chat import NoReplyError
from tests.fakes.pressed import QUESTION, Pressed, a_button, until_answered

PROMOTE = f"tt:act:promote:{QUESTION}"
REPLY = f"tt:act:reply:{QUESTION}"
LOST = "Discord lost the first answer to this, so nothing was done; press once more."


@pytest.mark.parametrize("custom_id", [PROMOTE, REPLY, f"tt:sure:{QUESTION}"])
async def test_a_press_that_comes_too_late_does_nothing(
    pressed: Pressed, custom_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    message_id = await pressed.post([a_button(custom_id)])
    pressed.server.chat.rules.interaction_deadline_s = 0.0
    too_late = pressed.server.chat.fault("POST", r"/interactions/.*", code=10062)
    caplog.clear()

    with pytest.raises(NoReplyError):
        await pressed.click(message_id, custom_id)
    await too_late.reached.wait()
    await until_answered()

    assert pressed.server.acting.wanted == []
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


@pytest.mark.parametrize("fault", [{"status": 500}, {"drops": True}])
async def test_a_press_whose_first_answer_was_lost_does_nothing_and_says_so(
    pressed: Pressed, fault: dict[str, object]
) -> None:
    pressed.server.chat.fault("POST", r"/interactions/.*", when="after", **fault)

    assert await pressed.said(PROMOTE) == LOST

    assert pressed.server.acting.wanted == []
    assert await pressed.said(PROMOTE) == "⭐ Promoted."


async def test_a_failure_inside_the_bot_has_its_sentence(
    pressed: Pressed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(pressed.server.acting, "act", act)

    assert await pressed.said(PROMOTE) == (
        "Something went wrong inside the bot; whoever runs it finds the reason in its log."
    )
    assert "a press failed" in caplog.text


async def test_an_answer_that_discord_does_not_take_is_let_go(
    pressed: Pressed, caplog: pytest.LogCaptureFixture
) -> None:
    message_id = await pressed.post([a_button(PROMOTE)])
    fault = pressed.server.chat.fault("POST", r"/webhooks/.*", status=403)
    caplog.clear()

    pressing = asyncio.create_task(pressed.click(message_id, PROMOTE))
    await fault.reached.wait()
    await until_answered()
    pressing.cancel()

    assert [one.action for one in pressed.server.acting.wanted] == ["promote"]
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_who_waits_for_long_is_told_so(
    pressed: Pressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "_PATIENCE_S", 0)
    pressed.server.acting.may_answer.clear()

    shown = await pressed.press(PROMOTE)
    assert shown.content == "Still waiting for the workspace; the answer comes here."
    pressed.server.acting.may_answer.set()

    told = await pressed.until(shown, "⭐ Promoted.")
    assert (told.message_id, told.followups) == (shown.message_id, ())


async def test_a_modal_opens_although_the_database_takes_its_time(
    pressed: Pressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cogs.twentythree.commands import acting

    async def standpoint(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(acting, "_PATIENCE_S", 0)
    monkeypatch.setattr(pressed.server.acting, "standpoint", standpoint)

    assert (await pressed.press(REPLY)).modal is not None
