"""``/video follow`` and ``unfollow``: what is new gets attached by itself, or not any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands

from ..delivery import cautions
from ..domain.acting import Deed
from ..domain.cards import AtDetach
from ..domain.export_file import FOLLOWED
from ..domain.fields import identity
from ..domain.following import Category, Follow
from ..domain.model import CategoryId, GuildId, ObjectKind
from ..domain.rules_asked import RulesAsked
from ..intake import WantedFollow
from ..languages import kept, many, noted, retold, tr, tr_many
from ..storage import Followed
from . import rules, words
from .asking import ask, check_again, exposes, is_exposure_agreed, of_questions
from .choices import categories, followed, visible_follows
from .context import CommandContext
from .described_options import calendar_lines, cannot_act, check_effect, untagged
from .noting import note
from .replies import WORKING, Refusal, answering, defer, say
from .rights import check_held
from .room_option import ROOM, ChosenRoom, Resolved, RoomOption, chosen_room


def follow(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="follow", description=noted("Attach new live events, or new videos, as they appear")
    )
    @app_commands.describe(
        what=noted("What to follow; default: live events"),
        category=noted("Only this category: its ID or title; default: the whole workspace"),
        room=ROOM,
    )
    @context.suggesting(category=categories(context))
    @rules.takes_follow_rules
    async def command(
        interaction: discord.Interaction,
        what: Literal["live", "videos"] = "live",
        category: app_commands.Range[str, 1, 300] | None = None,
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        *,
        given: rules.RulesGiven,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            chosen = await chosen_room(interaction, room)
            await rules.check_given(chosen, given)
            of = None if category is None else await category_of(context, category)
            wanted = wanted_by(interaction, chosen, FOLLOWED[what], of, given.rules)
            doubts = await doubts_of(context, chosen, wanted)

            async def act(answer: discord.Interaction) -> str:
                if doubts:
                    await check_again(chosen, given, answer)
                return await keep(context, answer, chosen, wanted, given)

            await ask(context, interaction, doubts, act, label=tr("Follow anyway"))

    return command


def wanted_by(
    interaction: discord.Interaction,
    chosen: ChosenRoom,
    kind: ObjectKind,
    category: Category | None,
    asked: RulesAsked,
) -> WantedFollow:
    """Return what somebody asks for."""
    return WantedFollow(
        kind=kind,
        category=category,
        guild_id=GuildId(chosen.room.guild.id),
        room_id=chosen.room_id,
        is_forum=isinstance(chosen.room, discord.ForumChannel),
        followed_by=interaction.user.id,
        rules=asked,
        # Whoever gets that far was asked.
        is_exposure_agreed=exposes(chosen, kind, asked.comments, None),
    )


def _agreed(chosen: ChosenRoom, wanted: WantedFollow, same: Follow | None) -> WantedFollow:
    """Return it as wanted by somebody who was asked about what is there already, too."""
    before = None if same is None else same.rules
    is_agreed = exposes(chosen, wanted.kind, wanted.rules.comments, before)
    return replace(wanted, is_exposure_agreed=is_agreed)


async def doubts_of(context: CommandContext, chosen: ChosenRoom, wanted: WantedFollow) -> list[str]:
    """Return what to ask before this is followed.

    Raises:
        Refusal: with these options nothing would ever be posted.
    """
    same = await context.bridge.same_follow(wanted)
    before = None if same is None else same.rules
    # Each new video has a card of its own, whatever else is posted.
    if wanted.kind is ObjectKind.LIVE or wanted.rules.announces_live or wanted.rules.has_calendar:
        check_effect(wanted.kind, wanted.rules, before)
    is_agreed = is_exposure_agreed(same)
    return of_questions(chosen, wanted.kind, wanted.rules.comments, before, is_agreed=is_agreed)


async def keep(
    context: CommandContext,
    answer: discord.Interaction,
    chosen: ChosenRoom,
    wanted: WantedFollow,
    given: rules.RulesGiven,
) -> str:
    """Keep the follow, note it, and return what to say."""
    same = await context.bridge.same_follow(wanted)
    done = await context.bridge.follow(_agreed(chosen, wanted, same))
    deed = Deed.FOLLOW if done.is_new else Deed.OPTIONS
    detail = ", ".join(filter(None, (words.plain_scope(done.follow), given.text)))
    await note(context, answer, deed, room_id=done.follow.room_id, detail=detail)
    others = await context.bridge.follows(wanted.guild_id)
    first, *more = reply_lines(done)
    lines = [first, *words.overlaps(done.follow, others), *more]
    lines += rules.idle(wanted.rules, done.follow.rules)
    lines += cannot_act(done.follow.rules, can_write=context.acting.can_write)
    lines += [f"- {retold(caution)}" for caution in cautions(chosen.room, chosen.room.guild.me)]
    lines += untagged(chosen, done.follow.kind, done.follow.rules)
    return "\n".join(lines)


async def category_of(context: CommandContext, typed: str) -> Category:
    """Return the category that an ID or a title means.

    Raises:
        Refusal: a title that no category, or more than one, has.
        WorkspaceError: the workspace has no such category, or did not answer.
    """
    wanted = " ".join(typed.split())
    category_id = identity(wanted)
    if category_id is not None:
        return await context.bridge.category(CategoryId(category_id))
    found = await context.bridge.categories(wanted)
    exact = [one for one in found if one.title.casefold() == wanted.casefold()]
    fitting = exact or found
    if len(fitting) == 1:
        return fitting[0]
    shown = words.disarmed(wanted)
    if fitting:
        raise Refusal(
            tr(
                "In the workspace, more than one category has a title like “{wanted}”; choose one "
                "of the suggestions, or give the ID.",
                wanted=shown,
            )
        )
    raise Refusal(
        tr(
            "In the workspace, no category has a title like “{wanted}”; choose one of the "
            "suggestions, or give the ID.",
            wanted=shown,
        )
    )


def reply_lines(done: Followed) -> list[str]:
    """Return what to say of what is followed now."""
    follow = done.follow
    where = words.room(follow.room_id)
    first = tr("Follows {scope} in {where} from now on.", scope=words.scope(follow), where=where)
    if not done.is_new:
        first = tr(
            "Follows {scope} in {where} already; its options are now:",
            scope=words.scope(follow),
            where=where,
        )
    lines = [first, *rules.lines(follow.rules), *calendar_lines(follow)]
    if follow.error is not None:
        lines.append(
            tr("- Attaches nothing now: {error}", error=words.disarmed(retold(follow.error), 400))
        )
    elif not done.is_new:
        lines.append(tr("- What is attached already keeps its options."))
    elif follow.kind is ObjectKind.LIVE:
        lines.append(tr("- What is planned or on air is attached in a moment, what is new later."))
    else:
        lines.append(tr("- Videos that are there already are not attached, only new ones."))
    return lines


def unfollow(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="unfollow", description=noted("Attach nothing more by itself"))
    @app_commands.describe(
        what=noted("Which follow: choose one of the suggestions"),
        attached=noted("What it has attached; default: it stays"),
        cards=words.CARDS,
    )
    @context.suggesting(what=followed(context))
    async def command(
        interaction: discord.Interaction,
        what: app_commands.Range[str, 1, 100],
        attached: Literal["keep", "detach"] = "keep",
        cards: Literal["delete", "keep"] = "delete",
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            follow = _pick(await visible_follows(context, interaction), what)
            await check_held(context, interaction, follow)
            held = await context.bridge.attachments(guild_id=follow.guild_id)
            made = [one for one in held if one.follow_id == follow.follow_id]
            # First: else it would attach again what is detached.
            await context.bridge.unfollow(follow.follow_id)
            is_detached, released = attached == "detach", 0
            detail = words.plain_scope(follow)
            if is_detached:
                detail = kept("{scope}, with all it attached").format(scope=detail)
            await note(context, interaction, Deed.UNFOLLOW, room_id=follow.room_id, detail=detail)
            for one in made if is_detached else ():
                gone = await context.bridge.detach(
                    one.room_id, one.object.object_id, AtDetach(cards)
                )
                released += 0 if gone is None else gone.cards
            lines = _unfollow_reply(follow, len(made), is_detached=is_detached)
            lines += words.cards_left(released, AtDetach(cards))
            await say(interaction, "\n".join(lines))

    return command


def _pick(shown: Sequence[Follow], typed: str) -> Follow:
    """Return the follow that is meant.

    Raises:
        Refusal: there is none, or more than one.
    """
    if not shown:
        raise Refusal(tr("Nothing is followed in this server; `/video follow` does that."))
    wanted = " ".join(typed.split()).casefold()
    meant = [one for one in shown if wanted == str(one.follow_id)]
    meant = meant or [one for one in shown if _title(one) == wanted]
    if len(meant) != 1:
        raise Refusal(tr("Choose one of the suggestions; `/video list` shows what is followed."))
    return meant[0]


def _title(follow: Follow) -> str:
    return "" if follow.category is None else follow.category.title.casefold()


def _unfollow_reply(follow: Follow, count: int, *, is_detached: bool) -> list[str]:
    where = words.room(follow.room_id)
    lines = [tr("Follows {scope} in {where} no more.", scope=words.scope(follow), where=where)]
    if count and is_detached:
        lines.append(
            tr("- Detached {objects} that it had attached.", objects=many(count, "object"))
        )
    elif count:
        lines.append(
            tr_many(
                "- {count} object that it has attached stays; `/video detach` takes them out.",
                "- {count} objects that it has attached stay; `/video detach` takes them out.",
                count,
            )
        )
    return lines
