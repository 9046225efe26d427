"""``/video setup``: a walk through what is posted where, with menus, for whoever installs the bot.

Its pages are one message that only they see. Nothing is stored before the end: what was chosen is
carried by the buttons themselves, and each press looks anew at who presses, and what they may do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import discord
from discord import app_commands

from ..domain.following import Category
from ..domain.model import CategoryId, ObjectId, ObjectInfo, ObjectKind
from ..errors import TwentyThreeError
from ..languages import noted, tr
from . import setup_pages, words
from .choices import of_category, quiet
from .context import CommandContext
from .pressing import Press
from .replies import WORKING, Refusal, answering, defer, say, sentence_of
from .room_option import check_bot, check_member, chosen_room, guild_of
from .sample_post import post_sample
from .setup_pages import MenuEntry, Page, PageContent
from .setup_plan import plan_of, room_now, set_up
from .setup_state import Audience, RightsIn, SetupState, What, decoded, encoded, granting, rights_in

_BUTTON = r"tt:setup:(?P<action>[a-z-]+[0-9a-f]*):(?P<state>.*)"
_MODAL = "tt:setup-find:"
_TYPED = "tt:find"
_MAX_TYPED = 100
_OLD = noted("This is of an older version of the bot; give `/video setup` again.")
_CANCELLED = noted("Cancelled; nothing was changed.")
_FOUND_NOTHING = noted("The workspace has nothing with a title like that.")
_NONE_THERE = noted("The workspace has none, or does not answer now.")
# What a sample is made of where there is no object that everybody may know of.
_SAMPLED = noted("Sample of a webinar")


def setup(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    class Chosen(SetupItem, template=_BUTTON):
        _context = context

    async def take(interaction: discord.Interaction, custom_id: str, typed: dict[str, str]) -> None:
        press = Press(context, interaction, custom_id, 0, is_own=True)
        await press.answered(_find(press, custom_id.removeprefix(_MODAL), typed.get(_TYPED, "")))

    context.buttons.append(Chosen)
    context.modals[_MODAL] = take

    @app_commands.command(
        name="setup", description=noted("Set up, step by step, what is posted where")
    )
    async def command(interaction: discord.Interaction) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            guild_of(interaction)
            walk = Walk(context, interaction)
            text, view = await walk.page(Page.WHAT, SetupState())
            await say(interaction, text, view=view)

    return command


class SetupItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=r"tt:setup:"):
    """Any of the menus and buttons of the walk."""

    _context: CommandContext

    def __init__(self, item: discord.ui.Item[Any], action: str, state: str) -> None:
        super().__init__(item)
        self._action = action
        self._state = state

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return what was pressed."""
        return cls(item, match["action"], match["state"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what it is for."""
        press = Press(self._context, interaction, self.custom_id, 0, is_own=True)
        if self._action == "find":
            # A modal opens only as the first answer.
            await press.answered(_open_search(press, self._state), is_deferred=False)
            return
        values = list(getattr(self.item, "values", ()))
        await press.answered(_pressed(press, self._action, self._state, values))


def _read(state: str) -> SetupState:
    found = decoded(state)
    if found is None:
        raise Refusal(tr(_OLD))
    return found


async def _check_right(press: Press) -> None:
    await press.check_user()
    guild_of(press.interaction)


async def _pressed(press: Press, action: str, carried: str, values: Sequence[Any]) -> None:
    """Do what was pressed, and show what comes of it in the place of what was there."""
    await _check_right(press)
    state, walk = _read(carried), Walk(press.context, press.interaction)
    name, _, rest = action.partition("-")
    made: _Made
    match name:
        case "go" if rest in set(Page):
            made = await walk.page(Page(rest), state)
        case "sample":
            made = await walk.sampled(state)
        case "done" | "agree":
            made = await walk.done(state, agreed=rest)
        case "cancel":
            made = tr(_CANCELLED), None
        case _:
            made = await walk.chose(name, values, state)
    text, view = made
    await press.change(text, view=view)


async def _open_search(press: Press, carried: str) -> None:
    await _check_right(press)
    state = _read(carried)
    modal = discord.ui.Modal(title=tr("Find"), custom_id=f"{_MODAL}{encoded(state)}")
    typed: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_TYPED, min_length=1, max_length=_MAX_TYPED
    )
    # The workspace looks for categories by their titles alone.
    label = tr("A title, or a part of one")
    if state.what is not What.CATEGORY:
        label = tr("A title, a part of one, or an ID")
    modal.add_item(discord.ui.Label(text=label, component=typed))
    modal.stop()
    await press.interaction.response.send_modal(modal)


async def _find(press: Press, carried: str, typed: str) -> None:
    await _check_right(press)
    walk = Walk(press.context, press.interaction)
    text, view = await walk.page(Page.WHAT, _read(carried), typed=typed)
    await press.change(text, view=view)


_Made = tuple[str, discord.ui.View | None]


@dataclass(frozen=True, slots=True)
class Walk:
    """One look at what was chosen, by whoever has pressed.

    Attributes:
        context: what every command has at hand.
        interaction: the press.
    """

    context: CommandContext
    interaction: discord.Interaction

    async def page(
        self, page: Page, state: SetupState, *, notice: str = "", typed: str = ""
    ) -> tuple[str, discord.ui.View]:
        """Return a page. ``notice``: what is said first; ``typed``: what is looked for."""
        target = await self._target(state)
        shown = PageContent(
            state=state,
            target="" if target is None else target.name,
            is_video=target is not None and target.is_video,
            notice=notice,
        )
        if page is Page.WHAT:
            entries = _with(target, found := await self._entries(state, typed))
            if typed and not found:
                shown = replace(shown, notice=_wrong(tr(_FOUND_NOTHING)))
            elif state.is_one_of_many and not entries:
                shown = replace(shown, notice=_wrong(tr(_NONE_THERE)))
            shown = replace(shown, entries=entries)
        if page is Page.RIGHTS:
            shown = await self._with_rights(shown)
        return setup_pages.text_of(page, shown), setup_pages.view_of_page(page, shown)

    async def chose(
        self, action: str, values: Sequence[Any], state: SetupState
    ) -> tuple[str, discord.ui.View]:
        """Take what was chosen in a menu."""
        chosen: Any = values[0] if values else None
        match action:
            case "kind":
                return await self.page(Page.WHAT, state.with_what(What(chosen)))
            case "target":
                return await self.page(Page.WHAT, replace(state, target=int(str(chosen))))
            case Audience.PUBLIC | Audience.STAFF:
                try:
                    room_id = None if chosen is None else await self._room(chosen)
                except Refusal as refused:
                    return await self.page(Page.WHERE, state, notice=_wrong(refused.told()))
                return await self.page(Page.WHERE, state.having(action, room_id))
            case "mention" | "moderators":
                if chosen is not None and chosen.is_default():
                    notice = _wrong(tr("That is everybody; choose another role."))
                    return await self.page(Page.WHOM, state, notice=notice)
                role_id = None if chosen is None else chosen.id
                return await self.page(Page.WHOM, state.having(action, role_id))
            case _:
                raise Refusal(tr(_OLD))

    async def sampled(self, state: SetupState) -> tuple[str, discord.ui.View]:
        """Post a sample in each room, and say so."""
        said = []
        for room_id in state.rooms.values():
            try:
                chosen = await room_now(self.context, self.interaction, room_id)
                check_member(chosen)
                await check_bot(chosen)
                posted = await post_sample(self.context, chosen, await self._sampled(state))
                link = posted.jump_url
                said.append(
                    "✅ " + tr("Posted a sample: {link}; *Remove* takes it away.", link=link)
                )
            except TwentyThreeError as error:
                said.append(_wrong(sentence_of(error)))
        return await self.page(Page.RIGHTS, state, notice="\n".join(said))

    async def done(self, state: SetupState, *, agreed: str) -> _Made:
        """Set it all, once what is asked was agreed to. ``agreed``: the digest of that."""
        try:
            plan = await plan_of(self.context, self.interaction, state)
            if plan.doubts and plan.digest != agreed:
                question = setup_pages.view_of_question(state, plan.digest)
                return "\n".join(plan.doubts), question
            return await set_up(self.context, self.interaction, plan), None
        except TwentyThreeError as error:
            return await self.page(Page.RIGHTS, state, notice=_wrong(sentence_of(error)))

    async def _room(self, chosen: Any) -> int:
        return (await chosen_room(self.interaction, chosen)).room_id

    async def _sampled(self, state: SetupState) -> ObjectInfo:
        """Return what a sample is made of: nothing that not everybody may know of."""
        if state.what is What.ONE and state.target is not None:
            found = (await self.context.bridge.find(ObjectId(state.target))).info
            if found.is_public:
                return found
        title = tr(_SAMPLED)
        return ObjectInfo(object_id=ObjectId(1), kind=ObjectKind.LIVE, title=title, url="")

    async def _target(self, state: SetupState) -> MenuEntry | None:
        """Return what was chosen; where the workspace does not tell its name, with its number."""
        if state.target is None:
            return None
        unnamed = MenuEntry(number=state.target, name=str(state.target))
        bridge = self.context.bridge
        if state.what is What.CATEGORY:
            category = quiet(_one(bridge.category(CategoryId(state.target))))
            return next((_of_category(one) for one in await category), unnamed)
        found = quiet(_one(bridge.find(ObjectId(state.target))))
        return next((_of_object(one.info) for one in await found), unnamed)

    async def _entries(self, state: SetupState, typed: str) -> list[MenuEntry]:
        wanted = " ".join(typed.split())
        match state.what:
            case What.CATEGORY:
                categories = await quiet(self.context.bridge.categories(wanted))
                return [_of_category(one) for one in categories]
            case What.ONE:
                objects = await quiet(self.context.titles.suggest(wanted))
                return [_of_object(one) for one in objects]
            case _:
                return []

    async def _with_rights(self, shown: PageContent) -> PageContent:
        guild, lines, rights = guild_of(self.interaction), list[str](), list[RightsIn]()
        mention = guild.get_role(shown.state.mention or 0)
        for audience, room_id in shown.state.rooms.items():
            try:
                chosen = await room_now(self.context, self.interaction, room_id)
            except Refusal as refused:
                lines.append(f"- {words.room(room_id)}: {refused.told()}")
                continue
            is_mentioned = audience is Audience.PUBLIC and not shown.is_video
            rights.append(rights_in(chosen.room, mention if is_mentioned else None))
            lines += rights[-1].lines
        link = granting(self.interaction.application_id, guild, rights)
        return replace(shown, rights=lines, link=link)


def _wrong(text: str) -> str:
    """Return why something could not be done, as a page says it first."""
    return f"⚠️ {text}"


def _of_category(one: Category) -> MenuEntry:
    return MenuEntry(number=one.category_id, name=of_category(one))


def _of_object(one: ObjectInfo) -> MenuEntry:
    is_video = one.kind is ObjectKind.VIDEO
    return MenuEntry(number=one.object_id, name=words.label(one), is_video=is_video)


async def _one(asked: Any) -> list[Any]:
    return [await asked]


def _with(target: MenuEntry | None, entries: Sequence[MenuEntry]) -> list[MenuEntry]:
    """Return what is offered, what was chosen among it."""
    if target is None or any(one.number == target.number for one in entries):
        return list(entries)
    return [target, *entries]
