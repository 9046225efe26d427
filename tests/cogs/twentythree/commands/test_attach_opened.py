from __future__ import annotations

import pytest

from cogs.twentythree.domain.model import LivePhase, LiveState
from tests.fakes.bridge import NOW
from tests.fakes.server import Server


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (
            LiveState(phase=LivePhase.SOON, scheduled_at=NOW),
            "- Posted the card: planned for <t:1893585600:F>.",
        ),
        (
            LiveState(phase=LivePhase.LIVE, started_at=NOW),
            "- Posted the card: live since <t:1893585600:t>.",
        ),
    ],
    ids=["planned", "on air"],
)
async def test_the_reply_says_which_card_was_posted(
    server: Server, state: LiveState, line: str
) -> None:
    server.bridge.opened = state

    assert line in (await server.slash("attach", id_="2")).split("\n")
    changed = (await server.slash("attach", id_="2", live="on")).split("\n")
    assert changed[0].endswith("changed:")
    assert line in changed


@pytest.mark.parametrize(
    ("phase", "line"),
    [
        (LivePhase.IDLE, "- No card yet: no start is planned."),
        (LivePhase.ENDED, "- No card: the event is over."),
        (LivePhase.CANCELLED, "- No card: the event is cancelled."),
    ],
)
async def test_the_reply_says_why_there_is_no_card(
    server: Server, phase: LivePhase, line: str
) -> None:
    server.bridge.phase = phase

    assert line in (await server.slash("attach", id_="2")).split("\n")
