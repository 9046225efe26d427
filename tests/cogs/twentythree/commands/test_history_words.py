from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.commands.history import MAX_LINE, entry_line
from cogs.twentythree.domain.acting import Deed, Effect, Entry
from cogs.twentythree.domain.deeds import Action, Actor
from cogs.twentythree.domain.model import GuildId, RoomId
from cogs.twentythree.embeds.text import units
from cogs.twentythree.languages import Language, speaking

DEEDS = [*Action, *Deed]
HEAD, TIME = "- **Ann** ", "<t:1893585600:f>"


def an_entry(**values: Any) -> Entry:
    usual: dict[str, Any] = {
        "entry_id": 1,
        "guild_id": GuildId(1),
        "at": datetime(2030, 1, 2, 12, tzinfo=UTC),
        "actor": Actor(user_id=7, name="Ann"),
        "deed": Deed.ATTACH,
    }
    return Entry(**(usual | values))


@pytest.mark.parametrize("deed", DEEDS)
def test_every_deed_has_its_words(deed: Action | Deed) -> None:
    assert entry_line(an_entry(deed=deed, effect=Effect.DONE), is_shown=True).startswith(HEAD)


@pytest.mark.parametrize("effect", [*Effect, None])
def test_every_effect_has_its_words_but_what_was_done(effect: Effect | None) -> None:
    line = entry_line(an_entry(deed=Action.ANSWER, effect=effect), is_shown=True)

    assert line.count(" · ") == (1 if effect is Effect.DONE else 2)


def test_what_was_set_is_done() -> None:
    line = entry_line(an_entry(detail="comments: all"), is_shown=True)

    assert line == rf"{HEAD}attached · comments\: all · {TIME}"


def test_what_was_set_is_in_the_readers_words() -> None:
    with speaking(Language.GERMAN):
        line = entry_line(an_entry(detail="comments: all, live: off"), is_shown=True)

    assert r"comments\: alle, live\: aus" in line


def test_references_in_what_was_set_stay_and_all_else_is_disarmed() -> None:
    detail = "<@&5>, <#6>, <@7> and *that*, @everyone <@!8> [a](https://b.c)"

    line = entry_line(an_entry(deed=Deed.MODERATORS, detail=detail), is_shown=True)

    assert "<@&5>, <#6>, <@7> and" in line
    assert r"\*that\*, \@everyone \<\@!8\> \[a\]\(https\:" in line


hostile = st.text(alphabet=st.sampled_from("*_`<@#[]()😀a \n"), max_size=300)
entries = st.builds(
    an_entry,
    actor=st.builds(Actor, user_id=st.just(7), name=hostile),
    deed=st.sampled_from(DEEDS),
    room_id=st.just(RoomId(2**63)),
    object_title=hostile,
    author=hostile,
    text=hostile,
    detail=hostile,
    effect=st.sampled_from([*Effect, None]),
)


@given(entries, st.booleans())
def test_no_entry_is_longer_than_a_tenth_of_an_embed(entry: Entry, is_shown: bool) -> None:  # noqa: FBT001 - pytest passes by name
    line = entry_line(entry, is_shown=is_shown, has_words=True)

    assert units(line) <= MAX_LINE
    assert "\n" not in line
