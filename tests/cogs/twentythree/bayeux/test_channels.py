"""The grammar, with the cases that Faye 1.4.3 was seen to accept and to refuse; catch-up."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.bayeux import (
    CatchUp,
    matching_patterns,
    valid_channel,
    valid_interval,
    valid_pattern,
)
from cogs.twentythree.bayeux.channels import refusal

_SEGMENTS = st.text("abzAZ059-_!~()$@", min_size=1, max_size=4)
_CHANNELS = st.lists(_SEGMENTS, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))


@pytest.mark.parametrize("name", ["/x-_!~()$@9", "/a", "/0dda8/all_json/catchup/6h"])
def test_a_plain_name_is_a_channel_and_no_pattern(name: str) -> None:
    assert valid_channel(name)
    assert not valid_pattern(name)
    assert refusal(name) is None


@pytest.mark.parametrize("name", ["/*", "/**", "/a/*", "/a/b/**"])
def test_a_wildcard_in_the_last_segment_is_a_pattern(name: str) -> None:
    assert valid_pattern(name)
    assert not valid_channel(name)
    assert refusal(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "/", "nope", "/a.b/c", "/a//b", "/*/b", "/**/b", "/å", "/a b", "/a:b", "/a/", "/a\n"],
)
def test_what_faye_refuses_is_neither(name: str) -> None:
    assert not valid_channel(name)
    assert not valid_pattern(name)
    assert refusal(name) == "405 Invalid channel"


@pytest.mark.parametrize("name", ["/meta/connect", "/service/x", "/meta/**"])
def test_reserved_channels_are_forbidden(name: str) -> None:
    assert refusal(name) == "403 Forbidden channel"


def test_a_channel_matches_one_star_at_its_own_depth_and_two_stars_above() -> None:
    assert matching_patterns("/a/b/c") == ["/a/b/*", "/a/b/**", "/a/**", "/**"]
    assert matching_patterns("/a") == ["/*", "/**"]


@settings(deadline=None)
@given(_CHANNELS)
def test_every_matching_pattern_is_valid_and_not_below_the_channel(channel: str) -> None:
    patterns = matching_patterns(channel)

    assert len(set(patterns)) == len(patterns) == channel.count("/") + 1
    assert all(valid_pattern(pattern) for pattern in patterns)
    assert f"{channel}/**" not in patterns


CHANNEL = "/" + "0a" * 20 + "/viewers"


@pytest.mark.parametrize("text", ["12h", "6h", "90m", "30s", "99999s"])
def test_an_interval_is_a_number_and_a_unit(text: str) -> None:
    assert valid_interval(text)


@pytest.mark.parametrize(
    "text",
    ["", "h", "12", "0h", "012h", "-1h", "1.5h", "12 h", "12d", "12H", "12h\n", "١٢h", "1h/x"],
)
def test_anything_else_is_none(text: str) -> None:
    assert not valid_interval(text)
    with pytest.raises(ValueError, match="such as 12h"):
        CatchUp(CHANNEL, text)


@pytest.mark.parametrize("channel", ["", "/a//b", "/a/**", "nope"])
def test_a_channel_that_is_none_is_refused_without_being_quoted(channel: str) -> None:
    with pytest.raises(ValueError, match="needs a channel"):
        CatchUp(channel, "12h")


def test_both_channels_are_subscribed_to_together() -> None:
    channels = CatchUp(CHANNEL, "12h").channels

    assert channels == (CHANNEL, f"{CHANNEL}/catchup/12h")
    assert all(map(valid_channel, channels))


def test_a_message_is_new_once_whichever_way_it_is_spelled() -> None:
    stream = CatchUp(CHANNEL, "12h")

    assert stream.is_new({"at": 1, "viewers": 5})
    assert not stream.is_new({"viewers": 5, "at": 1})
    assert stream.is_new({"at": 2, "viewers": 5})
    assert stream.is_new(None)
    assert not stream.is_new(None)


def test_what_is_no_json_does_no_harm() -> None:
    stream = CatchUp(CHANNEL, "12h")

    assert stream.is_new({"odd": {1, 2}})
    assert stream.is_new("\ud800")

    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert not stream.is_new(nested)


@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers()), max_size=60), st.randoms())
def test_what_comes_twice_in_any_order_is_taken_once(
    said: list[dict[str, int]], order: random.Random
) -> None:
    stream = CatchUp(CHANNEL, "12h")
    arriving = said + said
    order.shuffle(arriving)

    taken = [one for one in arriving if stream.is_new(one)]

    assert all(one in taken for one in said)
    assert all(taken.count(one) == 1 for one in taken)


def test_memory_is_bounded_and_keeps_what_was_heard_last() -> None:
    stream = CatchUp(CHANNEL, "12h", memory=2)
    for number in (1, 2, 1, 3):
        stream.is_new(number)

    assert not stream.is_new(3)
    assert not stream.is_new(1)
    assert stream.is_new(2)
    assert stream.is_new(3)
