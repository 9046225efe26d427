import pytest

from cogs.twentythree.embeds.text import safe_url


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://v.example.com/a", "https://v.example.com/a"),
        ("https://v.example.com", "https://v.example.com/"),
        ("http://127.0.0.1:9000/x?y=1#z", "http://127.0.0.1:9000/x?y=1#z"),
        ("http://[::1]:90/x", "http://[::1]:90/x"),
        ("https://v.example.com/a b(c)<d>[e]", "https://v.example.com/a%20b%28c%29%3Cd%3E%5Be%5D"),
        ("https://v.example.com/100%/%41", "https://v.example.com/100%25/%41"),
        ("https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"),
        (" https://v.example.com/a\n", "https://v.example.com/a"),
    ],
)
def test_an_address_is_given_in_a_form_discord_takes(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://v.example.com/a",
        "discord://-/channels",
        "https:///path",
        "https://user:password@v.example.com/",
        "https://discord.com@evil.example.com/",
        "https://[::1/",
        "https://v.example.com:port/",
        "https://v exam ple.com/",
        "https://-.example\u2024com.\ud800/",
        "https://v.example.com/" + "x" * 3000,
        "//v.example.com/a",
    ],
)
def test_an_address_of_another_kind_is_no_link(url: str) -> None:
    assert safe_url(url) is None


def test_additions_go_beside_what_is_there() -> None:
    assert (
        safe_url("https://e.com/?a=1#b", query="c=2", fragment="d") == "https://e.com/?a=1&c=2#b&d"
    )
    assert safe_url("https://e.com/", query="c=2", fragment="d") == "https://e.com/?c=2#d"
