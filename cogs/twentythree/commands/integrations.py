"""Who may use which command: what Discord lets in by itself, and what administrators have set.

Discord offers all of ``/video`` or nothing of it. By default that is to moderators, of whom only
those who manage the server may change anything; whomever an administrator lets in under Server
Settings, Integrations, may use all of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
from discord import app_commands

from ..domain.model import GuildId
from ..errors import StorageError
from .room_finder import FAILURES

if TYPE_CHECKING:
    from .context import CommandContext

_log = logging.getLogger("twentythree.commands")

# To whom Discord offers the commands where no administrator has said otherwise.
OFFERED_TO: Final = discord.Permissions(manage_messages=True)
# What a command has for its extras that changes nothing.
READS: Final = {"reads": True}
_USER, _ROLE = 2, 1
_FRESH_S = 30.0
_MOST_SERVERS = 200
# A command must be answered within 3 s.
_PATIENCE_S = 1.5
_CLOSING_S = 1.0

_Said: TypeAlias = Sequence[Mapping[str, Any]]


class Integrations:
    """Asks Discord whom administrators have let in, each server at most twice a minute.

    A question is never cut off, as with rooms; whoever stops waiting finds its answer later.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, _Said]] = {}
        self._asking: dict[int, asyncio.Task[_Said]] = {}

    async def lets_in(self, interaction: discord.Interaction) -> bool:
        """Tell whether an administrator has let the member use ``/video``, by name or by a role.

        Where Discord does not tell in time, nobody is.
        """
        guild_id, member = interaction.guild_id, interaction.user
        if guild_id is None or not isinstance(member, discord.Member):
            return False
        at, said = self._known.get(guild_id, (float("-inf"), ()))
        if self._clock() - at >= _FRESH_S:
            task = self._asking.get(guild_id)
            if task is None:
                task = asyncio.create_task(self._ask(interaction, guild_id), name="who is let in")
                self._asking[guild_id] = task
            done, _ = await asyncio.wait({task}, timeout=_PATIENCE_S)
            said = task.result() if done else ()
        return _is_let_in(said, member.id, {guild_id, *(role.id for role in member.roles)})

    async def close(self) -> None:
        """Wait for the questions under way, unless Discord takes its time."""
        if self._asking:
            await asyncio.wait(set(self._asking.values()), timeout=_CLOSING_S)

    async def _ask(self, interaction: discord.Interaction, guild_id: int) -> _Said:
        try:
            said = await _fetched(interaction, guild_id)
        except (discord.DiscordException, RuntimeError, *FAILURES) as error:
            _log.warning("who is let in to /video is not known: %s", type(error).__name__)
            return ()
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
    by_id: dict[int, _Said] = {int(one["id"]): one["permissions"] for one in rows}
    if not by_id:
        return ()
    own: Any = await http.get_guild_commands(application_id, guild_id)
    everywhere: Any = await http.get_global_commands(application_id)
    for one in (*own, *everywhere):
        if one["name"] == "video" and int(one["id"]) in by_id:
            return by_id[int(one["id"])]
    return by_id.get(application_id, ())


def _is_let_in(said: _Said, user_id: int, roles: set[int]) -> bool:
    """Tell whether somebody was let in: what is said of a person goes before their roles."""
    of_user = [
        one["permission"] for one in said if one["type"] == _USER and int(one["id"]) == user_id
    ]
    if of_user:
        return bool(of_user[0])
    return any(
        one["permission"] for one in said if one["type"] == _ROLE and int(one["id"]) in roles
    )


def reads(command: app_commands.Command[Any, ..., Any]) -> bool:
    """Tell whether a command changes nothing."""
    return bool(command.extras.get("reads"))


async def may_use(
    context: CommandContext, interaction: discord.Interaction, *, reads: bool = False
) -> bool:
    """Tell whether the member may use a command; ``reads``: one that changes nothing."""
    may = interaction.permissions
    if may.manage_guild or may.administrator:
        return True
    if reads and (may.manage_messages or await _is_moderator(context, interaction)):
        return True
    return await context.integrations.lets_in(interaction)


async def _is_moderator(context: CommandContext, interaction: discord.Interaction) -> bool:
    role_id, member = None, interaction.user
    with suppress(StorageError):
        role_id = await context.acting.moderators(GuildId(interaction.guild_id or 0))
    return (
        role_id is not None
        and isinstance(member, discord.Member)
        and member.get_role(role_id) is not None
    )


def refusal(command: object = None) -> str:
    """Return what is said to who may not use a command."""
    is_read = isinstance(command, app_commands.Command) and reads(command)
    who = "who moderates here, or manages the server" if is_read else "who manages the server"
    return (
        f"This is for {who}. An administrator can let others use `/video` under Server Settings → "
        "Integrations."
    )
