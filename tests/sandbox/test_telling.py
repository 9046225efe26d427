"""Messages as lines of text."""

from typing import Any

import pytest

from sandbox.chat import Shown
from sandbox.telling import offers, plain, says, told


def shown(*embeds: dict[str, Any], content: str = "", files: tuple[str, ...] = ()) -> Shown:
    return Shown(
        id=1,
        channel_id=2,
        author_id=3,
        author="Bot",
        content=content,
        embeds=list(embeds),
        attachments=[{"filename": one} for one in files],
    )


def notice(text: str, small: str = "promoted · [Film](https://x/1)") -> dict[str, Any]:
    words, deeds, rest = text.partition("\n-# ⭐")
    kind = f"-# [Chat](https://x/1#comment-7) · {small}"
    return {
        "description": f"{words}\n{kind}{deeds}{rest}",
        "footer": {"text": r"A\*da"},
        "url": "https://x/1#comment-7",
    }


def lines(message: Shown, mark: str = "") -> list[str]:
    return told("film", says(message, {5: "@Crew", 6: "@Mia", 7: "#film"}), mark).splitlines()


def test_a_comment_is_told_without_its_markdown() -> None:
    assert lines(shown(notice(r"\*\*no\*\* \[link\](x)"))) == [
        "  #film  A*da: **no** [link](x)  (Chat · promoted · Film)"
    ]


def test_what_a_comment_answers_stands_above_it_and_what_was_done_with_it_below() -> None:
    text = "-# ↩ Bo: When?\nSoon\n> **Team**: Yes\n-# ⭐ promoted by <@6>"

    assert lines(shown(notice(text))) == [
        "  #film  ↩ Bo: When?",
        "    A*da: Soon  (Chat · promoted · Film)",
        "    > Team: Yes",
        "    ⭐ promoted by @Mia",
    ]


def test_the_time_of_a_comment_is_left_out() -> None:
    small = r"at [0:50](https://x/1/0:50) · written 2026-11-28 12\:47\:01 by the platform's clock"

    assert lines(shown(notice("Hi", small))) == ["  #film  A*da: Hi  (Chat · at 0:50)"]


def test_text_and_mark_stand_before_the_notices_and_files_after_them() -> None:
    card = {
        "title": "The launch",
        "description": "**Live**\nsince <t:1900000000:t> (<t:1900000000:R>)",
    }

    assert lines(shown(card, content="<@&5> now", files=("questions.csv",)), " (edited)") == [
        "  #film (edited)  @Crew now",
        "  #film (edited)  [The launch] Live",
        "    since 17:46 UTC",
        "  #film (edited)  (file) questions.csv",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Attached [The film](<http://x.example/1>) to <#7>.", "Attached The film to #film."),
        ("<@6> and <@9>", "@Mia and <@9>"),
        (r"\[no\](<https://evil.example>)", "[no](<https://evil.example>)"),
        ("# Large\n-# small `code` *slanted*", "Large\nsmall code slanted"),
        (r"\# \*as typed\*", "# *as typed*"),
    ],
)
def test_a_text_is_told_as_it_is_read(text: str, read: str) -> None:
    assert plain(text, {6: "@Mia", 7: "#film"}) == read


def test_of_many_notices_the_first_and_the_last_are_told() -> None:
    found = lines(shown(*(notice(str(number)) for number in range(5))))

    assert len(found) == 3
    assert ": 0 " in found[0]
    assert found[1] == "    … 3 more in the same message …"
    assert found[2].startswith("    A*da: 4 ")
    assert len(lines(shown(*(notice(str(number)) for number in range(3))))) == 3


def test_a_message_with_nothing_in_it_is_nothing() -> None:
    assert lines(shown()) == []


def test_a_message_of_lines_is_told_line_by_line() -> None:
    comments = [
        f"❓ **Ada**: Number {number} [»](https://x/1#comment-{number}) ⭐ <@6>"
        for number in (1, 2)
    ]
    card = {"title": "The launch", "description": "\n".join(["-# <t:1900000000:t>", *comments])}

    assert lines(shown(card)) == [
        "  #film  ❓ Ada: Number 1 ⭐ @Mia",
        "  #film  ❓ Ada: Number 2 ⭐ @Mia",
    ]


def test_buttons_and_menus_are_told_by_what_stands_on_them() -> None:
    promote = {"type": 2, "label": "Promote", "emoji": {"name": "⭐"}}
    menu = {"type": 3, "placeholder": "Act …", "options": [{}, {}]}
    rows = [{"type": 1, "components": [promote, {"type": 2, "label": "⋯"}]}]

    assert offers(rows) == "[⭐ Promote] [⋯]"
    assert offers([{"type": 1, "components": [menu]}]) == "[Act … (2) ▾]"
    assert offers([]) == ""
