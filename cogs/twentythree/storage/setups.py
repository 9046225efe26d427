"""What ``/video setup`` sets: several things at once, or none of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..domain.live import SAME_BROADCAST
from .attachments import attach_object
from .engine import Part, writes
from .follows import keep_follow
from .records import NewSetup, SetupDone
from .server_settings import name_moderators
from .trail import put_on_trail


class Setups(Part):
    """The part of the store behind ``/video setup``."""

    @writes
    def set_up(
        self,
        connection: Connection,
        new: NewSetup,
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> SetupDone:
        """Attach, follow, name the moderators and put it on the trail; see the parts for each."""
        attached = tuple(
            attach_object(connection, one, held, now=now, same_broadcast=same_broadcast)
            for one, held in new.attachments
        )
        followed = tuple(keep_follow(connection, one, now) for one in new.follows)
        if new.moderators_role_id is not None:
            name_moderators(connection, new.entry.guild_id, new.moderators_role_id)
        rooms = put_on_trail(connection, new.entry, now)
        return SetupDone(attached=attached, followed=followed, rooms=rooms)
