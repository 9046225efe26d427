"""What people did is told in the log room of their server, as it happens."""

from __future__ import annotations

from cogs.twentythree.domain.acting import Deed, NewEntry
from cogs.twentythree.domain.deeds import Actor
from cogs.twentythree.domain.model import RoomId
from tests.fakes.rooms import NO_ACCESS, OTHER, ROOM, World, idle


async def note(world: World, deed: Deed) -> frozenset[RoomId]:
    entry = NewEntry(guild_id=world.guild_id, actor=Actor(user_id=3, name="Mo"), deed=deed)
    return await world.store.trail.note(entry, world.now)


def told(world: World) -> list[str]:
    return [text.split("\n")[0] for text in world.poster.texts(OTHER)]


async def test_a_log_room_to_which_nothing_is_attached_is_told_also_after_a_restart(
    world: World,
) -> None:
    await world.store.servers.set_log_room(world.guild_id, OTHER)
    await note(world, Deed.LOG)
    async with world.running() as rooms:
        await idle(rooms)
        assert told(world) == ["**Mo** set where this is told"]

        rooms.wake(await note(world, Deed.MODERATORS))
        await idle(rooms)
    assert told(world)[1:] == ["**Mo** set who may act on comments"]


async def test_a_log_room_that_takes_nothing_holds_up_no_other(world: World) -> None:
    await world.attach(ROOM)
    await world.store.servers.set_log_room(world.guild_id, OTHER)
    world.poster.faults[OTHER].extend([NO_ACCESS, NO_ACCESS])
    await note(world, Deed.LOG)
    await world.say(1)
    async with world.running() as rooms:
        await idle(rooms)

    assert world.poster.texts(ROOM) == ["Comment 1"]
    assert told(world) == ["**Mo** set where this is told"]
