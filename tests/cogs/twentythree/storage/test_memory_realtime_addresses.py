from __future__ import annotations

from cogs.twentythree.domain.needs import RealtimeAddress
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.things import LIVE, OTHER_ROOM, ROOM, VIDEO, attach

ROOT = "/" + "a1" * 20
ADDRESS = RealtimeAddress(
    url="https://rt.example.com/faye", comments_root=ROOT, events=f"{ROOT}/events"
)


async def test_an_address_is_remembered_and_a_changed_one_replaces_it(store: Store) -> None:
    await attach(store)
    await store.realtime_addresses.remember({VIDEO.object_id: ADDRESS})
    assert await store.realtime_addresses.find() == {VIDEO.object_id: ADDRESS}

    moved = RealtimeAddress(url=ADDRESS.url, comments_root=f"/{'b2' * 20}")
    await store.realtime_addresses.remember({VIDEO.object_id: moved})
    assert await store.realtime_addresses.find() == {VIDEO.object_id: moved}


async def test_the_address_goes_with_the_last_attachment(store: Store) -> None:
    await attach(store)
    await attach(store, room=OTHER_ROOM)
    await store.realtime_addresses.remember({VIDEO.object_id: ADDRESS})

    await store.attachments.detach(ROOM, VIDEO.object_id)
    assert await store.realtime_addresses.find() == {VIDEO.object_id: ADDRESS}
    await store.attachments.detach(OTHER_ROOM, VIDEO.object_id)
    assert await store.realtime_addresses.find() == {}


async def test_nothing_is_remembered_of_what_is_not_attached(store: Store) -> None:
    await store.realtime_addresses.remember({LIVE.object_id: ADDRESS})

    assert await store.realtime_addresses.find() == {}


def test_no_repr_shows_a_channel() -> None:
    assert ROOT[1:] not in repr(ADDRESS)
