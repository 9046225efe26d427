"""``/video unfollow``: new objects are not attached by themselves any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import discord
from discord import app_commands

from ..domain.cards import AtDetach
from ..domain.following import Follow
from . import words
from .choices import followed, visible_follows
from .desk import Desk
from .options import CARDS
from .replies import WORKING, Refusal, answering, defer, say
from .rights import check_held


def unfollow(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="unfollow", description="Attach nothing more by itself")
    @app_commands.describe(
        what="Which follow: choose one of the suggestions",
        attached="What it has attached; default: it stays",
        cards=CARDS,
    )
    @desk.suggesting(what=followed(desk))
    async def command(
        interaction: discord.Interaction,
        what: app_commands.Range[str, 1, 100],
        attached: Literal["keep", "detach"] = "keep",
        cards: Literal["delete", "keep"] = "delete",
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            follow = _pick(await visible_follows(desk, interaction), what)
            await check_held(desk, interaction, follow)
            held = await desk.bridge.attachments(guild_id=follow.guild_id)
            made = [one for one in held if one.follow_id == follow.follow_id]
            # First: else it would attach again what is detached.
            await desk.bridge.unfollow(follow.follow_id)
            is_detached, released = attached == "detach", 0
            for one in made if is_detached else ():
                gone = await desk.bridge.detach(one.room_id, one.object.object_id, AtDetach(cards))
                released += 0 if gone is None else gone.cards
            lines = _reply(follow, len(made), is_detached=is_detached)
            lines += words.cards_left(released, AtDetach(cards))
            await say(interaction, "\n".join(lines))

    return command


def _pick(shown: Sequence[Follow], typed: str) -> Follow:
    """Return the follow that is meant.

    Raises:
        Refusal: there is none, or more than one.
    """
    if not shown:
        raise Refusal("Nothing is followed in this server; `/video follow` does that.")
    wanted = " ".join(typed.split()).casefold()
    meant = [one for one in shown if wanted == str(one.follow_id)]
    meant = meant or [one for one in shown if _title(one) == wanted]
    if len(meant) != 1:
        raise Refusal("Choose one of the suggestions; `/video list` shows what is followed.")
    return meant[0]


def _title(follow: Follow) -> str:
    return "" if follow.category is None else follow.category.title.casefold()


def _reply(follow: Follow, count: int, *, is_detached: bool) -> list[str]:
    where = words.room(follow.room_id)
    lines = [f"Follows {words.scope(follow)} in {where} no more."]
    if count and is_detached:
        lines.append(f"- Detached {words.many(count, 'object')} that it had attached.")
    elif count:
        lines.append(
            f"- {words.many(count, 'object')} that it has attached "
            f"{'stays' if count == 1 else 'stay'}; `/video detach` takes them out."
        )
    return lines
