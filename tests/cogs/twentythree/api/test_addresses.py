from __future__ import annotations

import pytest

from cogs.twentythree.api.addresses import (
    absolute,
    may_carry_credentials,
    redirect_target,
    service_address,
)

SITE = "https://video.example.com"


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("/how-bread-is-made", f"{SITE}/how-bread-is-made"),
        ("live/700001", f"{SITE}/live/700001"),
        ("https://cdn.example.net/a.jpg?b=1#c", "https://cdn.example.net/a.jpg?b=1#c"),
        ("//cdn.example.net/a.jpg", "https://cdn.example.net/a.jpg"),
        ("http://old.example.com/a", "http://old.example.com/a"),
        (" /rød grød\n", f"{SITE}/r%C3%B8d%20gr%C3%B8d"),
        ("/a%20b", f"{SITE}/a%20b"),
        ("", None),
        ("javascript:alert(1)", None),
        ("https://user:word@video.example.com/a", None),
        ("mailto:", None),
        ("https://[broken/", None),
        ("https://video.example.com:99999/", None),
    ],
)
def test_a_link_of_the_api_becomes_a_whole_web_address(link: str, whole: str | None) -> None:
    assert absolute(link, SITE) == whole


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("//realtime.23video.com/faye", "https://realtime.23video.com/faye"),
        ("https://realtime.example.com/faye", "https://realtime.example.com/faye"),
        ("wss://realtime.example.com/faye", "wss://realtime.example.com/faye"),
        ("http://127.0.0.1:8000/faye", "http://127.0.0.1:8000/faye"),
        ("ws://localhost:8000/faye", "ws://localhost:8000/faye"),
        ("http://realtime.23video.com/faye", None),
        ("ftp://127.0.0.1/faye", None),
        ("//realtime.23video.com/\ud83d", None),
        ("", None),
    ],
)
def test_a_realtime_service_is_encrypted_or_on_this_machine(link: str, address: str | None) -> None:
    assert service_address(link, SITE) == address


def test_a_service_without_a_scheme_is_encrypted_unless_all_is_on_this_machine() -> None:
    here = "http://127.0.0.1:8000"

    assert service_address("//realtime.example.com/faye", here) == (
        "https://realtime.example.com/faye"
    )
    assert service_address("//127.0.0.1:9000/faye", here) == "http://127.0.0.1:9000/faye"


@pytest.mark.parametrize(
    ("url", "may"),
    [
        (SITE, True),
        ("http://127.0.0.1:8000", True),
        ("http://video.example.com", False),
        ("http://", False),
    ],
)
def test_credentials_go_encrypted_or_stay_on_this_machine(url: str, *, may: bool) -> None:
    assert may_carry_credentials(url) is may


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/api/2/site/get?a=1#top", f"{SITE}/api/2/site/get?a=1"),
        ("https://video.example.com:443/api", "https://video.example.com:443/api"),
        ("http://video.example.com/api/2/site/get", None),
        ("https://video.example.com:8443/api", None),
        ("https://login.example.com/", None),
        ("//login.example.com/", None),
        ("/r\udcf8d", f"{SITE}/r%F8d"),
        ("", None),
    ],
)
def test_a_redirect_is_followed_within_its_origin_only(location: str, target: str | None) -> None:
    assert redirect_target(f"{SITE}/api/site/get?time=1", location) == target
