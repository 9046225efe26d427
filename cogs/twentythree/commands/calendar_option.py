"""The option ``calendar`` of ``/video follow``: who may set it, and what is said of it."""

from __future__ import annotations

from ..delivery import calendar_needs
from ..domain.following import Follow
from ..languages import listed, noted, tr
from .replies import Refusal
from .room_option import ChosenRoom

_SHOWN = noted("Planned events are in the server's calendar")


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
