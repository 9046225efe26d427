"""Application commands: registering them, and finding them for those who use them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from ...journal import Happening, Subject
from .. import permissions
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import Problem, invalid_form, refusal, required, too_long

_GLOBAL: Final = "/applications/{application_id}/commands"
_GUILD: Final = "/applications/{application_id}/guilds/{guild_id}/commands"
_NAME: Final = re.compile(r"[-_'\w]{1,32}")
_MAX_COMMANDS: Final = 100
_MAX_OPTIONS: Final = 25
_MAX_DESCRIPTION: Final = 100
_MAX_CHOICE: Final = 100
_MAX_CHARACTERS: Final = 8000
_CHAT_INPUT, _SUBCOMMAND = 1, 1
_DAY_S: Final = 86_400.0
# Always in the answer, with what they are where the request leaves them out.
_DEFAULTS: Final[dict[str, Any]] = {
    "type": _CHAT_INPUT,
    "default_member_permissions": None,
    "name_localizations": None,
    "description_localizations": None,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}


class Commands:
    """The commands of the application, for each guild and (``None``) for all."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._commands: dict[int | None, list[dict[str, Any]]] = {}
        self._creations: dict[int | None, deque[float]] = {}

    def routes(self) -> Routes:
        """Return the routes of this part."""
        return [
            Route(method=method, template=template, handle=handle)
            for template in (_GLOBAL, _GUILD)
            for method, handle in (("GET", self.all), ("PUT", self.replace), ("POST", self.add))
        ] + [
            Route(method=method, template=f"{template}/{{command_id}}", handle=handle)
            for template in (_GLOBAL, _GUILD)
            for method, handle in (("GET", self.one), ("DELETE", self.remove))
        ]

    def offered(self, guild_id: int | None) -> list[dict[str, Any]]:
        """Return the commands that people in a guild have; the guild's own come first."""
        own = self._commands.get(guild_id, []) if guild_id is not None else []
        return [*own, *self._commands.get(None, [])]

    def all(self, call: Call) -> Answer:
        """Answer with all commands of a scope."""
        return Answer(body=self._commands.get(self._scope(call), []))

    def one(self, call: Call) -> Answer:
        """Answer with one command."""
        return Answer(body=self._known(call))

    def remove(self, call: Call) -> Answer:
        """Remove one command."""
        self._commands[self._scope(call)].remove(self._known(call))
        self._tell()
        return Answer(status=NO_CONTENT)

    def add(self, call: Call) -> Answer:
        """Create one command, or change the one of that name."""
        scope, sent = self._scope(call), call.object()
        had = list(self._commands.get(scope, []))
        others = [one for one in had if _key(one) != _key(sent)]
        made = self._replaced(scope, [*others, sent])
        return Answer(status=200 if len(others) < len(had) else 201, body=made[-1])

    def replace(self, call: Call) -> Answer:
        """Replace all commands of a scope; those that are the same keep their IDs."""
        if not isinstance(call.body, list):
            raise refusal(50109)
        return Answer(body=self._replaced(self._scope(call), call.body))

    def _replaced(self, scope: int | None, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
        problems = list(_wrong_with_all(sent))
        if problems:
            raise invalid_form(problems)
        known = {_key(one): one for one in self._commands.get(scope, [])}
        self._count_creations(scope, sum(_key(one) not in known for one in sent))
        self._commands[scope] = [self._made(scope, one, known.get(_key(one))) for one in sent]
        self._tell()
        return self._commands[scope]

    def _tell(self) -> None:
        self._core.journal.add(Happening(Subject.COMMANDS))
        self._core.changes.tell()

    def _made(
        self, scope: int | None, sent: dict[str, Any], before: dict[str, Any] | None
    ) -> dict[str, Any]:
        ids = self._core.world.ids
        made = _DEFAULTS | {key: value for key, value in sent.items() if value is not None}
        made["description"] = sent.get("description") or ""
        if (needed := made["default_member_permissions"]) is not None:
            made["default_member_permissions"] = str(needed)
        made["application_id"] = str(self._core.world.bot.id)
        made["id"] = str(ids.next()) if before is None else before["id"]
        made["version"] = str(ids.next())
        if scope is not None:
            made["guild_id"] = str(scope)
            # These are for global commands only.
            made.pop("dm_permission")
            made["contexts"] = None
        return made

    def _count_creations(self, scope: int | None, count: int) -> None:
        now = self._core.world.now()
        recent = self._creations.setdefault(scope, deque())
        while recent and recent[0] < now - _DAY_S:
            recent.popleft()
        if len(recent) + count > self._core.options.command_creations:
            raise refusal(30034)
        recent.extend([now] * count)

    def _scope(self, call: Call) -> int | None:
        world = self._core.world
        if call.id("application_id") != world.bot.id:
            raise refusal(50001)
        if "guild_id" not in call.parts:
            return None
        guild = world.guilds.get(call.id("guild_id"))
        if guild is None or world.bot_in(guild) is None:
            raise refusal(50001)
        return guild.id

    def _known(self, call: Call) -> dict[str, Any]:
        command_id = str(call.id("command_id"))
        for one in self._commands.get(self._scope(call), []):
            if one["id"] == command_id:
                return one
        raise refusal(10063)


def may_use(command: dict[str, Any], granted: int) -> bool:
    """Say whether someone with these permissions in the guild is offered the command."""
    needed = command["default_member_permissions"]
    if granted & permissions.ADMINISTRATOR or needed is None:
        return True
    return needed != "0" and granted & int(needed) == int(needed)


def _key(command: dict[str, Any]) -> tuple[int, str]:
    return int(command.get("type") or _CHAT_INPUT), str(command.get("name"))


def _wrong_with_all(commands: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(commands) > _MAX_COMMANDS:
        yield too_long("_", _MAX_COMMANDS)
    keys = [_key(one) for one in commands]
    for index, one in enumerate(commands):
        if keys.index(keys[index]) != index:
            message = "Application command names must be unique"
            yield f"{index}", "APPLICATION_COMMANDS_DUPLICATE_NAME", message
        yield from _wrong_with(one, str(index))
        if _key(one)[0] == _CHAT_INPUT and _characters(one) > _MAX_CHARACTERS:
            message = f"Command exceeds maximum size ({_MAX_CHARACTERS})"
            yield f"{index}", "APPLICATION_COMMAND_TOO_LARGE", message


def _wrong_with(one: dict[str, Any], at: str) -> Iterator[Problem]:
    """Yield what is wrong with a command or an option of one."""
    name, description = str(one.get("name") or ""), str(one.get("description") or "")
    is_slash = "." in at or _key(one)[0] == _CHAT_INPUT
    if is_slash and (not _NAME.fullmatch(name) or name != name.lower()):
        message = f"Command name is invalid: {name}"
        yield f"{at}.name", "APPLICATION_COMMAND_INVALID_NAME", message
    if is_slash and not 1 <= len(description) <= _MAX_DESCRIPTION:
        message = f"Must be between 1 and {_MAX_DESCRIPTION} in length."
        yield f"{at}.description", "BASE_TYPE_BAD_LENGTH", message
    yield from _wrong_choices(one.get("choices") or [], at)
    yield from _wrong_options(one.get("options") or [], at)


def _wrong_choices(choices: list[dict[str, Any]], at: str) -> Iterator[Problem]:
    if len(choices) > _MAX_OPTIONS:
        yield too_long(f"{at}.choices", _MAX_OPTIONS)
    for index, choice in enumerate(choices):
        for key in ("name", "value"):
            if not 1 <= len(str(choice.get(key, ""))) <= _MAX_CHOICE:
                message = f"Must be between 1 and {_MAX_CHOICE} in length."
                yield f"{at}.choices.{index}.{key}", "BASE_TYPE_BAD_LENGTH", message


def _wrong_options(options: list[dict[str, Any]], at: str) -> Iterator[Problem]:
    if len(options) > _MAX_OPTIONS:
        yield too_long(f"{at}.options", _MAX_OPTIONS)
    seen: set[object] = set()
    may_be_required = True
    for index, option in enumerate(options):
        where = f"{at}.options.{index}"
        if "type" not in option:
            yield required(f"{where}.type")
        if option.get("name") in seen:
            message = "Option name is already used"
            yield where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED", message
        seen.add(option.get("name"))
        if option.get("required") and not may_be_required:
            message = "Required options must be placed before non-required options"
            yield where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message
        may_be_required = may_be_required and bool(option.get("required"))
        yield from _wrong_with(option, where)


def _characters(one: dict[str, Any]) -> int:
    own = len(str(one.get("name", ""))) + len(str(one.get("description") or ""))
    choices = sum(
        len(str(choice.get("name", ""))) + len(str(choice.get("value", "")))
        for choice in one.get("choices") or []
    )
    return own + choices + sum(map(_characters, one.get("options") or []))
