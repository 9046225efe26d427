"""Which servers have got the bot since they are noted: each is told of once."""

from __future__ import annotations

from datetime import datetime, timedelta

from cogs.twentythree.domain.barring import Membership, Servers
from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.storage import Store
from tests.cogs.twentythree.storage.acts import FAR_GUILD
from tests.cogs.twentythree.storage.things import GUILD, LATER, NOW

BEFORE = NOW - timedelta(days=1)
AFTER = NOW + timedelta(minutes=1)


async def joined(
    store: Store,
    members: dict[GuildId, datetime],
    *listed: GuildId,
    now: datetime = LATER,
    servers: Servers = Servers(),  # noqa: B008 - frozen
    told: tuple[int, ...] = (0,),
    shards: int = 1,
) -> set[GuildId]:
    """Tell of servers since when they have the bot, and of some that are only ``listed`` yet."""
    membership = Membership(
        present=frozenset({*members, *listed}),
        told=frozenset(told),
        shards=shards,
        joined={int(one): at for one, at in members.items()},
    )
    changed = await store.barred_servers.know(membership=membership, servers=servers, now=now)
    return set(changed.joined)


async def test_those_that_had_the_bot_before_are_known(store: Store) -> None:
    assert await joined(store, {GUILD: BEFORE}, now=NOW) == set()
    # Another shard's; it had it as long.
    assert await joined(store, {GUILD: BEFORE, FAR_GUILD: BEFORE}) == set()


async def test_one_that_gets_it_later_is_told_of_once_also_where_it_was_the_first(
    store: Store,
) -> None:
    assert await joined(store, {}, now=NOW) == set()
    assert await joined(store, {GUILD: AFTER}) == {GUILD}
    assert await joined(store, {GUILD: AFTER}) == set()


async def test_one_of_which_no_more_is_told_yet_is_waited_for(store: Store) -> None:
    await joined(store, {}, now=NOW)

    assert await joined(store, {}, GUILD) == set()
    assert await joined(store, {GUILD: AFTER}) == {GUILD}


async def test_one_that_may_not_use_the_workspace_is_known_and_not_told_of(store: Store) -> None:
    await joined(store, {}, now=NOW)

    assert await joined(store, {GUILD: AFTER}, servers=Servers(frozenset())) == set()
    assert await joined(store, {GUILD: AFTER}) == set()


async def test_one_that_removes_the_bot_and_gets_it_again_is_told_of_again(store: Store) -> None:
    await joined(store, {GUILD: BEFORE}, now=NOW)

    # Whether it is gone is not known while its shard is away.
    assert await joined(store, {}, told=(), shards=2) == set()
    assert await joined(store, {GUILD: AFTER}) == set()
    assert await joined(store, {}) == set()
    assert await joined(store, {GUILD: AFTER}) == {GUILD}
