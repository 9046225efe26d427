"""What ``/video setup`` would set, looked at as the commands for each part look at it, and done."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import discord

from ..api import FoundObject
from ..delivery import cautions
from ..domain.acting import Deed, NewEntry
from ..domain.following import Category
from ..domain.model import (
    CategoryId,
    GuildId,
    ObjectId,
    ObjectKind,
    RoomId,
)
from ..intake import WantedAttachment, WantedFollow, WantedSetup
from ..languages import kept, retold, tr
from . import attach, follow, rules, words
from .context import CommandContext
from .moderators import check_role
from .noting import actor_of
from .replies import Refusal
from .room_finder import Unseen
from .room_option import ChosenRoom, as_chosen, guild_of
from .setup_state import Audience, SetupState, What


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRoom:
    """A room, and by which options something is posted there."""

    chosen: ChosenRoom
    given: rules.RulesGiven


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """What would be set; ``doubts`` are to be agreed to.

    ``found`` is the object, where it is one; else it is a category, or ``None``: all.
    """

    rooms: tuple[PlannedRoom, ...]
    found: FoundObject | None
    category: Category | None
    moderators: discord.Role | None
    doubts: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What tells the doubts from others."""
        return hashlib.sha256("\n".join(self.doubts).encode()).hexdigest()[:8]


async def plan_of(
    context: CommandContext, interaction: discord.Interaction, state: SetupState
) -> SetupPlan:
    """Look at what was chosen, with the rights that the member and the bot have by now.

    Raises:
        Refusal: something is missing, or cannot be.
        WorkspaceError: the object or the category cannot be read.
    """
    if state.lacks is not None:
        raise Refusal(state.lacks)
    guild = guild_of(interaction)
    found = category = None
    if state.what is What.ONE:
        found = await context.bridge.find(ObjectId(state.target or 0))
    elif state.what is What.CATEGORY:
        category = await context.bridge.category(CategoryId(state.target or 0))
    kind = ObjectKind.LIVE if found is None else found.info.kind
    rooms = [
        await _room(context, interaction, audience, room_id, state=state, kind=kind)
        for audience, room_id in state.rooms.items()
    ]
    plan = SetupPlan(
        rooms=tuple(rooms),
        found=found,
        category=category,
        moderators=_moderators(guild, state.moderators),
    )
    return replace(plan, doubts=tuple(await _doubts(context, interaction, plan)))


async def room_now(
    context: CommandContext, interaction: discord.Interaction, room_id: int
) -> ChosenRoom:
    """Return a room that was chosen, as it is now.

    Raises:
        Refusal: it is gone, takes no notices, or they do not see it.
    """
    found = await context.rooms.look(guild_of(interaction), room_id)
    return await as_chosen(interaction, None if isinstance(found, Unseen) else found)


async def _room(
    context: CommandContext,
    interaction: discord.Interaction,
    audience: Audience,
    room_id: int,
    *,
    state: SetupState,
    kind: ObjectKind,
) -> PlannedRoom:
    chosen = await room_now(context, interaction, room_id)
    typed = options(audience, state, kind, can_write=context.acting.can_write)
    given = rules.from_typed(typed, chosen.room.guild)
    await rules.check_given(chosen, given)
    return PlannedRoom(chosen=chosen, given=given)


def options(
    audience: Audience, state: SetupState, kind: ObjectKind, *, can_write: bool | None
) -> dict[str, Any]:
    """Return the options of ``/video attach`` and ``follow`` that a room gets, as they are typed.

    ``can_write``: whether the credentials let comments be changed; ``None``: not known.
    """
    if audience is Audience.STAFF:
        typed = {"comments": "all", "actions": "off" if can_write is False else "on"}
        return typed if kind is ObjectKind.VIDEO else {**typed, "live": "on"}
    if kind is ObjectKind.VIDEO:
        return {"comments": "promoted"}
    typed = {"comments": "promoted", "live": "on"}
    return typed if state.mention is None else {**typed, "mention": str(state.mention)}


def _moderators(guild: discord.Guild, role_id: int | None) -> discord.Role | None:
    if role_id is None:
        return None
    role = guild.get_role(role_id)
    if role is None:
        raise Refusal(tr("The role of the moderators is deleted; choose another."))
    check_role(role)
    return role


