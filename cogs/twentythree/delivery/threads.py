"""Whether a thread is closed because people wanted it, or only because nobody wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import discord

# Discord counts from about the last message.
_ABOUT = timedelta(minutes=1)


def is_closed_by_people(room: Mapping[str, Any]) -> bool:
    """Tell whether a channel, as Discord's API shows it, is a thread that people have archived.

    Discord archives one by itself once nobody has written for ``auto_archive_duration`` minutes;
    one that is archived sooner was closed by somebody.

    Raises:
        KeyError, TypeError, ValueError: it is not as Discord's API has it.
    """
    state = room.get("thread_metadata")
    if not state or not state["archived"]:
        return False
    last = discord.utils.snowflake_time(int(room.get("last_message_id") or room["id"]))
    lasts = timedelta(minutes=state["auto_archive_duration"])
    return datetime.fromisoformat(state["archive_timestamp"]) - last < lasts - _ABOUT


def may_close(client: discord.Client, room: Mapping[str, Any]) -> bool:
    """Tell whether the bot may archive a thread: its own, or any with Manage Threads.

    Raises:
        KeyError, TypeError, ValueError: as above.
    """
    if client.user is not None and int(room["owner_id"]) == client.user.id:
        return True
    parent = client.get_channel(int(room["parent_id"]))
    if not isinstance(parent, discord.abc.GuildChannel):
        return False
    return parent.permissions_for(parent.guild.me).manage_threads
