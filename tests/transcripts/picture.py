"""Draws a room as people see it, as far as that can be done in SVG, for the README."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

_WIDTH, _LINE, _MARGIN = 640, 20, 16
_CHARACTERS = 76
_STYLE = "font-family: 'gg sans', 'Noto Sans', Helvetica, Arial, sans-serif"
_MARKUP = re.compile(r"\*\*|\\(?=\W)|^-# ", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_MOMENT = re.compile(r"<t:\d+(?::(\w))?>")


class _Drawing:
    """SVG elements from the top down."""

    def __init__(self) -> None:
        self.y = _MARGIN
        self.parts: list[str] = []

    def text(self, words: str, x: int, *, color: str = "#dbdee1", style: str = "") -> None:
        """Write lines."""
        for line in textwrap.wrap(words, _CHARACTERS) or [""]:
            self.y += _LINE
            self.parts.append(
                f'<text x="{x}" y="{self.y}" fill="{color}" {style}>{escape(line)}</text>'
            )

    def box(self, top: int, color: int) -> None:
        """Put what was written since ``top`` into an embed's box."""
        place = f'x="64" y="{top}" height="{self.y - top + 10}"'
        box = f'<rect {place} width="{_WIDTH - 80}" rx="4" fill="#2b2d31"/>'
        bar = f'<rect {place} width="4" rx="2" fill="#{color:06x}"/>'
        first = self.parts.index(f"<!--{top}-->")
        self.parts[first : first + 1] = [box, bar]
        self.y += 18


def draw(messages: Sequence[Any]) -> str:
    """Return a picture of messages, as the sandbox's Discord shows them."""
    drawing = _Drawing()
    for message in messages:
        drawing.text("TwentyThree", 64, color="#f2f3f5", style='font-weight="600"')
        avatar = f'<circle cx="36" cy="{drawing.y}" r="18" fill="#5865f2"/>'
        drawing.parts.append(avatar)
        if message.content:
            drawing.text(_plain(message.content), 64)
        for embed in message.embeds:
            _embed(drawing, embed)
        drawing.y += 6
    height = drawing.y + _MARGIN
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    back = f'<rect width="{_WIDTH}" height="{height}" fill="#313338"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="14" style="{_STYLE}">'
    return "\n".join([head, back, *drawing.parts, "</svg>", ""])


def _embed(drawing: _Drawing, embed: dict[str, Any]) -> None:
    drawing.y += 8
    top = drawing.y
    drawing.parts.append(f"<!--{top}-->")
    for words, color, style in _lines(embed):
        drawing.text(words, 80, color=color, style=style)
    drawing.box(top, embed.get("color", 0x1E1F22))


def _lines(embed: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if author := embed.get("author", {}).get("name"):
        yield author, "#f2f3f5", 'font-size="12" font-weight="600"'
    if title := embed.get("title"):
        yield _plain(title), "#00a8fc", 'font-weight="600"'
    for line in embed.get("description", "").splitlines():
        yield _plain(line), "#dbdee1", ""
    if footer := embed.get("footer", {}).get("text"):
        yield _plain(footer), "#949ba4", 'font-size="12"'


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", _MARKUP.sub("", text))
    return _MOMENT.sub(lambda found: "a moment ago" if found[1] == "R" else "15:00", text)