async def _doubts(
    context: CommandContext, interaction: discord.Interaction, plan: SetupPlan
) -> list[str]:
    doubts: list[str] = []
    for one in plan.rooms:
        if plan.found is None:
            wanted = _wanted_follow(interaction, plan, one)
            doubts += await follow.doubts_of(context, one.chosen, wanted)
        else:
            info = plan.found.info
            same = await attach.same_there(context, one.chosen, info)
            doubts += attach.doubts_of(one.chosen, info, one.given.rules, same)
    return doubts


def _wanted_follow(
    interaction: discord.Interaction, plan: SetupPlan, one: PlannedRoom
) -> WantedFollow:
    return follow.wanted_by(
        interaction, one.chosen, ObjectKind.LIVE, plan.category, one.given.rules
    )


# What is done.


async def set_up(context: CommandContext, interaction: discord.Interaction, plan: SetupPlan) -> str:
    """Set all of it at once, and return what to say.

    Raises:
        Refusal: a forum takes no post.
        WorkspaceError: the object cannot be read; nothing was set.
    """
    if plan.found is None:
        lines = await _follow(context, interaction, plan)
    else:
        lines = await _attach(context, interaction, plan, plan.found)
    if plan.moderators is not None:
        lines.append(
            tr(
                "Whoever has the role {role} may act on comments; an administrator can let them "
                "use `/video` as well, under Server Settings → Integrations.",
                role=words.role(plan.moderators.id),
            )
        )
    if any(one.given.rules.has_actions is False for one in plan.rooms):
        lines.append(
            tr(
                "Nobody can act on comments from a room: that takes credentials of the level "
                "write. Once the bot has them, `/video attach` and `/video follow` turn it on with "
                "`actions: on`."
            )
        )
    for one in plan.rooms:
        lines += [f"- {retold(it)}" for it in cautions(one.chosen.room, one.chosen.room.guild.me)]
    return "\n".join(lines)


async def _follow(
    context: CommandContext, interaction: discord.Interaction, plan: SetupPlan
) -> list[str]:
    wanted = [_wanted_follow(interaction, plan, one) for one in plan.rooms]
    done = await context.bridge.set_up(_setup(interaction, plan, follows=wanted))
    return [line for one in done.followed for line in follow.reply_lines(one)]


async def _attach(
    context: CommandContext,
    interaction: discord.Interaction,
    plan: SetupPlan,
    found: FoundObject,
) -> list[str]:
    info = found.info
    async with AsyncExitStack() as posts:
        wanted: list[WantedAttachment] = []
        # In one order for everybody: who holds a forum may wait for another.
        for one in sorted(plan.rooms, key=lambda one: one.chosen.room_id):
            asked = attach.wanted_by(interaction, one.chosen, info, one.given.rules, None)
            placed = attach.placed(context, one.chosen, asked, info)
            wanted.append(await posts.enter_async_context(placed))
        done = await context.bridge.set_up(_setup(interaction, plan, attachments=wanted))
    told = zip(done.attached, wanted, strict=True)
    return [line for one, of in told for line in attach.reply_lines(one, of, info)]


def _setup(
    interaction: discord.Interaction,
    plan: SetupPlan,
    *,
    attachments: Sequence[WantedAttachment] = (),
    follows: Sequence[WantedFollow] = (),
) -> WantedSetup:
    info = None if plan.found is None else plan.found.info
    entry = NewEntry(
        guild_id=GuildId(guild_of(interaction).id),
        actor=actor_of(interaction),
        deed=Deed.SETUP,
        room_id=RoomId(plan.rooms[0].chosen.room_id),
        object_id=None if info is None else info.object_id,
        object_title="" if info is None else info.title,
        detail=_detail(plan),
        is_public=info is None or info.is_public,
    )
    return WantedSetup(
        entry=entry,
        attachments=tuple(attachments),
        follows=tuple(follows),
        moderators_role_id=None if plan.moderators is None else plan.moderators.id,
    )


def _detail(plan: SetupPlan) -> str:
    """Return what is set, as plain text; it is disarmed where it is shown."""
    of = kept("all live events of the workspace") if plan.category is None else plan.category.title
    of = of if plan.found is None else ""
    rooms = [f"<#{one.chosen.room_id}>: {one.given.rules.comments}" for one in plan.rooms]
    role = "" if plan.moderators is None else words.role(plan.moderators.id)
    acting = kept("moderators {role}").format(role=role) if role else ""
    return ", ".join(filter(None, [of, *rooms, acting]))
