"""What can be told of the way in: how news arrive, what is wrong; from memory alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..domain.model import Attachment, GuildId, ObjectId
from ..domain.needs import Needs, needs_of
from ..domain.troubles import Fault, Kind
from ..errors import UnreadableAnswerError
from ..storage import Waiting
from .exchange import BridgeStatus, Mode, ObjectStatus
from .listener import Connection
from .missing import SingleComments
from .objects import Objects, ObjectState
from .ports import Clock
from .rumours import Rumours


class Overview:
    """Looks at what is known, and changes nothing.

    Args:
        objects: what is attached.
        connection: how realtime is.
        rumours: what of it is verified first.
        single: knows at which level objects were read.
        clock: the time.
    """

    def __init__(
        self,
        objects: Objects,
        connection: Connection,
        rumours: Rumours,
        single: SingleComments,
        clock: Clock,
    ) -> None:
        self._objects = objects
        self._connection = connection
        self._rumours = rumours
        self._single = single
        self._clock = clock

    def remembered(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> list[Attachment]:
        """Return the attachments that match, as they were last seen, without the database."""
        found = self._objects.attachments(guild_id)
        return [one for one in found if object_id in {None, one.object.object_id}]

    def mode(self, held: Iterable[Attachment]) -> Mode:
        """Return how news arrive for these attachments."""
        wanted = _needs(held)
        if not wanted:
            return Mode.IDLE
        return Mode.REALTIME if all(self._serves(*one) for one in wanted) else Mode.POLLING

    def of_server(self, held: Sequence[Attachment], waiting: Waiting) -> BridgeStatus:
        """Return the state of what is done for a server.

        Args:
            held: its attachments.
            waiting: what waits for Discord of it.
        """
        wanted = _needs(held)
        states = self._objects.those(one for one, _ in wanted)
        events = [one.event_at for one in states if one.event_at is not None]
        errors = [one.trouble for one in states if one.trouble is not None]
        there_are, standing = self._counts(wanted)
        lag = None if waiting.since is None else self._clock.now() - waiting.since
        return BridgeStatus(
            mode=self.mode(held),
            connected_since=self._connection.since,
            last_event_at=max(events, default=None),
            lag_s=None if lag is None else lag.total_seconds(),
            pending=waiting.count,
            last_error=errors[-1] if errors else None,
            clock_ahead_s=self._clock.ahead.total_seconds(),
            channels_wanted=there_are,
            channels_standing=standing,
            is_held_up=any(one.pause is not None for one in held),
        )

    def of_object(self, held: Sequence[Attachment]) -> ObjectStatus:
        """Return the state of one object as a server has it attached. ``held``: its attachments.

        Nothing is said of what is done for the object on the account of other servers.
        """
        object_id = held[0].object.object_id
        state = self._objects.get(object_id)
        return ObjectStatus(
            mode=self.mode(held),
            channels=() if state is None else self._services(state, needs_of(held)),
            last_event_at=state.event_at if state else None,
            last_read_at=state.read_at if state else None,
            last_error=state.trouble if state else None,
            verified_until=self._rumours.verified_until(object_id),
        )

    def faults(
        self, guild_id: GuildId | None = None, object_id: ObjectId | None = None
    ) -> dict[Kind, Fault]:
        """Return what is wrong (for a server, for an object)."""
        wanted = _needs(self.remembered(guild_id, object_id))
        mine = self._objects.those(one for one, _ in wanted)
        return self._of_readings(mine) | self._of_realtime(mine, wanted) if mine else {}

    # Realtime.

    def _serves(self, object_id: ObjectId, needs: Needs) -> bool:
        """Tell whether realtime carries this of an object now."""
        state = self._objects.get(object_id)
        if state is None:
            return self._connection.is_connected and not needs.anything
        return self._connection.serves(state, needs)

    def _services(self, state: ObjectState, needs: Needs) -> tuple[str, ...]:
        """Return the services of an object that are listened to, of those that carry this.

        While there is no connection, those that will be.
        """
        heard = frozenset(state.channels)
        if self._connection.is_connected:
            heard = self._connection.standing(heard)
        found = (one for channel, one in state.channels.items() if channel in heard)
        return tuple(dict.fromkeys(str(one) for one in found if needs.asks_for(one)))

    def _counts(self, wanted: Iterable[tuple[ObjectId, Needs]]) -> tuple[int, int]:
        """Return how many channels carry this of these objects, and how many of them stand.

        An object that is still to be looked up counts with the channels that it may have.
        """
        there_are = standing = 0
        for object_id, needs in wanted:
            state = self._objects.get(object_id)
            if state is None:
                continue
            if state.address is None and state.is_unanswered:
                there_are += needs.promoted + needs.every_comment + needs.live
            mine = state.channels_for(needs)
            there_are += len(mine)
            standing += len(self._connection.standing(mine))
        return there_are, standing

    # Faults.

    def _of_readings(self, mine: Sequence[ObjectState]) -> dict[Kind, Fault]:
        found: dict[Kind, Fault] = {}
        unreadable = [one.error for one in mine if isinstance(one.cause, UnreadableAnswerError)]
        if unreadable:
            text = unreadable[-1] or ""
            found[Kind.UNREADABLE] = Fault(count=len(unreadable), total=len(mine), detail=text)
        failing = [
            one.error or one.lookup_error
            for one in mine
            if not isinstance(one.cause, UnreadableAnswerError) and (one.cause or one.lookup_error)
        ]
        if failing:
            found[Kind.READING_FAILS] = Fault(count=len(failing), said=failing[-1] or "")
        level = self._single.lowered_to(mine)
        if level is not None:
            found[Kind.CREDENTIALS_LOWERED] = Fault(said=level)
        doubted = [one for one in mine if one.doubt is not None]
        if doubted and level is None:
            found[Kind.FEWER] = Fault(count=len(doubted))
        return found

    def _of_realtime(
        self, mine: Sequence[ObjectState], wanted: Sequence[tuple[ObjectId, Needs]]
    ) -> dict[Kind, Fault]:
        found: dict[Kind, Fault] = {}
        if misread := sum(one.misread for one in mine):
            found[Kind.NOT_UNDERSTOOD] = Fault(count=misread)
        needs = dict(wanted)
        away_since = self._connection.away_since(self._objects.wanted_since, self._clock.now())
        left = [
            one
            for one in mine
            if away_since is not None or not self._connection.serves(one, needs[one.object_id])
        ]
        unnamed = [
            one
            for one in left
            if not one.is_unanswered and not one.has_channels_for(needs[one.object_id])
        ]
        if unnamed:
            found[Kind.NO_CHANNELS] = Fault(count=len(unnamed))
        if len(left) == len(unnamed):
            return found
        if away_since is not None and any(one.address is not None for one in left):
            return found | {Kind.REALTIME_AWAY: Fault(since=away_since)}
        refused = [one for one in left if one.refusals]
        if refused:
            return found | {Kind.CHANNELS_REFUSED: Fault(count=len(refused))}
        there_are, standing = self._counts(wanted)
        return found | {Kind.CONNECTING: Fault(count=standing, total=there_are)}


def _needs(held: Iterable[Attachment]) -> list[tuple[ObjectId, Needs]]:
    """Return what the attachments ask for of each object."""
    by_object: dict[ObjectId, list[Attachment]] = {}
    for one in held:
        by_object.setdefault(one.object.object_id, []).append(one)
    return [(object_id, needs_of(mine)) for object_id, mine in by_object.items()]
