import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cogs.twentythree.embeds.text import clean, disarm, one_line, safe_url, units
from tests.fakes.discord_markdown import ArmedError, rendered

HOSTILE = [
    "**bold** *em* __under__ _em_ ~~gone~~ ||spoiler||",
    "`code` ```py\nfence\n```",
    "# Heading\n## Heading\n### Heading\n-# small",
    "- item\n* item\n+ item\n1. item\n 2) item",
    "> quote\n>>> long quote",
    "[click here](https://evil.example.com)",
    "[click](<https://evil.example.com> 'title')",
    "<@123> <@!123> <@&123> <#1> @everyone @here",
    "<t:1700000000:R> <:emoji:123456789012345678> <a:emoji:123> :tada:",
    "</video attach:123> <id:customize> <sound:1:2>",
    "\\*not escaped by us\\* \\\\ \\",
    "\\<@123> \\@everyone",
    "discord://-/channels steam://run/1",
    "https://example.com/a_b_c*d*/~e~(f)",
    "(see https://example.com/x_(y)_z). Or **https://example.com**!",
    "https:// http://. HTTPS://EXAMPLE.com",
    "x\nhttps://[::1]:80/(https://evil.example.com)",
    "¯\\_(ツ)_/¯",
    "a: b 12:30 :) ::",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_shows_as_it_was_typed(text: str) -> None:
    assert rendered(disarm(text, 4096, max_lines=50).text) == text


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[5], HOSTILE[7], HOSTILE[2]])
def test_the_check_itself_sees_markup(text: str) -> None:
    with pytest.raises(ArmedError):
        rendered(text)


MARKUP = st.text(
    st.one_of(st.sampled_from("\\`*_~|<>[]()@:#-+.!1 \n\t/&"), st.characters()), max_size=80
)
UNHURRIED = settings(deadline=None)
PARTS = st.lists(
    st.one_of(
        MARKUP,
        st.sampled_from(
            [
                "https://a.b/_c_",
                "[x](",
                "](https://e.f)",
                "\n- ",
                "\n# ",
                "||",
                "```",
                "@everyone",
                "<@1>",
            ]
        ),
    ),
    max_size=12,
).map("".join)


@UNHURRIED
@given(PARTS)
@example("\n \n- x")
@example("\\https://a.b_c_")
def test_whatever_is_typed_shows_as_typed_and_does_nothing(text: str) -> None:
    shown = disarm(text, 100_000, max_lines=100_000)

    assert rendered(shown.text) == clean(text)
    assert not shown.is_cut


@UNHURRIED
@given(PARTS, st.integers(1, 60), st.integers(1, 5))
def test_a_shortened_text_keeps_its_limit_and_stays_disarmed(
    text: str, limit: int, max_lines: int
) -> None:
    shown = disarm(text, limit, max_lines=max_lines)

    rendered(shown.text)
    assert units(shown.text) <= limit
    assert shown.text.count("\n") < max_lines
    assert shown.is_cut == shown.text.endswith("…") or text.rstrip().endswith("…")


@UNHURRIED
@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@UNHURRIED
@given(st.text(st.characters(codec=None)))
def test_what_is_clean_can_be_sent(text: str) -> None:
    clean(text).encode()
    one_line(text, 256).encode()


def test_what_turns_or_hides_the_text_is_taken_out() -> None:
    assert clean("a\u202eb\u2066c\u200bd\ufeffe\x00f\x1b[31mg\u00adh\x7fi") == "abcdef[31mghi"


def test_line_ends_of_every_kind_are_one_kind_and_floods_are_one_empty_line() -> None:
    assert clean("a\r\nb\rc\u2028d\n\n \n\u2800\n\n\ne   \nf") == "a\nb\nc\nd\n\ne\nf"


def test_towers_of_marks_are_cut_and_living_scripts_are_not() -> None:
    assert clean("Z" + "\u0301" * 60) == "Z" + "\u0301" * 4
    assert clean("Việt שָׁלוֹם สวัสดี กำลัง") == "Việt שָׁלוֹם สวัสดี กำลัง"


def test_emoji_made_of_several_code_points_stay_whole() -> None:
    family, scotland = "👨‍👩‍👧", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

    assert clean(family + scotland) == family + scotland
    assert clean("a" + scotland[1:]) == "a"


