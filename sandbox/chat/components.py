"""Components: Discord's limits, and the numbers that it gives them.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .errors import Problem, required, too_long

BUTTON: Final = 2
ROW: Final = 1
MENU: Final = 3
_LINK_STYLE: Final = 5
_MAX_ROWS: Final = 5
_MAX_IN_ROW: Final = 5
_MAX_ALL: Final = 40
_TEXTS: Final = {"custom_id": 100, "label": 80, "placeholder": 150, "url": 512}
_MAX_OPTIONS: Final = 25
_OPTION_TEXTS: Final = {"label": 100, "value": 100, "description": 100}
_MAX_EMOJI: Final = 32
# Menus take the whole width of a row.
_MENUS: Final = (MENU, 5, 6, 7, 8)
# What Discord adds where a request leaves it out, by the component's type.
_THUMBNAIL: Final = 11
_MEDIA: Final = {"description": None, "spoiler": False}
_SELECT: Final = {"min_values": 1, "max_values": 1}
_DEFAULTS: Final[dict[int, dict[str, Any]]] = {
    **dict.fromkeys(_MENUS, _SELECT),
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
    _THUMBNAIL: _MEDIA,
}
_CHILDREN: Final = ("components", "component", "accessory")


def taken(
    components: Any, *, is_v2: bool, at: str = "components"
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the components as Discord shows them, and what is wrong with them."""
    if components is None:
        return [], []
    if not isinstance(components, list):
        return [], [(at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")]
    shown = _numbered(components, iter(range(1, 10_000)))
    problems = list(_too_many(shown, is_v2=is_v2, at=at))
    seen: set[str] = set()
    for path, one in walk(shown, at):
        problems += _wrong_with(one, path)
        custom_id = one.get("custom_id")
        if custom_id is not None and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            problems.append((f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message))
        seen.add(str(custom_id))
    return shown, problems


def walk(components: list[dict[str, Any]], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each component with its path, parents first."""
    for index, one in enumerate(components):
        path = f"{at}.{index}"
        yield path, one
        for key in _CHILDREN:
            inside = one.get(key)
            if isinstance(inside, list):
                yield from walk(inside, f"{path}.{key}")
            elif isinstance(inside, dict):
                yield from walk([inside], f"{path}.{key}")


def find(components: list[dict[str, Any]], custom_id: str) -> dict[str, Any] | None:
    """Return the component with this ``custom_id``."""
    return next((one for _, one in walk(components) if one.get("custom_id") == custom_id), None)


def _numbered(components: list[Any], numbers: Iterator[int]) -> list[dict[str, Any]]:
    shown = []
    for one in components:
        sent = _without_none(one)
        made = {**_DEFAULTS.get(sent.get("type", 0), {}), **sent}
        made["id"] = next(numbers)
        if "emoji" in made:
            made["emoji"] = {key: it for key, it in made["emoji"].items() if it is not None}
        if "media" in made:
            made["media"] = _unfurled(made["media"])
        if "items" in made:
            made["items"] = [
                {**_MEDIA, **item, "media": _unfurled(item["media"])} for item in made["items"]
            ]
        for key in _CHILDREN:
            inside = made.get(key)
            if isinstance(inside, list):
                made[key] = _numbered(inside, numbers)
            elif isinstance(inside, dict):
                made[key] = _numbered([inside], numbers)[0]
        shown.append(made)
    return shown


def _without_none(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent, its emoji and options included, without what is null.

    IDs, which the library sends as numbers, become texts.
    """
    made = {key: value for key, value in sent.items() if value is not None}
    if "default_values" in made:
        made["default_values"] = [{**one, "id": str(one["id"])} for one in made["default_values"]]
    if "emoji" in made:
        made["emoji"] = _without_none(made["emoji"])
    if "options" in made:
        made["options"] = [_without_none(option) for option in made["options"]]
    return made


def _unfurled(media: dict[str, Any]) -> dict[str, Any]:
    return {"id": "0", "url": media["url"], "proxy_url": media["url"], "width": 0, "height": 0}


def _too_many(components: list[dict[str, Any]], *, is_v2: bool, at: str) -> Iterator[Problem]:
    if is_v2:
        if sum(1 for _ in walk(components)) > _MAX_ALL:
            yield too_long(at, _MAX_ALL)
        return
    if len(components) > _MAX_ROWS:
        yield too_long(at, _MAX_ROWS)
    for index, row in enumerate(components):
        if row.get("type") != ROW:
            message = f'Value of field "type" must be one of ({ROW},).'
            yield f"{at}.{index}", "UNION_TYPE_CHOICES", message
        elif not 1 <= len(row.get("components", [])) <= _MAX_IN_ROW:
            message = f"Must be between 1 and {_MAX_IN_ROW} in length."
            yield f"{at}.{index}.components", "BASE_TYPE_BAD_LENGTH", message
        else:
            yield from _too_wide(row["components"], f"{at}.{index}.components")


def _too_wide(inside: list[dict[str, Any]], at: str) -> Iterator[Problem]:
    """Find what has no room beside a menu."""
    is_menu = [one.get("type") in _MENUS for one in inside]
    for index in range(1, len(inside)):
        if any(is_menu[: index + 1]):
            message = "The specified component exceeds the maximum width"
            yield f"{at}.{index}", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message


def _wrong_with(one: dict[str, Any], path: str) -> Iterator[Problem]:
    for key, most in _TEXTS.items():
        if len(str(one.get(key, ""))) > most:
            yield too_long(f"{path}.{key}", most)
    if one.get("type") in _MENUS and not one.get("custom_id"):
        yield required(f"{path}.custom_id")
    if one.get("type") == MENU:
        yield from _wrong_options(one.get("options", []), f"{path}.options")
    if one.get("type") == BUTTON:
        yield from _wrong_emoji(one, path)
        key = "url" if one.get("style") == _LINK_STYLE else "custom_id"
        if not one.get(key):
            yield required(f"{path}.{key}")
        if not (one.get("label") or one.get("emoji")):
            yield f"{path}", "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji."


def _wrong_options(options: list[dict[str, Any]], at: str) -> Iterator[Problem]:
    if not 1 <= len(options) <= _MAX_OPTIONS:
        yield at, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {_MAX_OPTIONS} in length."
    seen: set[str] = set()
    for index, option in enumerate(options):
        path = f"{at}.{index}"
        for key, most in _OPTION_TEXTS.items():
            if len(str(option.get(key) or "")) > most:
                yield too_long(f"{path}.{key}", most)
        for key in ("label", "value"):
            if not str(option.get(key) or "").strip():
                yield required(f"{path}.{key}")
        value = str(option.get("value"))
        if value in seen:
            message = "The specified option value is already used"
            yield f"{path}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message
        seen.add(value)
        yield from _wrong_emoji(option, path)


def _wrong_emoji(one: dict[str, Any], path: str) -> Iterator[Problem]:
    emoji = one.get("emoji")
    if emoji is None:
        return
    name = str(emoji.get("name") or "")
    if len(name) > _MAX_EMOJI:
        yield too_long(f"{path}.emoji.name", _MAX_EMOJI)
    # Without an ID it is one of Unicode's, none of which is a word.
    if not emoji.get("id") and (not name or name.isascii()):
        yield f"{path}.emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji"
