"""The option ``id``: what is suggested while it is typed, and what the typed text means."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import discord
from discord import app_commands

from ..api import FoundObject
from ..domain.following import Category, Follow
from ..domain.model import Attachment, GuildId, ObjectInfo, RoomId
from ..domain.references import Reference, bare, host_of, reference_in
from ..embeds import one_line
from ..errors import TwentyThreeError, UnknownObjectError, log_failure
from ..languages import many, tr
from . import words
from .context import Choices, CommandContext, Suggest
from .replies import Refusal
from .rights import is_visible, sees_room
from .room_finder import Unseen
from .room_option import guild_of

_log = logging.getLogger("twentythree.commands")

_T = TypeVar("_T")
_Held = TypeVar("_Held", Attachment, Follow)

# https://discord.com/developers/docs/interactions/receiving-and-responding: choices, name.
_MAX_CHOICES = 25
_MAX_NAME = 100
_MAX_ROOM_NAME = 30
# Discord forgets the question after 3 s.
_PATIENCE_S = 2.5


def searching(context: CommandContext) -> Suggest:
    """Return the autocompletion for anything in the workspace."""

    async def suggest(_: discord.Interaction, typed: str) -> Choices:
        found = await quiet(context.titles.suggest(bare(typed)))
        return _narrowed([_choice(words.label(info), str(info.object_id)) for info in found], typed)

    return suggest


def detachable(context: CommandContext) -> Suggest:
    """Return the autocompletion for what is attached in the server, this room's objects first.

    The value of an entry of another room names that room too: ``<object>@<room>``. Rooms that are
    gone have an entry for all that was in them: only here can they be named.
    """

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        here = getattr(interaction.namespace.room, "id", interaction.channel_id)
        shown = await quiet(visible(context, interaction))
        fitting = [a for a in shown if _fits(a.object, typed)]
        fitting.sort(key=lambda a: not is_in(a, here))
        if not fitting:
            return []
        choices = [_attached_choice(context, interaction, a, here) for a in fitting]
        return _narrowed([*_gone_rooms(context, interaction, fitting), *choices], typed)

    return suggest


def attached_objects(context: CommandContext) -> Suggest:
    """Return the autocompletion for the objects attached in the server, each once.

    Those of the room that is named, or of this one, come first.
    """

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        here = getattr(interaction.namespace.room, "id", interaction.channel_id)
        shown = await quiet(visible(context, interaction))
        shown = sorted(shown, key=lambda a: not is_in(a, here))
        found = {a.object.object_id: a.object for a in shown if _fits(a.object, typed)}
        return _narrowed(
            [_choice(words.label(info), str(object_id)) for object_id, info in found.items()], typed
        )

    return suggest


def categories(context: CommandContext) -> Suggest:
    """Return the autocompletion for the workspace's categories."""

    async def suggest(_: discord.Interaction, typed: str) -> Choices:
        found = await quiet(context.bridge.categories(" ".join(typed.split())))
        return _narrowed([_choice(of_category(one), str(one.category_id)) for one in found], typed)

    return suggest


def followed(context: CommandContext) -> Suggest:
    """Return the autocompletion for the follows of the server."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        shown = await quiet(visible_follows(context, interaction))
        entries = [
            (
                words.scope_label(one, _room_name(context, interaction, one.room_id)),
                str(one.follow_id),
            )
            for one in shown
        ]
        wanted = _folded(typed)
        fitting = [entry for entry in entries if wanted in _folded(entry[0])]
        return _narrowed([_choice(name, value) for name, value in fitting], typed)

    return suggest


def hidden_words(context: CommandContext, *, of_room: bool = True) -> Suggest:
    """Return the autocompletion for the words that a room, or the server for its rooms, hides."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        found = await quiet(_hidden(context, interaction, of_room=of_room))
        fitting = [one for one in found if _folded(typed) in _folded(one)]
        return _narrowed([_choice(one, one) for one in fitting], typed)

    return suggest


async def _hidden(
    context: CommandContext, interaction: discord.Interaction, *, of_room: bool
) -> tuple[str, ...]:
    guild = guild_of(interaction)
    settings = await context.bridge.settings.of_server(GuildId(guild.id))
    if not of_room:
        return settings.defaults.hidden or ()
    here = RoomId(getattr(interaction.namespace.room, "id", interaction.channel_id) or 0)
    if not await sees_room(context, interaction, here):
        return ()
    found = guild.get_channel_or_thread(here)
    if isinstance(found, discord.Thread) and isinstance(found.parent, discord.ForumChannel):
        here = RoomId(found.parent.id)
    return settings.in_force(here).hidden


