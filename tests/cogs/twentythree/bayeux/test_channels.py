"""The grammar, with the cases that Faye 1.4.3 was seen to accept and to refuse."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.bayeux import matching_patterns, valid_channel, valid_pattern
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
