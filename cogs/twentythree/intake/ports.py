"""What the intake is given: the ports that it is joined to, and how patient it is to be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..api import WorkspaceClient
from ..domain.barring import Servers
from ..domain.batching import Batch
from ..domain.model import Attachment, GuildId, ObjectInfo, RoomId
from ..metrics import Metrics
from ..realtime import RealtimeClient
from ..storage import Drafting, Store
from .turns import Budget


class RoomsPort(Protocol):
    """The other side of the outbox, as far as the intake speaks to it."""

    @property
    def draft(self) -> Drafting | None:
        """Says what the message of a comment that is alone in its room is stored with.

        ``None``: all batches are left to the rooms.
        """

    def wake(
        self,
        rooms: Iterable[RoomId],
        started: Iterable[Batch] = (),
        edits: Collection[RoomId] = (),
        /,
    ) -> None:
        """Tell that there is work, and of batches that were stored with it; quick.

        ``edits``: those of the rooms in which there is something to edit, and nothing to post.
        """

    async def tell(self, barred: Sequence[Attachment], /) -> None:
        """Tell people, once, of attachments of which nothing is posted from now on."""

    async def tell_one(self, guild_id: GuildId, people: Sequence[int], text: str, /) -> bool:
        """Tell the first of some people who can be reached, else a room of the server."""

    async def open_post(self, forum_id: RoomId, info: ObjectInfo, /) -> RoomId | str:
        """Open a post for an object in a forum; where that fails, a sentence says why."""

    async def close_post(self, room_id: RoomId, /) -> None:
        """Take back a post that was opened for nothing."""


class Clock(Protocol):
    """What time it is; see ``api.WorkspaceClock``."""

    @property
    def ahead(self) -> timedelta:
        """How much it is ahead of this machine's clock."""

    def now(self) -> datetime:
        """Return the time, aware; live events are told by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the intake is joined to, and does not own.

    Attributes:
        store: attachments, memory and outbox.
        api: the workspace.
        realtime: returns a client for the address of the realtime service.
        rooms: where what was taken in goes.
        budget: whether the workspace may be asked something more now.
        metrics: what is counted.
        clock: the time.
    """

    store: Store
    api: WorkspaceClient
    realtime: Callable[[str], RealtimeClient]
    rooms: RoomsPort
    budget: Budget
    metrics: Metrics
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """Where live analytics are to be heard: no document names the sub-channel.

    ``sub_channel`` is under the root of a live event's changes. ``catch_up`` is how far to catch
    up, such as ``12h``; of all services only this one is said to offer that.
    """

    sub_channel: str
    catch_up: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOptions:
    """Times in seconds, and bounds.

    Attributes:
        reconcile_s: between readings of an object that realtime serves, and between readings that
            go down to the oldest comment on show.
        poll_s: between readings of an object that realtime does not serve.
        upkeep_s: between looks at an object's title, and between prunings.
        hold_s: the longest that realtime waits for the reading after a gap, while that could go on.
        held_s: until that reading is made again where it failed.
        confirm_s: after so long what realtime has shown is asked about.
        again_s: and so long after that once more, where the workspace does not know it.
        doubt_s: until an object is read again of which the workspace returns less than before;
            each time in a row it is twice as long.
        agree_s: the longest of these times.
        verifies: whether nothing is shown that the workspace has not confirmed.
        watch_s: between looks at a live event that is on air.
        follow_s: between looks for what follows attach.
        same_broadcast_s: what begins so soon after an end is the same broadcast.
        analytics: where to hear of viewers, if anywhere.
        channel_s: until a channel is asked for again that was refused, or not told for a failure;
            each time twice as long.
        spacing_s: the least time between the beginnings of two readings of one thing.
        realtime_url: overrides the address that the workspace names.
        servers: which servers may use the workspace.
        dismissed_s: pause after the service told the client to go away, and between two changes of
            its address while the connection works.
        most_pages: 100 comments each: how far back a reading goes before it takes the rest for old.
            For the list of the workspace, reading the objects one by one is hardly more beyond it.
        most_below: what a thorough reading looks at below known ground. What is deeper has its turn
            with the next.
        verdict_s: how long new channels may hold up the next change of the set.
        trail_days: how long what people did is kept.
    """

    reconcile_s: float = 300.0
    poll_s: float = 15.0
    upkeep_s: float = 3_600.0
    hold_s: float = 5.0
    held_s: float = 1.0
    confirm_s: float = 0.5
    again_s: float = 0.9
    doubt_s: float = 1.0
    agree_s: float = 61.0
    verifies: bool = False
    watch_s: float = 60.0
    follow_s: float = 120.0
    same_broadcast_s: float = 180.0
    analytics: Analytics | None = None
    channel_s: float = 1.0
    spacing_s: float = 1.0
    realtime_url: str | None = None
    servers: Servers = field(default_factory=Servers)
    most_pages: int = 100
    most_below: int = 10
    dismissed_s: float = 300.0
    verdict_s: float = 30.0
    trail_days: int = 90