async def visible_follows(
    context: CommandContext, interaction: discord.Interaction
) -> list[Follow]:
    """Return the follows of this server that the member may know of."""
    found = await context.bridge.follows(GuildId(guild_of(interaction).id))
    return await shown_of(context, interaction, found)


async def visible(context: CommandContext, interaction: discord.Interaction) -> list[Attachment]:
    """Return the attachments of this server that the member may know of."""
    guild_id = GuildId(guild_of(interaction).id)
    found = await context.bridge.attachments(guild_id=guild_id)
    return await shown_of(context, interaction, found)


async def shown_of(
    context: CommandContext, interaction: discord.Interaction, found: Sequence[_Held]
) -> list[_Held]:
    """Return which of these the member may know of."""
    are_visible = await asyncio.gather(*(is_visible(context, interaction, one) for one in found))
    return [one for one, is_shown in zip(found, are_visible, strict=True) if is_shown]


def is_in(attachment: Attachment, room_id: int | None) -> bool:
    """Tell whether the attachment is in the room, or in a post of this forum."""
    return room_id in {attachment.room_id, attachment.forum_id} - {None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The object that a text means, as the workspace has just shown it.

    ``doubt``: a sentence that says why it may be another.
    """

    found: FoundObject
    doubt: str | None = None

    @property
    def object(self) -> ObjectInfo:
        """The object."""
        return self.found.info


async def meant_by(context: CommandContext, typed: str) -> Meant:
    """Return the object that an ID, a pasted link or a title means.

    Digits are an ID first and a whole title second. A link of another site, and a part of a
    title, leave a doubt.

    Raises:
        Refusal: a title that no object, or more than one, has; a link without an ID, or of
            another site with one that the workspace has not.
        WorkspaceError: the workspace has no such object, or did not answer.
    """
    reference = reference_in(typed)
    if reference is None:
        return await _titled(context, typed)
    if reference.object_id is None:
        raise _no_id(reference)
    try:
        found = await context.bridge.find(reference.object_id)
    except UnknownObjectError as unknown:
        if reference.host is not None and not await context.bridge.has_host(reference.host):
            more = tr("Type an ID or a title, or paste a link.")
            raise Refusal(f"{_other_site(reference)} {more}") from unknown
        titled = await _exactly_titled(context, typed) if reference.host is None else None
        if titled is None:
            raise
        return Meant(found=titled)
    if await _is_own(context, reference, found.info):
        return Meant(found=found)
    return Meant(found=found, doubt=_other_site(reference))


async def object_of(context: CommandContext, typed: str) -> ObjectInfo:
    """Return the object that a text means without a doubt.

    Raises:
        Refusal: there is a doubt, or as :func:`meant_by`.
        WorkspaceError: as :func:`meant_by`.
    """
    meant = await meant_by(context, typed)
    if meant.doubt is not None:
        raise Refusal(
            tr(
                "{doubt} If {title} is meant, give its ID: {object_id}.",
                doubt=meant.doubt,
                title=words.link(meant.object),
                object_id=meant.object.object_id,
            )
        )
    return meant.object


async def attachments_of(
    context: CommandContext, shown: Iterable[Attachment], typed: str
) -> list[Attachment]:
    """Return the attachments whose object an ID, a pasted link or a title means.

    Raises:
        Refusal: a link of another site, or one without an ID.
    """
    given, _ = split(typed)
    reference = reference_in(given)
    wanted = _folded(bare(given))
    titled = [a for a in shown if _folded(a.object.title) == wanted]
    if reference is None:
        return titled
    if reference.object_id is None:
        raise _no_id(reference)
    found = [a for a in shown if a.object.object_id == reference.object_id]
    if found and not await _is_own(context, reference, found[0].object):
        raise Refusal(
            tr(
                "{other_site} If {title} is meant, give its ID: {object_id}.",
                other_site=_other_site(reference),
                title=words.link(found[0].object),
                object_id=reference.object_id,
            )
        )
    return found or titled


async def _is_own(context: CommandContext, reference: Reference, found: ObjectInfo) -> bool:
    host = reference.host
    return host in {None, host_of(found.url)} or await context.bridge.has_host(host or "")


def _other_site(reference: Reference) -> str:
    return tr(
        "This link is of {host}, not of the workspace.", host=words.disarmed(reference.host or "")
    )


def _no_id(reference: Reference) -> Refusal:
    if reference.host is None:
        return Refusal(
            tr(
                "This link names no video or live event; paste the address of its page in the "
                "workspace, its ID, or its title."
            )
        )
    return Refusal(
        tr(
            "This link of {host} names no video or live event; paste the address of its page in "
            "the workspace, its ID, or its title.",
            host=words.disarmed(reference.host),
        )
    )


async def _titled(context: CommandContext, typed: str) -> Meant:
    title = bare(typed)
    if not title:
        raise Refusal(tr("Type an ID or a title, or paste a link."))
    found = await context.bridge.search(title)
    exact = [one for one in found if _folded(one.info.title) == _folded(title)]
    fitting = exact or found
    if not fitting:
        raise Refusal(
            tr(
                "Nothing in the workspace has a title like “{typed}”; paste the ID or the link "
                "instead.",
                typed=words.disarmed(typed),
            )
        )
    if len(fitting) > 1:
        raise Refusal(
            tr(
                "“{typed}” fits more than one title; choose one of the suggestions, or paste "
                "the ID or the link.",
                typed=words.disarmed(typed),
            )
        )
    doubt = (
        None if exact else tr("“{title}” is only a part of a title.", title=words.disarmed(title))
    )
    return Meant(found=fitting[0], doubt=doubt)


async def _exactly_titled(context: CommandContext, typed: str) -> FoundObject | None:
    title = bare(typed)
    found = await context.bridge.search(title)
    exact = [one for one in found if _folded(one.info.title) == _folded(title)]
    return exact[0] if len(exact) == 1 else None


def split(typed: str) -> tuple[str, RoomId | None]:
    """Take apart the value of an entry made by :func:`detachable`."""
    reference, at, room = typed.rpartition("@")
    if at and reference.isdecimal() and room.isdecimal() and typed.isascii():
        return reference, RoomId(int(room))
    return typed, None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _fits(info: ObjectInfo, typed: str) -> bool:
    """Tell whether what is typed so far may become the object's title, ID or link."""
    reference, begun = reference_in(typed), bare(typed)
    is_linked = reference is not None and info.object_id == reference.object_id
    return (
        is_linked or str(info.object_id).startswith(begun) or _folded(begun) in _folded(info.title)
    )


def _attached_choice(
    context: CommandContext,
    interaction: discord.Interaction,
    attachment: Attachment,
    here: int | None,
) -> app_commands.Choice[str]:
    value = str(attachment.object.object_id)
    if is_in(attachment, here):
        return _choice(words.label(attachment.object), value)
    name = _room_name(context, interaction, attachment.room_id)
    title = words.label(attachment.object, _MAX_NAME - len(name) - len(" · "))
    return _choice(f"{title} · {name}", f"{value}@{attachment.room_id}")


def _gone_rooms(
    context: CommandContext, interaction: discord.Interaction, shown: Sequence[Attachment]
) -> Choices:
    counts = Counter(one.room_id for one in shown)
    guild = guild_of(interaction)
    return [
        _choice(
            tr(
                "All {objects} of a deleted room · {room_id}",
                objects=many(count, "object"),
                room_id=room_id,
            ),
            str(room_id),
        )
        for room_id, count in counts.items()
        if count > 1 and context.rooms.known(guild, room_id) is Unseen.GONE
    ]


def _room_name(context: CommandContext, interaction: discord.Interaction, room_id: RoomId) -> str:
    room = context.rooms.known(guild_of(interaction), room_id)
    if isinstance(room, Unseen):
        return tr("a deleted room") if room is Unseen.GONE else tr("a closed thread")
    parent = room.parent if isinstance(room, discord.Thread) else None
    if not isinstance(parent, discord.ForumChannel):
        return one_line(f"#{room.name}", _MAX_ROOM_NAME)
    # A post has the title of its object: only the forum tells it from another.
    return one_line(f"#{parent.name} / {room.name}", _MAX_ROOM_NAME)


def of_category(category: Category) -> str:
    """Return the category's name for a menu."""
    told = f" · {category.category_id}"
    return one_line(category.title, _MAX_NAME - len(told)) + told


def _narrowed(choices: Choices, typed: str) -> Choices:
    """Return as many choices as Discord shows, the last of them a word where there are more."""
    if len(choices) <= _MAX_CHOICES:
        return choices
    more = _choice(tr("There are more: type to narrow"), typed[:_MAX_NAME].strip() or "…")
    return [*choices[: _MAX_CHOICES - 1], more]


def _choice(name: str, value: str) -> app_commands.Choice[str]:
    return app_commands.Choice(name=name[:_MAX_NAME], value=value)


async def quiet(found: Awaitable[Sequence[_T]]) -> Sequence[_T]:
    """Return what was found; nothing where that takes long or fails."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await found
    except TimeoutError:
        return ()
    except TwentyThreeError as error:
        # Whoever gives the command is told.
        _log.debug("a suggestion gave nothing: %s", type(error).__name__)
        return ()
    except Exception as error:  # noqa: BLE001 - supervision: typing goes on without suggestions
        log_failure(_log, "a suggestion failed", error)
        return ()
