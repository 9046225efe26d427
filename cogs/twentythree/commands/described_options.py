"""Options of commands that are described once, in a table, and taken in one go.

Of ``place`` and ``calendar`` is here as well who may set them and what is said of them, and of all
of them whether anything would be posted, and anybody could act.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Concatenate, Protocol, TypeAlias

import discord
from discord import app_commands

from ..delivery import TAGS_WANTED, calendar_needs, lacks_tags
from ..domain.following import Follow
from ..domain.model import AttachmentRules, CommentPolicy, ObjectKind
from ..domain.places import PostingPlace
from ..domain.rules_asked import RulesAsked
from ..languages import listed, noted, tr
from .replies import Refusal
from .room_option import ChosenRoom

Takes: TypeAlias = Callable[Concatenate[discord.Interaction, ...], Coroutine[Any, Any, None]]
_SHOWN = noted("Planned events are in the server's calendar")
_PLACES = {
    PostingPlace.ROOM: noted("all in the room"),
    PostingPlace.THREAD: noted("the card in the room, all else in a thread on it"),
}
_CANNOT_ACT = noted(
    "Actions are on, but the workspace's credentials may not change comments: "
    "nobody can act until the bot has credentials of the level write."
)


class DescribedOption(Protocol):
    """An option that nobody need give."""

    @property
    def name(self) -> str:
        """Its name, as people type it."""

    @property
    def type(self) -> Any:
        """Its type."""

    @property
    def description(self) -> str:
        """What Discord says of it."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What people choose from, by what is chosen then; none: as its type has it."""


def takes_options(
    command: Takes, options: Sequence[DescribedOption], read: Callable[[dict[str, Any]], object]
) -> Takes:
    """Let a command have options in place of its parameter ``given``.

    ``read``: makes ``given`` of what was typed, by the options' names; ``None``: it was not.
    """

    @functools.wraps(command)
    async def taking(interaction: discord.Interaction, /, **typed: Any) -> None:
        of_them = {one.name: typed.pop(one.name, None) for one in options}
        await command(interaction, given=read(of_them), **typed)

    # What discord.py makes the options of; it would look for the names of types in this module.
    own = inspect.signature(command, eval_str=True)
    taking.__signature__ = _with(own, options)  # type: ignore[attr-defined]
    labelled = {
        one.name: [app_commands.Choice(name=label, value=key) for key, label in one.labels.items()]
        for one in options
        if one.labels
    }
    described = app_commands.describe(**{one.name: one.description for one in options})(taking)
    return app_commands.choices(**labelled)(described)


def _with(own: inspect.Signature, options: Sequence[DescribedOption]) -> inspect.Signature:
    found = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=(str if one.labels else one.type) | None,
        )
        for one in options
    ]
    parameters: list[inspect.Parameter] = []
    for one in own.parameters.values():
        parameters += found if one.name == "given" else [one]
    return own.replace(parameters=parameters)


def check_calendar(chosen: ChosenRoom) -> None:
    """Make sure that the bot can keep the server's calendar, and that the member may.

    Raises:
        Refusal: says who lacks what.
    """
    if names := calendar_needs(chosen.room.guild.me.guild_permissions):
        raise Refusal(
            tr(
                "The bot cannot keep the server's calendar: it lacks {permissions}. Grant that to "
                "its role in the server's settings and try again.",
                permissions=listed([tr(name) for name in names]),
            )
        )
    may = chosen.permissions
    if not (may.create_events or may.manage_events):
        raise Refusal(
            tr(
                "You may not make scheduled events in this server yourself; you need Create Events "
                "for `calendar`."
            )
        )


def calendar_lines(follow: Follow) -> list[str]:
    """Return, on a line, that what a follow covers is in the calendar, where it is."""
    return [f"- {tr(_SHOWN)}"] if _is_shown(follow) else []


def small_calendar_lines(follow: Follow) -> list[str]:
    """Return the same as ``/video list`` has it, in small letters."""
    return [f"-# {tr(_SHOWN)}"] if _is_shown(follow) else []


def _is_shown(follow: Follow) -> bool:
    return follow.has_calendar and follow.rules.announces_live


def place_text(rules: AttachmentRules) -> str:
    """Return where all but the cards goes."""
    return tr(_PLACES[rules.place])


def check_place(chosen: ChosenRoom) -> None:
    """Make sure that threads can be opened on cards in the room.

    Raises:
        Refusal: there they cannot.
    """
    match chosen.room:
        case discord.ForumChannel():
            raise Refusal(
                tr("In a forum each object has a post of its own in any case; leave `place` out.")
            )
        case discord.Thread():
            raise Refusal(tr("In a thread no other can be opened; leave `place` out."))
        case discord.VoiceChannel() | discord.StageChannel():
            raise Refusal(
                tr(
                    "In the chat of a voice or stage channel no thread can be opened; choose a "
                    "text channel, or leave `place` out."
                )
            )
        case _:
            pass


def untagged(chosen: ChosenRoom, kind: ObjectKind, rules: AttachmentRules) -> list[str]:
    """Return, on a line, that the posts of a forum will not show how their events are."""
    is_told = kind is ObjectKind.LIVE and rules.announces_live
    if not (is_told and isinstance(chosen.room, discord.ForumChannel) and lacks_tags(chosen.room)):
        return []
    return [f"- {tr(TAGS_WANTED)}"]


def check_effect(kind: ObjectKind, asked: RulesAsked, before: AttachmentRules | None) -> None:
    """Make sure that something would be posted.

    Args:
        kind: of what is attached or followed.
        asked: the rules asked for.
        before: the rules that are set already.

    Raises:
        Refusal: nothing would, or a video is to be announced as live.
    """
    if kind is ObjectKind.VIDEO and asked.announces_live:
        raise Refusal(tr("A video is never live; leave `live` out."))
    if kind is ObjectKind.VIDEO and asked.has_calendar:
        raise Refusal(tr("A video is never planned; leave `calendar` out."))
    rules = asked.applied(kind, before)
    if rules.comments is CommentPolicy.NONE and not rules.announces_live:
        if kind is ObjectKind.VIDEO:
            raise Refusal(
                tr(
                    "With these options nothing would ever be posted: a video has only comments; "
                    "choose which of them."
                )
            )
        raise Refusal(
            tr(
                "With these options nothing would ever be posted: no comments, and no live "
                "state; choose one of them."
            )
        )


def cannot_act(rules: AttachmentRules, *, can_write: bool | None) -> list[str]:
    """Return, on a line, that nobody can act although it is on; ``None``: that is not known."""
    return [f"- {tr(_CANNOT_ACT)}"] if rules.has_actions and can_write is False else []
