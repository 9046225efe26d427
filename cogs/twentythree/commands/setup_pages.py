"""The pages of ``/video setup``: what each says, its menus and its buttons.

Each carries in its ``custom_id`` all that was chosen so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from . import words
from .pressing import button, view_of
from .room_option import ROOM_TYPES
from .setup_state import Audience, SetupState, What, encoded

# Discord's, of a menu and of an entry in one.
MOST_ENTRIES = 25
_MAX_LABEL = 100
_PRIMARY, _SUCCESS = discord.ButtonStyle.primary, discord.ButtonStyle.success
_NOT_YET = "-# Nothing is set before you press *Done*."
_WHATS = {
    What.ALL: "All webinars: planned, live, and new ones as they appear",
    What.CATEGORY: "The webinars of a category",
    What.ONE: "One webinar or video",
}
_AUDIENCES = {Audience.PUBLIC: "For everybody", Audience.STAFF: "For the staff"}
_GETS = {
    Audience.PUBLIC: "promoted comments and live events",
    Audience.STAFF: "all comments, chat and questions, with buttons to act on them",
}
_DETAILS = {
    "what": "What shall be posted? *Find…* looks for a title or an ID.",
    "where": "Where to? One of the two is enough.",
    "whom": (
        "Whom to mention when a webinar starts, and who may act on comments? Both may be left "
        "empty: then nobody is mentioned, and who may manage messages in a room may act there."
    ),
    "rights": "What the bot may do there:",
}


class Page(StrEnum):
    """The pages, in their usual order."""

    WHAT = "what"
    WHERE = "where"
    WHOM = "whom"
    RIGHTS = "rights"


_TITLES = {
    Page.WHAT: "What",
    Page.WHERE: "Where",
    Page.WHOM: "Whom to mention",
    Page.RIGHTS: "Permissions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """Something to choose: its number, and what it is called."""

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """What a page is made of.

    Attributes:
        state: what was chosen so far.
        target: what the category or the object is called.
        entries: the categories or objects to choose from.
        notice: what is said first: why something could not be done.
        rights: the table of permissions, a line each.
        link: the address that grants what the bot lacks in the server.
    """

    state: SetupState
    target: str = ""
    entries: Sequence[MenuEntry] = ()
    notice: str = ""
    rights: Sequence[str] = ()
    link: str | None = None


def custom_id(action: str, state: SetupState) -> str:
    """Return what a button or a menu carries: what it does, and all that was chosen so far."""
    return f"tt:setup:{action}:{encoded(state)}"


def text_of(page: Page, shown: PageContent) -> str:
    """Return what a page says."""
    number = list(Page).index(page) + 1
    lines = [f"**Set up** · {number} of {len(Page)}: {_TITLES[page].lower()}"]
    lines += [f"⚠️ {shown.notice}"] if shown.notice else []
    lines += [_DETAILS[page]]
    if page is Page.RIGHTS:
        lines += shown.rights or ["- No room is chosen yet."]
    lines += ["", *_summary(shown), shown.state.lacks or _NOT_YET]
    return words.cut("\n".join(lines))


def _summary(shown: PageContent) -> Iterable[str]:
    """Yield what was chosen, a line each."""
    state = shown.state
    match state.what:
        case None:
            yield "- What: not chosen"
        case What.ALL:
            yield "- What: all webinars of the workspace"
        case _:
            yield f"- What: {words.disarmed(shown.target) or 'not chosen'}"
    for audience, name in _AUDIENCES.items():
        room_id = state.rooms.get(audience)
        where = "no room" if room_id is None else f"{words.room(room_id)}: {_GETS[audience]}"
        yield f"- {name}: {where}"
    mentioned = "nobody" if state.mention is None else words.role(state.mention)
    yield f"- Mentioned at a live start: {mentioned}"
    if state.moderators is not None:
        yield f"- Moderators: {words.role(state.moderators)}"


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
            yield _menu("kind", "What to post", _kinds(state), state)
            if state.what in {What.CATEGORY, What.ONE} and shown.entries:
                which = "Which category" if state.what is What.CATEGORY else "Which one"
                yield _menu("target", which, _entries(shown), state)
        case Page.WHERE:
            yield _rooms("public", "The room that everybody reads", state.public, state)
            yield _rooms("staff", "The room of the staff", state.staff, state)
        case Page.WHOM:
            yield _roles("mention", "Whom to mention at a live start", state.mention, state)
            yield _roles("moderators", "Who may act on comments", state.moderators, state)
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
        discord.SelectOption(label=label, value=what, default=what is state.what)
        for what, label in _WHATS.items()
    ]


def _entries(shown: PageContent) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=one.name[:_MAX_LABEL] or str(one.number),
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
        step = button(custom_id(f"go-{one}", state), _TITLES[one])
        step.disabled = one is page
        step.row = 3
        yield step


def _deeds(page: Page, shown: PageContent) -> Iterable[discord.ui.Button[Any]]:
    state = shown.state
    found = []
    if page is Page.WHAT and state.what in {What.CATEGORY, What.ONE}:
        found.append(button(custom_id("find", state), "Find…"))
    if shown.link is not None:
        found.append(discord.ui.Button(label="Grant what is missing", url=shown.link))
    if state.rooms:
        found.append(button(custom_id("sample", state), "Post a sample"))
    done = button(custom_id("done", state), "Done", style=_SUCCESS)
    done.disabled = state.lacks is not None
    for one in (*found, done, button(custom_id("cancel", state), "Cancel")):
        one.row = 4
        yield one


def view_of_question(state: SetupState, digest: str) -> discord.ui.View:
    """Return the buttons below what must be agreed to. ``digest``: what tells it from others."""
    style = discord.ButtonStyle.danger
    return view_of(
        button(custom_id(f"agree-{digest}", state), "Set up anyway", style=style),
        button(custom_id(f"go-{Page.RIGHTS}", state), "Back"),
        button(custom_id("cancel", state), "Cancel"),
    )
