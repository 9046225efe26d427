from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.markup import MAX_HTML, plain


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("just text", "just text"),
        ("<p>Hi <b>you</b></p><p>two<br>three<br/>four</p>", "Hi you\ntwo\nthree\nfour"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("<div><p>a</p></div>\n<div>b</div>", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("  many \n\t spaces  ", "many spaces"),
        ("Tom &amp; Jerry &lt;3 &#128512;", "Tom & Jerry <3 \U0001f600"),
        ('<a href="mailto:ada@example.org" title=x>write</a>', "write"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_browser_shows(html: str, expected: str) -> None:
    assert plain(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a < b, 1<2", "a < b, 1<2"),
        ("I <3 this", "I <3 this"),
        ("cut <b", "cut <b"),
        ("<![CDATA[x", "<![CDATA[x"),
        ("<?php x ?>", "<?php x ?>"),
        ("a<!-- gone > -->b", "ab"),
        ("a<!-- not closed", "a<!-- not closed"),
        ("a</p></nothing>b", "a\nb"),
    ],
)
def test_what_is_no_markup_is_kept(html: str, expected: str) -> None:
    assert plain(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<script>bad()</script>b", "ab"),
        ("<style>p{}</style>x", "x"),
        ("<title>t</title>x", "x"),
        ("<template><script>a</script></template>x", "x"),
        ("<template><p>a</p></template>x", "x"),
        ("<script/>seen", "seen"),
    ],
)
def test_what_a_browser_does_not_show_is_left_out(html: str, expected: str) -> None:
    assert plain(html) == expected


def test_a_huge_character_reference_is_replaced() -> None:
    assert plain("a&#" + "9" * 5000 + ";b&#x" + "f" * 50 + ";c") == "a\ufffdb\ufffdc"


def test_only_so_much_is_read() -> None:
    assert len(plain("x" * (MAX_HTML * 2))) == MAX_HTML


@given(st.text(st.sampled_from("<>/!-?&#;x1 apscrit\"'=[]\n\0\u202e")))
def test_no_html_raises_nor_leaves_a_tag(html: str) -> None:
    assert "\r" not in plain(html)


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<!-- >", "<![", "&#", "<p>", "<a b='", "</"])
def test_a_hostile_text_of_any_kind_is_read(piece: str) -> None:
    plain(piece * (MAX_HTML // len(piece)))
