"""Whom administrators have let in to ``/video``, or shut out, under Server Settings, Integrations.

Discord keeps to that for commands, for all of ``/video`` alike. It lets presses through, so that
who presses may have lost the right since.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import discord

from ..delivery import REQUEST_ERRORS
from ..languages import tr

_log = logging.getLogger("twentythree.commands")

_USER, _ROLE = 2, 1
_FRESH_S = 30.0
_MOST_SERVERS = 200
# Nobody waits for longer before something opens.
_PATIENCE_S = 1.5
_CLOSING_S = 1.0

# What is said of a person or a role: which of them, whose ID, and whether they are let in.
_Said: TypeAlias = Sequence[tuple[int, int, bool]]


class Integrations:
    """Asks Discord what administrators have set, each server at most twice a minute.

    A question is never cut off, as with rooms; whoever stops waiting finds its answer later.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, _Said]] = {}
        self._asking: dict[int, asyncio.Task[_Said | None]] = {}

    async def word_on(self, interaction: discord.Interaction) -> bool | None:
        """Tell whether the member was let in to ``/video``, or shut out, by name or by a role.

        ``None``: nothing is said of them, so that Discord goes by their permissions. Where Discord
        does not tell in time, who was shut out the last time still is.
        """
        guild_id, member = interaction.guild_id, interaction.user
        if guild_id is None or not isinstance(member, discord.Member):
            return None
        said, is_told = await self._said(interaction, guild_id)
        word = _word_on(said, member.id, guild_id, {role.id for role in member.roles})
        return word if is_told or word is False else None

    async def _said(self, interaction: discord.Interaction, guild_id: int) -> tuple[_Said, bool]:
        """Return what administrators have set, and whether Discord tells that now."""
        at, said = self._known.get(guild_id, (float("-inf"), ()))
        if self._clock() - at < _FRESH_S:
            return said, True
        task = self._asking.get(guild_id)
        if task is None:
            task = asyncio.create_task(self._ask(interaction, guild_id), name="who is let in")
            self._asking[guild_id] = task
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE_S)
        told = task.result() if done else None
        return (said, False) if told is None else (told, True)

    async def close(self) -> None:
        """Wait for the questions under way, unless Discord takes its time."""
        if self._asking:
            await asyncio.wait(set(self._asking.values()), timeout=_CLOSING_S)

    async def _ask(self, interaction: discord.Interaction, guild_id: int) -> _Said | None:
        """Return what Discord tells; ``None``: it does not."""
        try:
            said = await _fetched(interaction, guild_id)
        except (RuntimeError, *REQUEST_ERRORS) as error:
            _log.warning("who is let in to /video is not known: %s", type(error).__name__)
            return None
        finally:
            del self._asking[guild_id]
        if len(self._known) >= _MOST_SERVERS:
            self._known.clear()
        self._known[guild_id] = self._clock(), said
        return said


async def _fetched(interaction: discord.Interaction, guild_id: int) -> _Said:
    """Return what administrators have set for ``/video``; else, for all of the application."""
    http, application_id = interaction.client.http, interaction.application_id
    rows: Any = await http.get_guild_application_command_permissions(application_id, guild_id)
    by_id = {int(one["id"]): _read(one["permissions"]) for one in rows}
    if not by_id:
        return ()
    own: Any = await http.get_guild_commands(application_id, guild_id)
    everywhere: Any = await http.get_global_commands(application_id)
    for one in (*own, *everywhere):
        if one["name"] == "video" and int(one["id"]) in by_id:
            return by_id[int(one["id"])]
    return by_id.get(application_id, ())


def _read(rows: Sequence[Mapping[str, Any]]) -> _Said:
    return [(int(one["type"]), int(one["id"]), bool(one["permission"])) for one in rows]


def _word_on(said: _Said, user_id: int, guild_id: int, roles: set[int]) -> bool | None:
    """Return what is said of somebody: by name, else by their roles, else of everybody."""
    of_user, of_roles, of_all = (
        [is_let_in for of, number, is_let_in in said if of == kind and number in ids]
        for kind, ids in ((_USER, {user_id}), (_ROLE, roles - {guild_id}), (_ROLE, {guild_id}))
    )
    found = next(filter(None, (of_user, of_roles, of_all)), None)
    return None if found is None else any(found)


def refusal() -> str:
    """Return what is said to who presses and may not use the command any more."""
    return tr(
        "This is for whoever manages the server, or whom an administrator lets use `/video` under "
        "Server Settings → Integrations."
    )
