from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.relay.references import object_id_in


@pytest.mark.parametrize(
    "text",
    [
        "7600123",
        "  7600123\n",
        "<7600123>",
        "https://video.example.com/video/7600123",
        "https://video.example.com/video/7600123/launch-2030",
        "https://video.example.com/video/7600123/2030",
        "<https://video.example.com/video/7600123>",
        "https://video.example.com/live/7600123?utm_source=1#comment-5",
        "https://video.example.com/secret/7600123/8c9d0e1f",
        "https://video.example.com/secret/7600123/12345678",
        "HTTPS://VIDEO.EXAMPLE.COM/LIVE/7600123",
        "https://video.example.com/manage/webinars/55/7600123",
        "https://video.example.com/v.ihtml/player.html?photo_id=7600123&token=9",
        "https://video.example.com/12.ihtml?live_id=7600123",
        "https://video.example.com/live/5?object_id=7600123",
        "//video.example.com/live/7600123",
        "video.example.com/live/7600123",
        "localhost.test:8080/live/7600123",
        "/live/7600123",
        "http://127.0.0.1:9000/video/7600123",
    ],
)
def test_an_id_is_found_in_what_people_paste(text: str) -> None:
    assert object_id_in(text) == 7600123


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-5",
        "1.5",
        "٣",
        "24/7",
        "Launch 2030",
        "and/or/5",
        "https://video.example.com/",
        "https://video.example.com/video/title",
        "https://video.example.com/video/0",
        "https://video.example.com/video/title?photo_id=x",
        "https://video.example.com/live/7 and more",
        "https://[broken/live/7",
        "https://video.example.com/live/" + "9" * 19,
        "https://video.example.com/live/" + "9" * 5000,
        "9" * 20,
    ],
    ids=lambda text: text[:50] + str(len(text)),
)
def test_without_an_id_there_is_none(text: str) -> None:
    assert object_id_in(text) is None


@given(st.text() | st.from_regex(r"https?://[a-z.\[\]%?&=;0-9/]*", fullmatch=True))
def test_no_text_raises(text: str) -> None:
    found = object_id_in(text)

    assert found is None or 0 < found < 2**63
