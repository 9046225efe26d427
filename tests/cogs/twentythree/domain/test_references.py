from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.references import bare, host_of, reference_in


def object_id_in(text: str) -> int | None:
    found = reference_in(text)
    return None if found is None else found.object_id


@pytest.mark.parametrize(
    "text",
    [
        "7600123",
        "  7600123\n",
        "<7600123>",
        "id:7600123",
        "ID: 7600123",
        "id = 7600123",
        "id 7600123",
        "#7600123",
        "`7600123`",
        "“7600123”",
        "'7600123',",
        "7600123.",
        "(7600123)",
        "**7600123**",
        "\ufeff7600123",
        "7600\u200b123",
        "\u20667600123\u2069",
        "\uff17\uff16\uff10\uff10\uff11\uff12\uff13",
        "id:\t`7600123`\n",
        "https://video.example.com/video/7600123.",
        "(https://video.example.com/video/7600123)",
        "\u200bhttps://video.example.com/live/7600123\u200b,",
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


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("7600123", None),
        ("/live/7600123", None),
        ("https://Video.Example.com/live/7600123", "video.example.com"),
        ("https://video.example.com:443/live/7600123", "video.example.com"),
        ("vimeo.com/7600123", "vimeo.com"),
        ("//vimeo.com/7600123", "vimeo.com"),
        ("https://evil.example/x?photo_id=7600123", "evil.example"),
        ("https://video.example.com@evil.example/live/7600123", "evil.example"),
        ("http://127.0.0.1:9000/video/7600123", "127.0.0.1:9000"),
        ("https://youtube.com/watch?v=dQw4w9WgXcQ", "youtube.com"),
    ],
)
def test_a_link_is_of_a_site(text: str, host: str | None) -> None:
    found = reference_in(text)

    assert found is not None
    assert found.host == host


def test_a_link_without_an_id_is_a_link_all_the_same() -> None:
    found = reference_in("https://youtube.com/watch?v=dQw4w9WgXcQ")

    assert found is not None
    assert found.object_id is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (" ", ""),
        ('id:" "', ""),
        ("“The Talk”", "The Talk"),
        ("the\u200b \n talk", "the talk"),
        ("Is it #1?", "Is it #1?"),
        ("Part (2)", "Part (2)"),
        ('"One" and "two"', '"One" and "two"'),
        ("**The Talk**", "The Talk"),
    ],
)
def test_pasting_adds_nothing_to_a_title(text: str, title: str) -> None:
    assert bare(text) == title


def test_what_is_no_address_has_no_host() -> None:
    assert host_of("https://[broken") is None
    assert host_of("") is None
