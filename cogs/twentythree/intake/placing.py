"""Attaching and detaching with all that follows: objects to read, rooms to wake."""

from __future__ import annotations

from ..api import FoundObject
from ..domain.cards import AtDetach
from ..domain.following import Follow
from ..domain.model import Attachment, ObjectId, ObjectInfo, RoomId
from ..domain.places import rooms_of
from ..storage import Attached, Detached
from .agenda import Agenda
from .attaching import Attaching
from .exchange import WantedAttachment
from .objects import Objects
from .ports import Ports


class Placing:
    """Attaches objects to rooms and detaches them, and has all done that follows from it."""

    def __init__(
        self, ports: Ports, objects: Objects, agenda: Agenda, attaching: Attaching
    ) -> None:
        self._store = ports.store
        self._rooms = ports.rooms
        self._objects = objects
        self._agenda = agenda
        self._attaching = attaching

    async def attach(self, wanted: WantedAttachment, found: FoundObject | None = None) -> Attached:
        """Attach an object to a room, or change the rules of what is attached.

        ``found``: the object as the workspace has just shown it; ``None``: it is asked.

        Raises:
            WorkspaceError: nothing was stored.
            NotPublicError: nobody agreed to show what is not public; nothing was stored.
        """
        attached = await self._attaching.attach(wanted, found)
        await self.took(attached)
        return attached

    async def attach_followed(
        self, follow: Follow, info: ObjectInfo, *, mentions: bool, is_one_of_many: bool
    ) -> str | None:
        """Attach what a follow has found; return why that cannot be done now, if so.

        Raises:
            WorkspaceError: the object cannot be read.
        """
        up = await self._attaching.attach_followed(
            follow, info, mentions=mentions, is_one_of_many=is_one_of_many
        )
        if up.attached is not None:
            await self.took(up.attached)
        return up.error

    async def detach(
        self, room_id: RoomId, object_id: ObjectId, cards: AtDetach = AtDetach.DELETE
    ) -> Detached | None:
        """Detach an object from a room; ``None`` where it was not attached.

        ``cards``: what becomes of those of what is planned or on air.
        """
        gone = await self._store.attachments.detach(room_id, object_id, cards)
        await self._objects.refresh(object_id)
        self._rooms.wake({room_id} if gone is None else rooms_of(gone.attachment))
        return gone

    async def let_go(self, attachment: Attachment) -> None:
        """Detach what a follow attached."""
        await self.detach(attachment.room_id, attachment.object.object_id)

    async def took(self, attached: Attached) -> None:
        """Have all done that follows from what is attached now."""
        object_id = attached.attachment.object.object_id
        await self._objects.refresh(object_id)
        self._agenda.ask([object_id])
        self._rooms.wake(rooms_of(attached.attachment) | attached.rooms)
        await self._rooms.tell(attached.barred)
