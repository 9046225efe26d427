"""A server that is back, while the database fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cogs.twentythree.domain.barring import Membership
from cogs.twentythree.domain.model import Attachment, GuildId
from cogs.twentythree.errors import StorageError
from tests.fakes.bridge_house import GUILD, OTHER, VIDEO, house

AWAY = GuildId(2)
LATER = datetime.now(UTC) + timedelta(days=1)


async def test_what_could_not_be_taken_up_of_a_server_that_is_back_is_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = Membership(present=frozenset({GUILD, AWAY}), joined={int(AWAY): LATER})
    async with house(tmp_path) as made:
        made.workspace.add(VIDEO)
        await made.attach(VIDEO, OTHER, guild_id=AWAY)
        await made.bridge.know_servers(Membership(present=frozenset({GUILD})))
        made.woken.clear()
        find = made.store.attachments.find

        async def fails(**_: object) -> list[Attachment]:
            raise StorageError("The database is away.")

        monkeypatch.setattr(made.store.attachments, "find", fails)
        with pytest.raises(StorageError):
            await made.bridge.know_servers(back)
        monkeypatch.setattr(made.store.attachments, "find", find)
        joined = [await made.bridge.know_servers(back) for _ in range(2)]

        assert joined == [{AWAY}, frozenset()]
        assert made.woken == {OTHER}
        assert made.bridge.states.get(VIDEO) is not None
