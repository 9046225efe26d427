"""People on the stage: what they cannot do, for Discord's client does not offer it."""

from typing import Any

import pytest

from sandbox.chat import NoReplyError, NotOfferedError, Reply, Shown
from sandbox.persons import Person, button, choice
from tests.sandbox.filled_stage import FilledStage

_PRESSED = {"type": 2, "style": 2, "label": "Promote", "custom_id": "p"}
_OPTIONS = [{"label": "Ada: One", "value": "1"}, {"label": "Bo: Two", "value": "2"}]
_MENU = {"type": 3, "placeholder": "Act …", "custom_id": "m", "options": _OPTIONS}


@pytest.fixture
def mia(filled: FilledStage) -> Person:
    return Person(filled.stage.mia, filled.stage, patience_s=0.1)


async def offering(filled: FilledStage, *rows: dict[str, Any]) -> Shown:
    """Post a message with these in rows of their own."""
    room = filled.stage.staff_room
    await filled.post(room, "x", components=[{"type": 1, "components": [one]} for one in rows])
    return filled.sandbox.chat.messages(room.id)[-1]


async def test_buttons_and_options_are_found_by_what_stands_on_them(filled: FilledStage) -> None:
    shown = await offering(filled, _PRESSED, _MENU)
    chosen = choice(shown, "Two")

    assert (button(shown, "Promote") or {})["custom_id"] == "p"
    assert button(shown, "Act …") is None
    assert chosen is not None
    assert (chosen[0]["custom_id"], chosen[1]["value"]) == ("m", "2")
    assert choice(shown, "Three") is None


async def test_what_is_not_there_cannot_be_used(filled: FilledStage, mia: Person) -> None:
    shown = await offering(filled, _PRESSED)

    with pytest.raises(NotOfferedError, match="no button Dismiss"):
        await mia.press(shown, "Dismiss")
    with pytest.raises(NotOfferedError, match="no menu with One"):
        await mia.choose(shown, "One")
    with pytest.raises(NotOfferedError, match="no form"):
        await mia.fill(Reply(interaction_id=1), "Yes")
    with pytest.raises(NotOfferedError, match="not offered /video"):
        await mia.command(filled.stage.film_room, "list")


async def test_what_somebody_does_is_told_before_it_is_answered(
    filled: FilledStage, mia: Person
) -> None:
    shown = await offering(filled, _PRESSED, _MENU)
    filled.sandbox.chat.rules.interaction_deadline_s = 0.01
    filled.stage.print_unseen()
    filled.said.clear()

    with pytest.raises(NoReplyError):
        await mia.press(shown, "Promote")
    with pytest.raises(NoReplyError):
        await mia.choose(shown, "Two")

    assert filled.said == [
        "  #moderators  > Mia presses [Promote]",
        '  #moderators  > Mia chooses "Bo: Two" in [Act … ▾]',
    ]
