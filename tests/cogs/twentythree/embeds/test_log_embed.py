from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.twentythree.domain.acting import Deed, Effect
from cogs.twentythree.domain.deeds import Action, Actor, LogNotice
from cogs.twentythree.domain.room_settings import Manner
from cogs.twentythree.embeds import identity, message
from cogs.twentythree.languages import Language
from tests.fakes.discord_markdown import rendered
from tests.fakes.notices import SEEN_AT, VIDEO

NOTICE = LogNotice(
    entry_id=7,
    actor=Actor(user_id=3, name="Mo *the* mod"),
    deed=Action.PROMOTE,
    effect=Effect.DONE,
    at=SEEN_AT,
    object_title=VIDEO.title,
    object_url=VIDEO.url,
    room_id=12,
)


def lines(notice: LogNotice) -> list[str]:
    (embed,) = message([notice])["embeds"]
    return str(embed["description"]).split("\n")


def test_an_entry_tells_who_did_what_to_what_where_and_when() -> None:
    assert lines(NOTICE) == [
        (
            "**Mo \\*the\\* mod** promoted a comment · How to bridge "
            "[»](https://video.example.com/bridge#entry-7) · <#12>"
        ),
        "<t:1893553445:f>",
    ]


@pytest.mark.parametrize("effect", [one for one in Effect if one is not Effect.UNKNOWN])
def test_what_was_not_done_says_so(effect: Effect) -> None:
    told = lines(replace(NOTICE, effect=effect))

    assert len(told) == (2 if effect is Effect.DONE else 3)


@pytest.mark.parametrize("deed", [*Action, *Deed])
def test_every_deed_has_words(deed: Action | Deed) -> None:
    assert "did something" not in lines(replace(NOTICE, deed=deed))[0]


SET = LogNotice(
    entry_id=8,
    actor=NOTICE.actor,
    deed=Deed.OPTIONS,
    effect=Effect.DONE,
    at=SEEN_AT,
    detail="mention: @everyone [x](https://evil.example)",
)


def test_what_was_set_is_shown_as_text() -> None:
    first, detail, _ = lines(SET)

    assert first.endswith("** changed the options")
    assert rendered(detail) == SET.detail


def test_entries_share_a_message_and_are_told_apart() -> None:
    several = [NOTICE, replace(NOTICE, entry_id=8), replace(NOTICE, entry_id=9, object_url="")]
    body = message(several)

    assert len(body["embeds"]) == 3
    assert len(set(identity(body["embeds"]))) == 3
    assert body["allowed_mentions"] == {"parse": []}


def test_roles_and_rooms_that_were_set_show_as_names() -> None:
    told = replace(SET, detail="<@&5> in <#6>, **not** <@everyone>")

    _, detail, _ = lines(told)

    assert detail == r"<@&5> in <#6>, \*\*not\*\* \<\@everyone\>"


def test_what_was_set_is_in_the_words_of_the_rooms_language() -> None:
    told = replace(SET, detail="comments: promoted, place: thread")
    (embed,) = message([told], Manner(language=Language.DANISH))["embeds"]

    assert "comments\\: fremhævede, place\\: tråd" in embed["description"]
