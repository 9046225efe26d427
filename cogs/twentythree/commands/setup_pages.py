"""The pages of ``/video setup``: what each says, its menus and its buttons.

Each carries in its ``custom_id`` all that was chosen so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from ..languages import noted, tr
from . import words
from .pressing import button, view_of
from .room_option import ROOM_TYPES
from .setup_state import GRANT, Audience, SetupState, What, encoded

# Discord's, of a menu and of an entry in one.
MOST_ENTRIES = 25
_MAX_LABEL = 100
_PRIMARY, _SUCCESS = discord.ButtonStyle.primary, discord.ButtonStyle.success
_DONE, _FIND = noted("Done"), noted("Find…")
_NOT_YET = noted("Nothing is set before you press *{button}*.")
_WHATS = {
    What.ALL: noted("All webinars: planned, live, and new ones as they appear"),
    What.CATEGORY: noted("The webinars of a category"),
    What.ONE: noted("One webinar or video"),
}
_AUDIENCES = {Audience.PUBLIC: noted("For everybody"), Audience.STAFF: noted("For the staff")}
_GETS = {
    Audience.PUBLIC: noted("promoted comments and live events"),
    Audience.STAFF: noted("all comments, chat and questions, with buttons to act on them"),
}
_OF_VIDEO = noted("promoted comments")
_DETAILS = {
    "what": noted("What shall be posted?"),
    "where": noted(
        "Where to? The first menu is the room that everybody reads, the second that of the staff. "
        "One of them is enough."
    ),
    "whom": noted(
        "The first menu: whom to mention when a webinar starts. The second: who may act on "
        "comments. Both may be left empty: then nobody is mentioned, and who may manage messages "
        "in a room may act there."
    ),
    "rights": noted("What the bot may do there:"),
}


class Page(StrEnum):
    """The pages, in their usual order."""

    WHAT = "what"
    WHERE = "where"
    WHOM = "whom"
    RIGHTS = "rights"


_TITLES = {
    Page.WHAT: noted("What"),
    Page.WHERE: noted("Where"),
    Page.WHOM: noted("Whom to mention"),
    Page.RIGHTS: noted("Permissions"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """Something to choose: its number, and what it is called."""

    number: int
    name: str
    is_video: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """What a page is made of.

    Attributes:
        state: what was chosen so far.
        target: what the category or the object is called.
        entries: the categories or objects to choose from.
        is_video: whether what was chosen is one, which never goes live.
        notice: what is said first: what was done, or why something could not be.
        rights: the table of permissions, a line each.
        link: the address that grants what the bot lacks in the server.
    """

    state: SetupState
    target: str = ""
    entries: Sequence[MenuEntry] = ()
    is_video: bool = False
    notice: str = ""
    rights: Sequence[str] = ()
    link: str | None = None


def custom_id(action: str, state: SetupState) -> str:
    """Return what a button or a menu carries: what it does, and all that was chosen so far."""
    return f"tt:setup:{action}:{encoded(state)}"


def text_of(page: Page, shown: PageContent) -> str:
    """Return what a page says."""
    number = list(Page).index(page) + 1
    lines = [
        tr(
            "**Set up** · {number} of {pages}: {title}",
            number=number,
            pages=len(Page),
            title=tr(_TITLES[page]),
        )
    ]
    lines += [shown.notice] if shown.notice else []
    lines += [tr(_DETAILS[page])]
    if page is Page.WHAT and shown.state.is_one_of_many:
        lines += [tr("*{button}* looks for what is not in the menu.", button=tr(_FIND))]
    if page is Page.RIGHTS:
        lines += shown.rights or [tr("- No room is chosen yet.")]
    not_yet = f"-# {tr(_NOT_YET, button=tr(_DONE))}"
    lines += ["", *_summary(shown), shown.state.lacks or not_yet]
    return words.cut("\n".join(lines))


def _summary(shown: PageContent) -> Iterable[str]:
    """Yield what was chosen, a line each."""
    state = shown.state
    match state.what:
        case None:
            yield tr("- What: not chosen")
        case What.ALL:
            yield tr("- What: all webinars of the workspace")
        case _:
            what = words.disarmed(shown.target)
            yield tr("- What: {what}", what=what) if what else tr("- What: not chosen")
    for audience, name in _AUDIENCES.items():
        room_id = state.rooms.get(audience)
        where = tr("no room")
        if room_id is not None:
            where = f"{words.room(room_id)}: {tr(_gets(audience, shown))}"
        yield f"- {tr(name)}: {where}"
    if shown.is_video:
        yield tr("- Nobody is mentioned: a video has no live start.")
    elif state.mention is None:
        yield tr("- Nobody is mentioned at a live start.")
    else:
        yield tr("- Mentioned at a live start: {role}", role=words.role(state.mention))
    if state.moderators is not None:
        yield tr("- Moderators: {role}", role=words.role(state.moderators))


def _gets(audience: Audience, shown: PageContent) -> str:
    return _OF_VIDEO if shown.is_video and audience is Audience.PUBLIC else _GETS[audience]


def view_of_page(page: Page, shown: PageContent) -> discord.ui.View:
    """Return the menus and buttons of a page, of which discord.py need remember nothing."""
    view = discord.ui.View(timeout=None)
    for row, menu in enumerate(_menus(page, shown)):
        menu.row = row
        view.add_item(menu)
    for one in (*_steps(page, shown.state), *_deeds(page, shown)):
        view.add_item(one)
    view.stop()
    return view


def _menus(page: Page, shown: PageContent) -> Iterable[discord.ui.Item[Any]]:
    state = shown.state
    match page:
        case Page.WHAT:
            yield _menu("kind", tr("What to post"), _kinds(state), state)
            if state.is_one_of_many and shown.entries:
                which = tr("Which category") if state.what is What.CATEGORY else tr("Which one")
                yield _menu("target", which, _entries(shown), state)
        case Page.WHERE:
            yield _rooms("public", tr("The room that everybody reads"), state.public, state)
            yield _rooms("staff", tr("The room of the staff"), state.staff, state)
        case Page.WHOM:
            yield _roles("mention", tr("Whom to mention at a live start"), state.mention, state)
            yield _roles("moderators", tr("Who may act on comments"), state.moderators, state)
        case Page.RIGHTS:
            return


def _menu(
    action: str, placeholder: str, options: list[discord.SelectOption], state: SetupState
) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=custom_id(action, state), placeholder=placeholder, options=options
    )


def _kinds(state: SetupState) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=tr(label), value=what, default=what is state.what)
        for what, label in _WHATS.items()
    ]


def _entries(shown: PageContent) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=(one.name.strip() or str(one.number))[:_MAX_LABEL],
            value=str(one.number),
            default=one.number == shown.state.target,
        )
        for one in shown.entries[:MOST_ENTRIES]
    ]


def _rooms(
    action: str, placeholder: str, chosen: int | None, state: SetupState
) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=custom_id(action, state),
        channel_types=ROOM_TYPES,
        placeholder=placeholder,
        min_values=0,
        default_values=[] if chosen is None else [discord.Object(chosen)],
    )


def _roles(
    action: str, placeholder: str, chosen: int | None, state: SetupState
) -> discord.ui.RoleSelect[Any]:
    return discord.ui.RoleSelect(
        custom_id=custom_id(action, state),
        placeholder=placeholder,
        min_values=0,
        default_values=[] if chosen is None else [discord.Object(chosen)],
    )


def _steps(page: Page, state: SetupState) -> Iterable[discord.ui.Button[Any]]:
    """Yield the buttons that lead to each page, in any order."""
    for one in Page:
        step = button(custom_id(f"go-{one}", state), tr(_TITLES[one]))
        step.disabled = one is page
        step.row = 3
        yield step


def _deeds(page: Page, shown: PageContent) -> Iterable[discord.ui.Button[Any]]:
    state = shown.state
    found = []
    if page is Page.WHAT and state.is_one_of_many:
        found.append(button(custom_id("find", state), tr(_FIND)))
    if shown.link is not None:
        found.append(discord.ui.Button(label=tr(GRANT), url=shown.link))
    if state.rooms:
        found.append(button(custom_id("sample", state), tr("Post a sample")))
    done = button(custom_id("done", state), tr(_DONE), style=_SUCCESS)
    done.disabled = state.lacks is not None
    for one in (*found, done, button(custom_id("cancel", state), tr("Cancel"))):
        one.row = 4
        yield one


def view_of_question(state: SetupState, digest: str) -> discord.ui.View:
    """Return the buttons below what must be agreed to. ``digest``: what tells it from others."""
    style = discord.ButtonStyle.danger
    return view_of(
        button(custom_id(f"agree-{digest}", state), tr("Set up anyway"), style=style),
        button(custom_id(f"go-{Page.RIGHTS}", state), tr("Back")),
        button(custom_id("cancel", state), tr("Cancel")),
    )
