from __future__ import annotations

import pytest

from cogs.twentythree.api import RealtimeAddress
from cogs.twentythree.api.channels import (
    SERVICE_URL,
    Pointer,
    comments_root,
    events_channel,
    pointer,
    service_url,
)
from cogs.twentythree.api.envelope import Answer, decipher
from tests.cogs.twentythree.api.recorded import body

SITE = "https://video.example.com"
HASH = "0123456789abcdef0123456789abcdef01234567"


def test_address_and_channel_are_found_beside_the_rows() -> None:
    found = pointer(decipher("live/log", "2", 200, body("v2_live_log.json")), SITE)

    assert found.url == "https://realtime.dev.23video.com/faye"
    assert found.channel == "/89abcdef0123456789abcdef0123456789abcdef/events"


def test_the_channel_is_found_in_a_row_as_well() -> None:
    found = pointer(decipher("photo/list", "1", 200, body("v1_photo_list.txt")), SITE)

    assert found == Pointer(None, "/aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd")


@pytest.mark.parametrize(
    ("value", "channel"),
    [
        (f"/{HASH}", f"/{HASH}"),
        (f" /{HASH}/all_json ", f"/{HASH}/all_json"),
        (HASH, f"/{HASH}"),
        (HASH.upper(), f"/{HASH.upper()}"),
        ("/**", None),
        (f"/{HASH}/*", None),
        ("/meta/connect", None),
        ("/service/chat", None),
        ("no-slash-and-no-hash", None),
        (f"/{HASH}/", None),
        ("/", None),
        ("", None),
        (None, None),
        (12, None),
    ],
)
def test_a_channel_is_bayeux_without_wildcards_and_meta(value: object, channel: str | None) -> None:
    found = pointer(Answer(extra={"realtime_channel": value}), SITE)

    assert found.channel == channel


def test_what_cannot_be_used_gives_way_to_the_next_place() -> None:
    answer = Answer(
        extra={"realtime_channel": "/*", "realtime_url": "http://realtime.example.com/faye"},
        rows=({"realtime_token": HASH}, {"realtime_channel_url": "//realtime.example.com/faye"}),
    )

    found = pointer(answer, SITE)

    assert found == Pointer("https://realtime.example.com/faye", f"/{HASH}")


def test_addresses_that_are_no_text_are_passed_over() -> None:
    assert pointer(Answer(extra={"realtime_url": 1}), SITE).url is None


@pytest.mark.parametrize(
    ("channel", "root"),
    [
        (f"/{HASH}", f"/{HASH}"),
        (f"/{HASH}/all_json", f"/{HASH}"),
        (f"/{HASH}/events", None),
    ],
)
def test_the_root_of_comments_comes_bare_or_with_a_sub_channel(
    channel: str, root: str | None
) -> None:
    assert comments_root(channel) == root


def test_the_events_channel_is_completed_where_it_comes_bare() -> None:
    assert events_channel(f"/{HASH}") == f"/{HASH}/events"
    assert events_channel(f"/{HASH}/events") == f"/{HASH}/events"


def test_only_a_workspace_elsewhere_means_the_real_service() -> None:
    assert service_url(None, SITE) == SERVICE_URL
    assert service_url("https://other.example.com/faye", SITE) == "https://other.example.com/faye"
    assert service_url(None, "http://127.0.0.1:8000") is None


def test_no_repr_shows_a_channel() -> None:
    address = RealtimeAddress(comments_root=f"/{HASH}", events=f"/{HASH}/events")

    assert HASH not in repr(Pointer(None, f"/{HASH}")) + repr(address)
