from __future__ import annotations

from cogs.twentythree.commands.diagnose import report
from cogs.twentythree.intake import ChannelShape
from tests.fakes.bridge import an_object

TALK = an_object(title="Talk", url="")


def test_shapes_are_shown_with_their_sub_channel_and_count() -> None:
    heard = [ChannelShape(sub_channel="all_json", shape='{"id": number}', count=3)]

    assert report(TALK, heard, 30) == (
        'Talk: heard within 30 s.\n- `all_json`, 3 messages: `{"id": number}`'
    )


def test_silence_comes_with_what_to_try() -> None:
    assert "Write a comment there" in report(TALK, [], 30)


def test_a_shape_cannot_leave_its_code_span() -> None:
    heard = [ChannelShape(sub_channel="`@everyone`", shape="{`a\nb`}", count=1)]

    text = report(TALK, heard, 5).split("\n", 1)[1]

    assert text.count("`") == 4
    assert "\n" not in text


def test_nothing_of_many_long_shapes_is_cut() -> None:
    heard = [ChannelShape(sub_channel="s" * 500, shape="x" * 5000, count=1) for _ in range(20)]

    lines = report(TALK, heard, 5).split("\n")

    assert lines[1:] == [f"- `{'s' * 500}`, 1 message: `{'x' * 5000}`"] * 20


def test_a_channel_without_a_sub_channel_is_named_so() -> None:
    heard = [ChannelShape(sub_channel="", shape="text", count=1)]

    assert "(no name)" in report(TALK, heard, 5)
