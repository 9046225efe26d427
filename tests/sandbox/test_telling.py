"""Messages as lines of text."""

from typing import Any

from sandbox.chat import Shown
from sandbox.telling import told


def shown(*embeds: dict[str, Any], content: str = "") -> Shown:
    return Shown(
        id=1, channel_id=2, author_id=3, author="Bot", content=content, embeds=list(embeds)
    )


def notice(text: str) -> dict[str, Any]:
    return {
        "author": {"name": r"A\*da"},
        "description": text,
        "footer": {"text": "chat · promoted"},
        "title": "Film",
    }


def test_a_comment_is_told_without_its_markdown() -> None:
    assert told("film", shown(notice(r"\*\*no\*\* \[link\](x)"))) == (
        "  #film  A*da: **no** [link](x)  (chat · promoted, Film)"
    )


def test_text_and_mark_stand_before_the_notices() -> None:
    card = {
        "title": "The launch",
        "description": "**Live**\nsince <t:1900000000:t> (<t:1900000000:R>)",
    }

    assert told("live", shown(card, content="<@&5> now"), " (edited)").splitlines() == [
        "  #live (edited)  <@&5> now",
        "  #live (edited)  [The launch] Live · since 17:46 UTC",
    ]


def test_of_many_notices_the_first_and_the_last_are_told() -> None:
    lines = told("film", shown(*(notice(str(number)) for number in range(5)))).splitlines()

    assert len(lines) == 3
    assert ": 0 " in lines[0]
    assert lines[1] == "    … 3 more in the same message …"
    assert ": 4 " in lines[2]
    assert len(told("film", shown(*(notice(str(number)) for number in range(3)))).splitlines()) == 3


def test_a_message_with_nothing_in_it_is_nothing() -> None:
    assert told("film", shown()) == ""


def test_a_message_of_lines_is_told_line_by_line() -> None:
    lines = [
        f"**Ada** · Chat: Number {number} [»](https://x/1#comment-{number})" for number in (1, 2)
    ]
    card = {"title": "The launch", "description": "\n".join(lines)}

    assert told("live", shown(card)).splitlines() == [
        "  #live  Ada · Chat: Number 1",
        "  #live  Ada · Chat: Number 2",
    ]
