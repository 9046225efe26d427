"""Components: Discord's limits, and the numbers that it gives them.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .errors import Problem, required, too_long

BUTTON: Final = 2
ROW: Final = 1
_LINK_STYLE: Final = 5
_MAX_ROWS: Final = 5
_MAX_IN_ROW: Final = 5
_MAX_ALL: Final = 40
_TEXTS: Final = {"custom_id": 100, "label": 80, "placeholder": 150, "url": 512}
_MAX_OPTIONS: Final = 25
# What Discord adds where a request leaves it out, by the component's type.
_THUMBNAIL: Final = 11
_MEDIA: Final = {"description": None, "spoiler": False}
_SELECT: Final = {"min_values": 1, "max_values": 1}
_DEFAULTS: Final[dict[int, dict[str, Any]]] = {
    **dict.fromkeys((3, 5, 6, 7, 8), _SELECT),
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
        sent = {key: value for key, value in dict(one).items() if value is not None}
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


def _wrong_with(one: dict[str, Any], path: str) -> Iterator[Problem]:
    for key, most in _TEXTS.items():
        if len(str(one.get(key, ""))) > most:
            yield too_long(f"{path}.{key}", most)
    if len(one.get("options", [])) > _MAX_OPTIONS:
        yield too_long(f"{path}.options", _MAX_OPTIONS)
    if one.get("type") == BUTTON:
        key = "url" if one.get("style") == _LINK_STYLE else "custom_id"
        if not one.get(key):
            yield required(f"{path}.{key}")
        if not (one.get("label") or one.get("emoji")):
            yield f"{path}", "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji."
