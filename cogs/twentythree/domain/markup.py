"""Plain text of HTML, as far as a stranger's is to be trusted.

Block tags and line breaks become new lines, and other tags vanish.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

MAX_HTML = 32_768
# Tags and references; a parser takes up to 9 µs for each.
MAX_MARKS = 2_000

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    }
)
_SILENT = frozenset({"script", "style", "title", "template"})
# Everything but a plain tag is text: what html.parser does with declarations and with tags
# that do not end is slow (quadratic) and may raise.
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,2000}>)")
# html.unescape() hands any run of digits to int(), which raises from 4301 digits on.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?", re.ASCII)
_WITHIN_MARKS = re.compile(rf"[^<&]*(?:[<&][^<&]*){{0,{MAX_MARKS}}}")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def plain(html: str) -> str:
    """Return the text that a browser would show, paragraphs on lines of their own.

    Never raises; markup that is cut or wrong is shown as it is written. Nothing is read beyond
    ``MAX_HTML`` characters and ``MAX_MARKS`` tags and references.
    """
    reader = _Reader()
    within = _WITHIN_MARKS.match(html[:MAX_HTML])
    reader.feed(_tamed(within[0] if within else ""))
    reader.close()
    lines = "".join(reader.parts).split("\n")
    joined = "\n".join(line.strip(" ") for line in lines)
    return _BLANK_LINES.sub("\n\n", joined).strip("\n ")


def marks(html: str) -> int:
    """Return how many tags and references a text may hold."""
    return html.count("<") + html.count("&")


def _tamed(html: str) -> str:
    html = _HUGE_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", html)
    return _NO_TAG.sub("&lt;", _without_comments(html))


def _without_comments(html: str) -> str:
    kept, *rest = html.split("<!--")
    for piece in rest:
        _, end, after = piece.partition("-->")
        kept += after if end else f"<!--{piece}"
    return kept


class _Reader(HTMLParser):
    """Collects text; ``parts`` holds new lines only where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silenced_by: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT and self._silenced_by is None:
            self._silenced_by = tag
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self._break()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # <script/> silences nothing: there is no end tag to come.
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silenced_by:
            self._silenced_by = None
        elif tag in _BLOCKS and tag != "br":
            self._break()

    def handle_data(self, data: str) -> None:
        text = _SPACES.sub(" ", data)
        is_gap = text == " " and self.parts[-1:] == ["\n"]
        if self._silenced_by is None and not is_gap:
            self.parts.append(text)

    def _break(self) -> None:
        """Begin a new line unless one has just begun."""
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
