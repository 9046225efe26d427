from __future__ import annotations

from typing import Literal, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.commands import rules, set_options
from cogs.twentythree.embeds import detail_told
from cogs.twentythree.embeds.object_embeds import CHOSEN
from cogs.twentythree.languages import Language, speaking


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("comments: promoted, live: on", "comments: hervorgehobene, live: an"),
        ("kinds: comment, chat, min_length: 3", "kinds: Kommentare, Chat, min_length: 3"),
        ("layout: compact, hide: 2 words", "layout: kompakt, hide: 2 Wörter"),
        ("mention: <@&5>, text: see, all of you", "mention: <@&5>, text: see, all of you"),
        ("nowhere", "nirgends"),
        (
            "all live events of the workspace, <#6>: all, moderators <@&7>",
            "alle Live-Events des Workspace, <#6>: alle, Moderatoren <@&7>",
        ),
        ("Talks, and more, <#6>: promoted", "Talks, and more, <#6>: hervorgehobene"),
        ("what an earlier version wrote", "what an earlier version wrote"),
        ("", ""),
    ],
)
def test_what_was_set_is_told_in_another_language(detail: str, told: str) -> None:
    assert detail_told(detail) == detail
    with speaking(Language.GERMAN):
        assert detail_told(detail) == told


def test_every_option_whose_values_are_chosen_is_known() -> None:
    options = (*rules.OPTIONS, *set_options.OPTIONS)
    assert {one.name for one in options if get_origin(one.type) is Literal} == CHOSEN


@given(st.sampled_from(Language), st.text(max_size=200))
def test_anything_may_have_been_set(language: Language, detail: str) -> None:
    with speaking(language):
        assert isinstance(detail_told(detail), str)
