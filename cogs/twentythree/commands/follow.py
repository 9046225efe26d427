"""``/video follow``: what is new gets attached by itself."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands

from ..delivery import cautions
from ..domain.following import Category
from ..domain.model import AtEnd, CategoryId, CommentPolicy, GuildId, ObjectKind
from ..domain.scalars import identity
from ..intake import WantedFollow
from ..storage import Followed
from . import words
from .asking import ask, check_again, of_questions
from .choices import categories
from .desk import Desk
from .options import (
    DESCRIBED,
    HOUR_S,
    MAX_HOURS,
    RulesAsked,
    check_asked,
    check_effect,
    idle_options,
)
from .places import Chosen, Place, RoomOption, place_of
from .replies import Refusal, answering, defer

_KINDS = {"live": ObjectKind.LIVE, "videos": ObjectKind.VIDEO}


def follow(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="follow", description="Attach new live events, or new videos, as they appear"
    )
    @app_commands.describe(
        what="What to follow; default: live events",
        category="Only this category: its ID or title; default: the whole workspace",
        live="Whether to announce live state; default: on for live events",
        **DESCRIBED,
    )
    @desk.suggesting(category=categories(desk))
    async def command(  # noqa: PLR0917 - discord.py passes options by name
        interaction: discord.Interaction,
        what: Literal["live", "videos"] = "live",
        category: app_commands.Range[str, 1, 300] | None = None,
        room: app_commands.Transform[Chosen, RoomOption] | None = None,
        comments: Literal["promoted", "public", "all", "none"] | None = None,
        live: Literal["on", "off"] | None = None,
        mention: discord.Role | None = None,
        max_age: app_commands.Range[int, 0, MAX_HOURS] | None = None,
        no_mention: bool = False,  # noqa: FBT001, FBT002 - discord.py passes options by name
        at_end: Literal["edit", "delete", "announce"] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            place = await place_of(interaction, room)
            asked = RulesAsked(
                comments=None if comments is None else CommentPolicy(comments),
                live=None if live is None else live == "on",
                mention=mention,
                mentions_nobody=no_mention,
                max_age_s=None if max_age is None else max_age * HOUR_S,
                at_end=None if at_end is None else AtEnd(at_end),
            )
            await check_asked(place, asked)
            found = None if category is None else await category_of(desk, category)
            wanted = _wanted(interaction, place, _KINDS[what], found, asked)
            before = await desk.bridge.same_follow(wanted)
            rules = None if before is None else before.rules
            # Each new video has a card of its own, whatever else is posted.
            if wanted.kind is ObjectKind.LIVE or asked.live:
                check_effect(wanted.kind, asked, rules)
            doubts = of_questions(place, wanted.kind, asked.comments, rules)

            async def act(answer: discord.Interaction) -> str:
                if doubts:
                    await check_again(place, asked, answer)
                done = await desk.bridge.follow(wanted)
                others = await desk.bridge.follows(wanted.guild_id)
                lines = _reply(done, place, asked)
                lines[1:1] = words.overlaps(done.follow, others)
                return "\n".join(lines)

            await ask(desk, interaction, doubts, act, label="Follow anyway")

    return command


async def category_of(desk: Desk, typed: str) -> Category:
    """Return the category that an ID or a title means.

    Raises:
        Refusal: a title that no category, or more than one, has.
        WorkspaceError: the workspace has no such category, or did not answer.
    """
    wanted = " ".join(typed.split())
    category_id = identity(wanted)
    if category_id is not None:
        return await desk.bridge.category(CategoryId(category_id))
    found = await desk.bridge.categories(wanted)
    exact = [one for one in found if one.title.casefold() == wanted.casefold()]
    fitting = exact or found
    if len(fitting) == 1:
        return fitting[0]
    how_many = "more than one category has" if fitting else "no category has"
    raise Refusal(
        f"In the workspace, {how_many} a title like “{words.disarmed(wanted)}”; choose one of the "
        "suggestions, or give the ID."
    )


def _wanted(
    interaction: discord.Interaction,
    place: Place,
    kind: ObjectKind,
    category: Category | None,
    asked: RulesAsked,
) -> WantedFollow:
    return WantedFollow(
        kind=kind,
        category=category,
        guild_id=GuildId(place.room.guild.id),
        room_id=place.room_id,
        is_forum=isinstance(place.room, discord.ForumChannel),
        followed_by=interaction.user.id,
        comments=asked.comments,
        live=asked.live,
        mention_role_id=asked.mention_role_id,
        mentions_nobody=asked.mentions_nobody,
        max_age_s=asked.max_age_s,
        at_end=asked.at_end,
    )


def _reply(done: Followed, place: Place, asked: RulesAsked) -> list[str]:
    follow = done.follow
    where = words.room(follow.room_id)
    first = f"Follows {words.scope(follow)} in {where} from now on."
    if not done.is_new:
        first = f"Follows {words.scope(follow)} in {where} already; its options are now:"
    lines = [first, *words.rules_lines(follow.rules)]
    if follow.error is not None:
        lines.append(f"- Attaches nothing now: {words.disarmed(follow.error, 400)}")
    elif not done.is_new:
        lines.append("- What is attached already keeps its options.")
    elif follow.kind is ObjectKind.LIVE:
        lines.append("- What is planned or on air is attached in a moment, what is new later.")
    else:
        lines.append("- Videos that are there already are not attached, only new ones.")
    lines += idle_options(asked, follow.rules)
    return [*lines, *(f"- {caution}" for caution in cautions(place.room, place.room.guild.me))]