def test_a_character_of_several_code_points_is_never_cut_in_two() -> None:
    for limit in range(1, 12):
        shown = disarm("ab👨‍👩‍👧cd", limit).text

        assert shown in {"…", "a…", "ab…", "ab👨‍👩‍👧…", "ab👨‍👩‍👧cd"}


def test_a_flag_is_never_cut_into_a_letter_of_its_country() -> None:
    for limit in range(1, 14):
        shown = disarm("ab🇩🇰🇸🇪cd", limit).text

        assert shown in {"…", "a…", "ab…", "ab🇩🇰…", "ab🇩🇰🇸🇪…", "ab🇩🇰🇸🇪cd"}


def test_a_syllable_of_hangul_in_parts_is_never_cut_into_another() -> None:
    han = "\u1112\u1161\u11ab"
    for limit in range(1, 9):
        shown = disarm(f"{han}{han}cd", limit).text

        assert shown in {"…", f"{han}…", f"{han}{han}…", f"{han}{han}cd"}


def test_a_link_that_does_not_fit_is_left_out_whole() -> None:
    shown = disarm("see https://example.com/long_path", 20)

    assert shown.text == "see…"
    assert shown.is_cut


def test_a_half_surrogate_is_replaced() -> None:
    assert clean("a\ud83db") == "a\ufffdb"


def test_units_count_as_utf_16_does() -> None:
    assert units("a€😀") == 4


def test_a_name_is_one_line_without_escapes() -> None:
    assert one_line("  Ada\n\n_Lovelace_\t\u2800 ", 256) == "Ada _Lovelace_"
    assert one_line("x" * 300, 256) == "x" * 255 + "…"
    assert one_line("\u3164\u2800\u200b", 256) == ""


def test_what_lies_beyond_reading_counts_as_cut() -> None:
    assert disarm("\u200b" * 30_000 + "x", 100).is_cut
    assert not disarm("x" + " " * 30_000, 100).is_cut


@pytest.mark.parametrize(
    "text",
    [
        " " * 15_000 + "x",
        "\u2800 " * 7_000 + "x",
        "https://a" + "." * 15_000 + "b",
        "https://a" + ")" * 15_000,
        "https://" + "h" * 15_000,
        "https://" * 2_000,
        "\n1" * 7_000,
        "1" * 15_000,
        "[" * 15_000,
        "e" + "\u0301" * 15_000,
    ],
)
def test_texts_made_to_be_slow_are_not(text: str) -> None:
    """Each of these would take minutes if every character were looked at from every other."""
    for _ in range(20):
        disarm(text, 4096, max_lines=30)
        one_line(text, 256)


def test_an_address_of_absurd_length_is_text() -> None:
    text = "https://example.com/" + "_" * 2500

    assert disarm(text, 9000).text == "https\\://example.com/" + "\\_" * 2500


@pytest.mark.parametrize(
    "invisible",
    [
        *"\u00ad\u034f\u061c\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200d\u2065\ufe00",
        *"\ufe0f\ufeff\ufff0\U0001bca0\U0001d173\U000e0001\U000e0100\U000e01ef\U000e0fff",
    ],
)
def test_nothing_that_shows_as_nothing_is_left_in_a_name_or_a_text(invisible: str) -> None:
    hidden = invisible.join(f" {invisible}Ada{invisible} ")

    assert one_line(hidden, 256) == "Ada"
    assert disarm(hidden, 256).text == "Ada"


@pytest.mark.parametrize(
    "text", ["👩🏽‍🚀", "❤️‍🔥", "1️⃣", "☎︎", "می‌خواهم", "ක්‍රියා", "ന്‍", "🏳️‍🌈", "👩‍❤️‍💋‍👨"]
)
def test_what_emoji_and_words_are_made_of_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://user:pass@host.example/path",
        "https://bank.example@evil.example",
        "http://bank.example%40x@evil.example/a",
        "https://bank.example\uff20evil.example",
        "https://bank.example%40evil.example",
        "https://@evil.example",
    ],
)
def test_an_address_with_a_user_name_is_no_link(address: str) -> None:
    text = disarm(f"see {address} and https://a.example/@me", 1000).text

    assert text.count("<http") == 1
    assert text.endswith("<https://a.example/@me>")
    assert "see http" in text
    assert "//" in text
    assert rendered(text) == clean(f"see {address} and https://a.example/@me")


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
