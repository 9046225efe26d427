"""What a file would change in a server: each entry against what is there, and who may do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import discord

from ..domain.export_file import Export, ExportedAttachment, ExportedBoard, ExportedFollow
from ..domain.following import Category, Follow
from ..domain.model import (
    Attachment,
    AttachmentRules,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from ..domain.room_settings import NOTHING_SET
from ..errors import NotPublicError, WorkspaceError
from ..intake import WantedFollow
from ..languages import tr
from . import attach, follow, rules, set_options, words
from .asking import is_exposure_agreed
from .context import CommandContext
from .import_steps import (
    AttachStep,
    BoardStep,
    FollowStep,
    ImportPlan,
    LogStep,
    ModeratorsStep,
    RoomStep,
    Stays,
    Step,
)
from .moderators import check_log_room, check_role, log_doubts
from .questions import NAMES, board_doubts
from .replies import Refusal
from .room_finder import Unseen
from .room_option import ChosenRoom, as_chosen, check_bot, check_member, guild_of
from .set_rooms import settings_room

_Told = TypeVar("_Told")

# What one import does at most; another one goes on from there.
MOST_STEPS = 50
# What is asked must be read before anybody agrees to it: no more than an answer holds.
MOST_DOUBTS = 4
# Rooms that the cache does not hold are asked for; a file may name very many.
_MOST_LOOKS = 20
# Nor is the workspace asked for more that it does not have: all readings wait for what is asked.
_MOST_MISSES = 50
_MAX_TITLE = 60

# What an entry may fail for.
FAILURES_OF_ENTRIES = (Refusal, WorkspaceError, NotPublicError)


async def plan_of(
    context: CommandContext, interaction: discord.Interaction, export: Export
) -> ImportPlan:
    """Look at each entry of a file as its command would; nothing is changed.

    Raises:
        Refusal: the file is of another server.
    """
    guild = guild_of(interaction)
    if export.guild_id != guild.id:
        raise Refusal(tr("This file is of another server; its rooms are not here."))
    return await _Planner(context, interaction, guild).planned(export)


class _Planner:
    """Looks at entries one by one, as whoever gives the command may."""

    def __init__(
        self, context: CommandContext, interaction: discord.Interaction, guild: discord.Guild
    ) -> None:
        self._context = context
        self._interaction = interaction
        self._guild = guild
        self._guild_id = GuildId(guild.id)
        self._plan = ImportPlan()
        self._looks: set[RoomId] = set()
        self._misses = 0

    async def planned(self, export: Export) -> ImportPlan:
        """Return what the whole file would change."""
        if export.moderators is not None:
            await self._take(tr("The moderators"), self._moderators(export.moderators))
        if export.log_room is not None:
            where = words.room(export.log_room)
            await self._take(tr("The log in {where}", where=where), self._log(export.log_room))
        if export.defaults:
            await self._take(tr("What rooms have"), self._defaults(export.defaults))
        for room_id, options in {one.room_id: one.options for one in export.rooms}.items():
            await self._take(
                tr("The room {room}", room=words.room(room_id)), self._settings(room_id, options)
            )
        # What stands there twice is meant once.
        follows = {(one.kind, one.category_id, one.room_id): one for one in export.follows}
        for followed in follows.values():
            where = words.room(followed.room_id)
            await self._take(tr("A follow in {where}", where=where), self._follow(followed))
        held = {(one.object_id, one.room_id): one for one in export.attachments}
        for attached in held.values():
            what = tr(
                "{title} in {room}",
                title=attached.object_id,
                room=words.room(attached.room_id),
            )
            await self._take(what, self._attachment(attached))
        boards = {(one.object_id, one.room_id, one.view): one for one in export.boards}
        for board in boards.values():
            what = tr(
                "The {name} on {title} in {room}",
                name=tr(NAMES[board.view]),
                title=board.object_id,
                room=words.room(board.room_id),
            )
            await self._take(what, self._board(board))
        return self._plan

    async def _take(self, what: str, looking: Awaitable[Step | Stays]) -> None:
        try:
            step = await looking
        except FAILURES_OF_ENTRIES as error:
            self._plan.cannot.append(f"{what}: {error.told()}")
            return
        if step is Stays.LEFT:
            self._plan.left += 1
        elif isinstance(step, Stays) or self._is_full or self._asks_too_much(step):
            self._plan.later += 1
        else:
            self._plan.steps.append(step)

    @property
    def _is_full(self) -> bool:
        return len(self._plan.steps) == MOST_STEPS

    def _asks_too_much(self, step: Step) -> bool:
        asked = sum(len(one.doubts) for one in self._plan.steps)
        return bool(step.doubts) and asked + len(step.doubts) > MOST_DOUBTS

    async def _moderators(self, role_id: int) -> Step | Stays:
        role = self._guild.get_role(role_id)
        if role is None:
            raise Refusal(tr("Their role is not in this server."))
        check_role(role)
        if await self._context.acting.moderators(self._guild_id) == role_id:
            return Stays.LEFT
        return ModeratorsStep(
            text=tr("The moderators: {role}", role=words.role(role_id)), role_id=role_id
        )

    async def _log(self, room_id: RoomId) -> Step | Stays:
        chosen = await self._room(room_id)
        await check_log_room(chosen)
        if await self._context.acting.log_room(self._guild_id) == room_id:
            return Stays.LEFT
        text = tr("The log: {room}", room=words.room(room_id))
        return LogStep(text=text, room_id=room_id, doubts=tuple(log_doubts(chosen)))

    async def _defaults(self, options: Mapping[str, object]) -> Step | Stays:
        given = set_options.from_typed(options)
        held = (await self._context.bridge.settings.of_server(self._guild_id)).defaults
        changed = set_options.changed_names(held, given.applied(held))
        if not changed:
            return Stays.LEFT
        return RoomStep(text=tr("What rooms have"), chosen=None, given=given, changed=changed)

    async def _settings(self, room_id: RoomId, options: Mapping[str, object]) -> Step | Stays:
        chosen = await self._room(room_id)
        check_member(chosen)
        given = set_options.from_typed(options)
        settings = await self._context.bridge.settings.of_server(self._guild_id)
        held = settings.rooms.get(settings_room(chosen), NOTHING_SET)
        changed = set_options.changed_names(held, given.applied(held))
        if not changed:
            return Stays.LEFT
        text = tr("The room {room}", room=words.room(room_id))
        return RoomStep(text=text, chosen=chosen, given=given, changed=changed)

    async def _follow(self, entry: ExportedFollow) -> Step | Stays:
        chosen, given = await self._given(entry.room_id, entry.options, of_follow=True)
        category = None
        if entry.category_id is not None:
            if self._is_full:
                return Stays.LATER
            looking = partial(self._context.bridge.category, entry.category_id)
            category = await self._of_workspace(looking)
        of = (self._interaction, chosen, entry.kind, category)
        wanted = follow.wanted_by(*of, given.rules)
        same = await self._context.bridge.same_follow(wanted)
        changed = () if same is None else _changed_follow(same, wanted)
        if same is not None and not changed:
            return Stays.LEFT
        return FollowStep(
            text=tr("A follow in {where}", where=words.room(chosen.room_id)) + _of(category),
            chosen=chosen,
            given=given,
            wanted=wanted,
            is_new=same is None,
            changed=changed,
            doubts=tuple(await follow.doubts_of(self._context, chosen, wanted)),
        )

    async def _attachment(self, entry: ExportedAttachment) -> Step | Stays:
        chosen, given = await self._given(entry.room_id, entry.options)
        same = await held_in(self._context, chosen, entry.object_id)
        changed = () if same is None else _changed(same.object.kind, same.rules, given)
        # What a follow has attached becomes somebody's own.
        if same is not None and same.follow_id is None and not changed:
            return Stays.LEFT
        if self._is_full:
            # The workspace is not asked about what is not done now.
            return Stays.LATER
        found = await self._of_workspace(partial(self._context.bridge.find, entry.object_id))
        return AttachStep(
            text=tr("{title} in {room}", title=_named(found.info), room=words.room(chosen.room_id)),
            chosen=chosen,
            given=given,
            found=found,
            is_new=same is None,
            changed=changed,
            doubts=tuple(attach.doubts_of(chosen, found.info, given.rules, same)),
        )

    async def _of_workspace(self, look: Callable[[], Awaitable[_Told]]) -> _Told:
        """Return what the workspace tells of an entry.

        Raises:
            Refusal: too much of the file is not there; it was not asked.
            WorkspaceError: this is not there, or the workspace did not answer.
        """
        if self._misses == _MOST_MISSES:
            raise Refusal(
                tr(
                    "The workspace lacks too much of what the file names; it was not asked about "
                    "this."
                )
            )
        try:
            return await look()
        except WorkspaceError:
            self._misses += 1
            raise

    async def _board(self, entry: ExportedBoard) -> Step | Stays:
        chosen = await self._room(entry.room_id)
        check_member(chosen)
        await check_bot(chosen)
        held = await held_in(self._context, chosen, entry.object_id)
        if held is not None:
            found = await self._context.bridge.questions.boards(self._guild_id)
            shown = {(one.room_id, one.object_id, one.view) for one in found}
            if (held.room_id, entry.object_id, entry.view) in shown:
                return Stays.LEFT
            of, kept, is_agreed = held.object, held.rules, is_exposure_agreed(held)
        else:
            # Who is asked about its comments need not be asked about its board.
            (of, kept), is_agreed = self._to_be_attached(chosen, entry.object_id), True
        return BoardStep(
            text=tr(
                "The {name} on {title} in {room}",
                name=tr(NAMES[entry.view]),
                title=_named(of),
                room=words.room(chosen.room_id),
            ),
            chosen=chosen,
            object_id=entry.object_id,
            view=entry.view,
            doubts=tuple(board_doubts(chosen, of.kind, kept, entry.view, is_agreed=is_agreed)),
        )

    def _to_be_attached(
        self, chosen: ChosenRoom, object_id: ObjectId
    ) -> tuple[ObjectInfo, AttachmentRules]:
        for step in self._plan.steps:
            if isinstance(step, AttachStep) and step.chosen.room_id == chosen.room_id:
                info = step.found.info
                if info.object_id == object_id:
                    return info, step.given.rules.applied(info.kind, None)
        raise Refusal(tr("Its object is not attached there."))

    async def _given(
        self, room_id: RoomId, options: Mapping[str, object], *, of_follow: bool = False
    ) -> tuple[ChosenRoom, rules.RulesGiven]:
        chosen = await self._room(room_id)
        given = rules.from_typed(options, self._guild, of_follow=of_follow)
        await rules.check_given(chosen, given)
        return chosen, given

    async def _room(self, room_id: RoomId) -> ChosenRoom:
        """Return a room with what the member may do there.

        Raises:
            Refusal: there is none, none that takes notices, or they do not see it.
        """
        return await as_chosen(self._interaction, await self._looked(room_id))

    async def _looked(self, room_id: RoomId) -> discord.abc.GuildChannel | discord.Thread | None:
        room = self._guild.get_channel_or_thread(room_id)
        if room is not None:
            return room
        self._looks.add(room_id)
        if len(self._looks) > _MOST_LOOKS:
            raise Refusal(
                tr("Too many rooms of the file are not here; this one was not looked for.")
            )
        found = await self._context.rooms.look(self._guild, room_id)
        return None if isinstance(found, Unseen) else found


async def held_in(
    context: CommandContext, chosen: ChosenRoom, object_id: ObjectId
) -> Attachment | None:
    """Return the attachment of an object to a room; of a forum, its post there."""
    guild = chosen.room.guild
    held = await context.bridge.attachments(guild_id=GuildId(guild.id), object_id=object_id)
    for one in held:
        if one.room_id == chosen.room_id:
            return one
        if one.forum_id == chosen.room_id:
            post = await context.rooms.look(guild, one.room_id)
            return None if post is Unseen.GONE else one
    return None


def _changed(kind: ObjectKind, before: AttachmentRules, given: rules.RulesGiven) -> tuple[str, ...]:
    """Return the names of the options that would be others."""
    wanted = rules.as_typed(given.rules.applied(kind, before))
    return _others(rules.as_typed(before), wanted)


def _changed_follow(same: Follow, wanted: WantedFollow) -> tuple[str, ...]:
    after = replace(
        same,
        rules=wanted.rules.applied(wanted.kind, same.rules),
        has_calendar=wanted.keeps_calendar(same),
    )
    return _others(rules.follow_as_typed(same), rules.follow_as_typed(after))


def _others(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, typed in held.items() if wanted[name] != typed)


def _named(info: ObjectInfo) -> str:
    return f"{words.disarmed(info.title, _MAX_TITLE)} ({info.object_id})"


def _of(category: Category | None) -> str:
    return (
        ""
        if category is None
        else tr(", category “{title}”", title=words.disarmed(category.title, _MAX_TITLE))
    )
