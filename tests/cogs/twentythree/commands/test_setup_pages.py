"""The pages of ``/video setup`` within Discord's limits, and the state that their buttons carry."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.commands.setup_pages import (
    MenuEntry,
    Page,
    PageContent,
    text_of,
    view_of_page,
    view_of_question,
)
from cogs.twentythree.commands.setup_state import SetupState, What, decoded, encoded
from sandbox.chat import components

_IDS = st.none() | st.integers(min_value=0, max_value=2**64 - 1)
STATES = st.builds(
    SetupState,
    what=st.none() | st.sampled_from(What),
    **dict.fromkeys(("target", "public", "staff", "mention", "moderators"), _IDS),
)
ENTRIES = st.lists(st.builds(MenuEntry, number=st.integers(0, 2**64 - 1), name=st.text()))


@given(state=STATES)
def test_a_state_comes_back_from_what_its_buttons_carry(state: SetupState) -> None:
    assert decoded(encoded(state)) == state


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.-.-.-.-", "z.-.-.-.-.-", "a.-.-.-.-.-.-", "a.!.-.-.-.-", "a.²." + "-.-.-.-"],
)
def test_what_no_state_was_written_as_is_none(text: str) -> None:
    assert decoded(text) is None


def test_a_number_that_is_no_id_is_none() -> None:
    assert decoded(f"a.{'z' * 14}.-.-.-.-") is None


@pytest.mark.parametrize("page", Page)
@settings(max_examples=20)
@given(state=STATES, target=st.text(), entries=ENTRIES, notice=st.text(max_size=300))
async def test_every_page_is_within_discords_limits(
    page: Page, state: SetupState, target: str, entries: list[MenuEntry], notice: str
) -> None:
    once = list({one.number: one for one in entries}.values())
    shown = PageContent(
        state=state,
        target=target,
        entries=once,
        notice=notice,
        rights=["- x" * 40] * 6,
        link="https://discord.com/" + "x" * 200,
    )

    assert len(text_of(page, shown)) <= 2000
    judged(view_of_page(page, shown).to_components())


@settings(max_examples=20)
@given(state=STATES)
async def test_the_question_is_within_discords_limits(state: SetupState) -> None:
    judged(view_of_question(state, "0123abcd").to_components())


def judged(rows: list[dict[str, Any]]) -> None:
    _, problems = components.taken(rows, is_v2=False)
    assert problems == []


async def test_discord_py_need_remember_nothing_of_a_page() -> None:
    view = view_of_page(Page.WHAT, PageContent(state=SetupState()))

    assert isinstance(view, discord.ui.View)
    assert view.is_finished()
