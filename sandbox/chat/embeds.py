"""Embeds: Discord's limits, and what it makes of what was sent.

https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from .errors import Problem, required, too_long

MAX_EMBEDS: Final = 10
_MAX_SUM: Final = 6000
_MAX_FIELDS: Final = 25
_MAX_COLOR: Final = 0xFFFFFF
_MAX_URL: Final = 2048
_TEXTS: Final = {
    ("title",): 256,
    ("description",): 4096,
    ("author", "name"): 256,
    ("footer", "text"): 2048,
}
_FIELD_TEXTS: Final = {"name": 256, "value": 1024}
_URLS: Final = (
    ("url",),
    ("author", "url"),
    ("author", "icon_url"),
    ("footer", "icon_url"),
    ("image", "url"),
    ("thumbnail", "url"),
)


def taken(embeds: Any, at: str = "embeds") -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the embeds as Discord shows them, and what is wrong with them.

    Blanks around texts are cut off before counting. Embeds without anything in them are left out.
    """
    if embeds is None:
        return [], []
    if not isinstance(embeds, list) or not all(isinstance(one, dict) for one in embeds):
        return [], [(at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")]
    if len(embeds) > MAX_EMBEDS:
        return [], [too_long(at, MAX_EMBEDS)]
    problems: list[Problem] = []
    shown = []
    for index, embed in enumerate(embeds):
        made = _Embed(embed, f"{at}.{index}")
        problems += made.problems
        if set(made.shown) - {"type", "color", "url"}:
            shown.append(made.shown)
    if sum(map(size, shown)) > _MAX_SUM:
        message = f"Embed size exceeds maximum size of {_MAX_SUM}"
        problems.append((at, "MAX_EMBED_SIZE_EXCEEDED", message))
    return shown, problems


def size(embed: dict[str, Any]) -> int:
    """Return the characters that count towards the 6000 of a message."""
    texts = [_at(embed, path) for path in _TEXTS]
    for field in embed.get("fields", []):
        texts += [field["name"], field["value"]]
    return sum(len(text) for text in texts if isinstance(text, str))


def collapsed(embeds: list[dict[str, Any]]) -> list[str]:
    """Return the URLs that several embeds share; Discord shows those as one."""
    counted = Counter(embed.get("url") for embed in embeds)
    return [url for url, count in counted.items() if url and count > 1]


class _Embed:
    """One embed while it is looked through."""

    def __init__(self, sent: dict[str, Any], at: str) -> None:
        self._sent = sent
        self._at = at
        self.shown: dict[str, Any] = {"type": "rich"}
        self.problems: list[Problem] = []
        for path, most in _TEXTS.items():
            self._text(path, most)
        for path in _URLS:
            self._url(path)
        self._fields()
        self._color()
        self._time()
        self._complete()

    def _text(self, path: tuple[str, ...], most: int) -> None:
        value = _at(self._sent, path)
        text = "" if value is None else str(value).strip()
        if len(text) > most:
            self.problems.append(too_long(self._where(*path), most))
        elif text:
            _put(self.shown, path, text)

    def _url(self, path: tuple[str, ...]) -> None:
        url = str(_at(self._sent, path) or "").strip()
        if not url:
            return
        where = self._where(*path)
        parts = urlsplit(url)
        if len(url) > _MAX_URL:
            self.problems.append(too_long(where, _MAX_URL))
        elif parts.scheme not in ("http", "https", *(("attachment",) if len(path) > 1 else ())):
            message = f"Scheme \"{parts.scheme}\" must be one of ('http', 'https')."
            self.problems.append((where, "URL_TYPE_INVALID_SCHEME", message))
        elif not parts.netloc or " " in url:
            self.problems.append((where, "URL_TYPE_INVALID_URL", "Not a well formed URL."))
        else:
            _put(self.shown, path, url)

    def _fields(self) -> None:
        fields = self._sent.get("fields") or []
        if len(fields) > _MAX_FIELDS:
            self.problems.append(too_long(self._where("fields"), _MAX_FIELDS))
            return
        for index, field in enumerate(fields):
            made: dict[str, Any] = {"inline": bool(field.get("inline", False))}
            for name, most in _FIELD_TEXTS.items():
                where = self._where("fields", str(index), name)
                made[name] = str(field.get(name) or "").strip()
                if not made[name]:
                    self.problems.append(required(where))
                elif len(made[name]) > most:
                    self.problems.append(too_long(where, most))
            self.shown.setdefault("fields", []).append(made)

    def _color(self) -> None:
        color = self._sent.get("color")
        if color is None:
            return
        if not isinstance(color, int) or not 0 <= color <= _MAX_COLOR:
            message = f"int value should be between 0 and {_MAX_COLOR}."
            self.problems.append((self._where("color"), "NUMBER_TYPE_RANGE", message))
        self.shown["color"] = color

    def _time(self) -> None:
        time = self._sent.get("timestamp")
        if time is None:
            return
        try:
            moment = datetime.fromisoformat(str(time))
        except ValueError:
            message = f"Could not parse {time}. Should be ISO8601."
            self.problems.append((self._where("timestamp"), "DATE_TIME_TYPE_PARSE", message))
            return
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.shown["timestamp"] = aware.astimezone(UTC).isoformat(timespec="microseconds")

    def _complete(self) -> None:
        if "author" in self.shown and "name" not in self.shown["author"]:
            self.problems.append(required(self._where("author", "name")))
        if "footer" in self.shown and "text" not in self.shown["footer"]:
            del self.shown["footer"]
        for picture in ("image", "thumbnail"):
            if picture in self.shown:
                url = self.shown[picture]["url"]
                self.shown[picture] |= {"proxy_url": url, "width": 0, "height": 0}

    def _where(self, *path: str) -> str:
        return ".".join((self._at, *path))


def _at(embed: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = embed
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(embed: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for part in path[:-1]:
        embed = embed.setdefault(part, {})
    embed[path[-1]] = value
