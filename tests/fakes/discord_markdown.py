"""What a reader sees of a text with Discord's markdown, for texts that should hold none."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_AUTOLINK = re.compile(r"<(https?:/[^ >]+)>")
_BARE_LINK = re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]")
_ARMED = re.compile(
    r"""
    (\*+)\S[\s\S]*?\1 | (_+)[\s\S]+?\2 | ~~[\s\S]+?~~ | \|\|[\s\S]+?\|\| | (`+)[\s\S]*?\3
    | \[[^\]]*\]\([^)]*\) | \[(?:\\[\s\S]|[^\]\\])*\]\([^)]*\)
    | <(?:@[!&]?|\#|t:|a?:\w+:|/[^:>]+:|id:|sound:)[^>]*>
    | @everyone | @here
    | :[^\s:]+:
    """,
    re.VERBOSE,
)
_ARMED_AT_LINE_START = re.compile(r"[ \t]*(?:#{1,3}\s|-\#\s|[-*+]\s|[0-9]+[.)]\s|>(?:>>)?\s)")


class ArmedError(AssertionError):
    """The text holds something that Discord would act on."""


def rendered(text: str) -> str:
    """Return the characters a reader sees; raise ``ArmedError`` upon any markup but bare links."""
    shown: list[str] = []
    position = 0
    while position < len(text):
        at_line_start = position == 0 or text[position - 1] == "\n"
        if at_line_start and (armed := _ARMED_AT_LINE_START.match(text, position)):
            raise ArmedError(armed.group())
        if escape := _ESCAPE.match(text, position):
            shown.append(escape[1])
            position = escape.end()
        elif link := _AUTOLINK.match(text, position):
            shown.append(link[1])
            position = link.end()
        elif armed := _ARMED.match(text, position) or _BARE_LINK.match(text, position):
            raise ArmedError(armed.group())
        else:
            shown.append(text[position])
            position += 1
    return "".join(shown)
