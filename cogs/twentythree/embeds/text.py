"""Text from strangers, made fit to be shown: cleaned, disarmed, shortened.

*Cleaning* takes out what changes how the rest is shown (bidirectional overrides, control
characters, towers of combining marks, walls of empty lines). *Disarming* escapes what Discord's
markdown would act on, so that the text shows as it was typed. *Shortening* never cuts inside an
escape, a link or a character made of several code points, and always leaves an ellipsis.

Addresses may be put into a message where they are http or https, well formed and of bounded length.

Lengths are in UTF-16 units: Discord does not say what it counts, and no other count of the same
text that it could mean is larger.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

import regex

from ..domain.batching import MessageSize
from ..languages import tr

# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MESSAGE_SIZE = MessageSize(embeds=10, characters=6_000)
MAX_TITLE = 256
MAX_DESCRIPTION = 4096
# https://discord.com/developers/docs/components/reference#button
MAX_BUTTON_URL = 512
ELLIPSIS = "…"

# Marks stacked on one letter: living scripts need up to four, "zalgo" text uses dozens.
_MAX_MARKS = 4
# Titles and addresses of so many objects are kept: each is in all that is said of the object.
_OBJECTS = 512
# Nothing beyond this many characters of a text is looked at; it is far more than is ever shown.
_MAX_READ = 20_000
# Nor beyond so many times what is to be shown, and some: the rest may be invisible.
_TIMES, _SOME = 4, 1_000

_NEWLINES = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Scripts whose letters a joiner does nothing to.
_UNJOINED = r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Common}]"
# All that shows as nothing, by Unicode's own property; but for what an emoji or a word is made of:
# the tags of a flag such as Scotland's, the choice of an emoji's style, and joiners between emoji
# or between letters that they join. Fillers of Hangul show as space.
_INVISIBLE = regex.compile(
    rf"""
    ( \U0001f3f4[\U000e0020-\U000e007e]{{1,8}}\U000e007f
    | (?<=\p{{Extended_Pictographic}})[\ufe0e\ufe0f]
    | (?<=[0-9\#*])\ufe0f(?=\u20e3)
    | (?<=\p{{Extended_Pictographic}}[\ufe0f\U0001f3fb-\U0001f3ff]?)\u200d
      (?=\p{{Extended_Pictographic}})
    | (?<=[\p{{L}}--{_UNJOINED}]\p{{M}}{{0,4}})[\u200c\u200d](?=[\p{{L}}--{_UNJOINED}])
    | (?<=\p{{L}}\p{{M}}{{0,3}}\p{{Canonical_Combining_Class=9}})\u200d
    )
    | [\p{{Default_Ignorable_Code_Point}}--[\u115f\u1160\u3164\uffa0]]
    | [\x00-\x08\x0e-\x1f\x7f-\x9f\ufff9-\ufffb]
    """,
    regex.VERBOSE | regex.VERSION1,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# A vowel after the consonant of its syllable, and what ends one: macOS writes Hangul so in names of
# files.
_SYLLABLE = re.compile("[\u1100-\u115f][\u1160-\u11a7]|[\u1160-\u11a7][\u11a8-\u11ff]")
# Letters and symbols that show as nothing; Python does not count them as space.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
_SPACES = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_EMPTY = f"{_SPACES}\u202f\u205f\u3000{_BLANKS}"
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACE = re.compile(rf"[\s{_BLANKS}]+")

_TOKEN = re.compile(
    r"""
    (?P<url>https?://[^\s<>\[\]\\`|"{}^]{1,2000}+(?![^\s<>\[\]\\`|"{}^]))
    | (?P<start>^[^\S\n]*(?:[-+\#]|[0-9]+[.)]))   # heading, subtext or list at a line's start
    | (?P<special>[\\`*_~|<>\[\]@]|:(?=\S))        # a colon may open an emoji or a scheme
    """,
    re.VERBOSE | re.MULTILINE,
)
# More than `disarm` escapes: here a link inside a link's text would break the outer one.
_MARKUP = re.compile(r"([\\*_~`|<>\[\]()#@:-])")
_REFERENCE = re.compile(r"(<(?:#|@&?)\d{1,20}>)")
_AFTER_HOST = re.compile(r"[/?#]")
_SENTENCE_ENDS = ".,:;!?'*~"

# Discord takes 2048; some room is left for what is added below.
_MAX_LENGTH = 1900
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Everything else is percent-encoded, brackets too, so that an address cannot end a masked link.
_SAFE = "/%:@!$&'*+,;=~-._?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text fit to be shown; ``is_cut`` says that its end is missing."""

    text: str
    is_cut: bool


def units(text: str) -> int:
    """Count a text's UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Take out what is invisible or changes how the rest is shown; unify line ends."""
    text = text[:_MAX_READ]
    if text.isascii() and text.isprintable():
        return text.strip(_EMPTY)
    text = _NEWLINES.sub("\n", text)
    text = _SURROGATE.sub("\ufffd", text)
    text = _INVISIBLE.sub(r"\1", text)
    if not text.isascii():
        text = "".join(_without_towers(text))
    # By lines, and not by a pattern: that one would look at every run of spaces again and again.
    text = "\n".join(line.rstrip(_EMPTY) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip(f"\n{_EMPTY}")


def one_line(text: str, limit: int) -> str:
    """Return a cleaned single line of at most ``limit`` units, for places without markdown."""
    read, is_cut = _within_reach(text, limit)
    shown = _SPACE.sub(" ", clean(read)).strip()
    return _shorten(iter(shown), limit, is_cut=is_cut).text


def disarm(text: str, limit: int, *, max_lines: int = 1) -> Shown:
    """Return a cleaned text, escaped for places with markdown, of at most ``limit`` units.

    Links stay links, always bare: ``<https://…>`` shows as the address alone and keeps markdown
    out of it. One with a user name in it shows one host and opens another: it becomes text.
    """
    read, is_cut = _within_reach(text, limit)
    shown = clean(read)
    if max_lines == 1:
        shown = _SPACE.sub(" ", shown).strip()
    elif shown.count("\n") >= max_lines:
        shown, is_cut = "\n".join(shown.split("\n")[:max_lines]).rstrip(), True
    return _shorten(_pieces(shown), limit, is_cut=is_cut)


@lru_cache(_OBJECTS)
def escaped(line: str) -> str:
    """Return a part of a line that is clean already so that Discord shows it as typed."""
    return _MARKUP.sub(r"\\\1", line)


def with_references(text: str, limit: int) -> str:
    """Return the text on one line, disarmed but for references to rooms, roles and people.

    They show as names; where nobody is to be mentioned, they call nobody.
    """
    parts = _REFERENCE.split(one_line(text, limit))
    # Every second one is a reference.
    return "".join(part if number % 2 else escaped(part) for number, part in enumerate(parts))


def title(text: str, limit: int = MAX_TITLE) -> str:
    """Return the title of an object as it is shown."""
    return disarm(text, limit).text or tr("Untitled")


def link_title(text: str, limit: int) -> str:
    """Return the title of an object as the text of a link, of at most twice ``limit`` units."""
    return escaped(one_line(text, limit)) or tr("Untitled")


def _within_reach(text: str, limit: int) -> tuple[str, bool]:
    """Return as much of a text as is looked at, and whether that is not all."""
    reach = min(_MAX_READ, _TIMES * limit + _SOME)
    text = text.strip()
    return text[:reach], len(text) > reach


def _without_towers(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MAX_MARKS:
            yield character


def _pieces(text: str) -> Iterator[str]:
    """Split a cleaned text into the smallest escaped pieces that may not be cut."""
    position = 0
    while match := _TOKEN.search(text, position):
        yield from text[position : match.start()]
        position = match.end()
        match match.lastgroup:
            case "url":
                url = _trimmed(match.group())
                if url.endswith("://") or _has_user(url):
                    url = url.partition("//")[0]
                    yield url.replace(":", "\\:")
                else:
                    yield f"<{url}>"
                position = match.start() + len(url)
            case "start":
                yield match.group()[:-1] + "\\" + match.group()[-1]
            case _:
                yield "\\" + match.group()
    yield from text[position:]


def _has_user(url: str) -> bool:
    """Whether there is an "@", or what browsers take for one, before an address's host."""
    authority = _AFTER_HOST.split(url.partition("://")[2], maxsplit=1)[0]
    return "@" in unicodedata.normalize("NFKC", unquote(authority))


def _trimmed(url: str) -> str:
    """Cut off what ends the sentence rather than the address."""
    while True:
        url = url.rstrip(_SENTENCE_ENDS)
        if not url.endswith(")") or url.count("(") >= url.count(")"):
            return url
        url = url[:-1]


def _shorten(pieces: Iterator[str], limit: int, *, is_cut: bool) -> Shown:
    # Each takes a unit at least.
    kept = list(islice(pieces, limit + 1))
    whole = "".join(kept)
    if not is_cut and units(whole) <= limit:
        return Shown(text=whole, is_cut=False)
    ends = [0, *accumulate(map(units, kept))]
    count = len(kept)
    while count and ends[count] > limit - units(ELLIPSIS):
        count -= 1
    while 0 < count < len(kept) and (
        _is_joined(kept[count - 1], kept[count]) or _is_in_flag(kept, count)
    ):
        count -= 1
    return Shown(text="".join(kept[:count]).rstrip() + ELLIPSIS, is_cut=True)


def _is_joined(before: str, after: str) -> bool:
    """Say whether two pieces are parts of one character as people see it."""
    return (
        before[-1] == "\u200d"
        or after[0] == "\u200d"
        or unicodedata.category(after[0]) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= after[0] <= "\U0001f3ff"
        or "\U000e0020" <= after[0] <= "\U000e007f"
        or _SYLLABLE.fullmatch(before[-1] + after[0]) is not None
    )


def _is_in_flag(pieces: list[str], place: int) -> bool:
    """Say whether a place is between the two letters of a flag; side by side, flags are pairs."""
    begin = place
    while begin and _is_of_flag(pieces[begin - 1]):
        begin -= 1
    return (place - begin) % 2 == 1 and _is_of_flag(pieces[place])


def _is_of_flag(piece: str) -> bool:
    return "\U0001f1e6" <= piece[0] <= "\U0001f1ff"


def safe_url(url: str, *, fragment: str = "", query: str = "", below: str = "") -> str | None:
    """Return the address in a form Discord takes, with the additions, or ``None``.

    ``below``: what is added to its path.

    An address with a user name in it is refused: it is a way to show one host and open another.
    """
    parts = _safe_parts(url)
    if parts is None:
        return None
    if below:
        parts = parts._replace(path=f"{parts.path.rstrip('/')}/{below}")
    if fragment or query:
        parts = parts._replace(
            query="&".join(filter(None, (parts.query, query))),
            fragment="&".join(filter(None, (parts.fragment, fragment))),
        )
    safe = urlunsplit(parts)
    return safe if len(safe) <= _MAX_LENGTH else None


@lru_cache(_OBJECTS)
def _safe_parts(url: str) -> SplitResult | None:
    if len(url) > _MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:  # UnicodeError, which encoding a host may raise, is one as well
        return None
    if parts.scheme not in ("http", "https") or host is None or "@" in parts.netloc:
        return None
    return SplitResult(
        parts.scheme,
        host if port is None else f"{host}:{port}",
        _encoded(parts.path) or "/",
        _encoded(parts.query),
        _encoded(parts.fragment),
    )


def _host(host: str) -> str | None:
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not _HOST.fullmatch(host):
        return None
    return f"[{host}]" if ":" in host else host


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE, errors="replace")


# What stands around a comment: small print, and the replies that are there.
_AROUND = ("-# ", "> ")
# Before a line's link stood a plain space once.
_LINK = re.compile(r"[ \u00a0]\[»\]\(")


def said_of(comment_id: int, embeds: Sequence[Mapping[str, Any]], content: str = "") -> str:
    """Return what a message says of a comment, still disarmed; ``""``: it does not."""
    address = f"#comment-{comment_id}"
    for embed in embeds:
        description = str(embed.get("description", ""))
        if str(embed.get("url", "")).endswith(address):
            lines = description.split("\n")
            return "\n".join(line for line in lines if not line.startswith(_AROUND))
        if found := _line(description, address):
            return found
    return _line(content, address)


def _line(text: str, address: str) -> str:
    """Return the line that leads to a comment, without its link and what stands behind that."""
    for line in text.split("\n"):
        shown, *linked = _LINK.split(line, maxsplit=1)
        if linked and linked[0].partition(")")[0].strip("<>").endswith(address):
            return shown
    return ""
