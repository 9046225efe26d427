from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import discord
import pytest

from cogs.twentythree.delivery.telling import Teller
from cogs.twentythree.domain.model import Attachment, AttachmentRules, GuildId, RoomId
from tests.fakes.discord_rest import GUILD_ID, DiscordRest, channel, guild, logged_in
from tests.fakes.notices import SEEN_AT, VIDEO
from tests.fakes.rooms import open_gate

ROOM, SYSTEM, MODERATORS, DM = RoomId(501), 600, 601, 1_000_000
ATTACHED = Attachment(
    attachment_id=1,
    guild_id=GuildId(GUILD_ID),
    room_id=ROOM,
    object=replace(VIDEO, title="*How* to <@1>"),
    rules=AttachmentRules(),
    attached_by=77,
    attached_at=SEEN_AT,
)


@dataclass
class Setting:
    server: DiscordRest
    client: discord.Client
    teller: Teller
    seconds: float = 0.0

    async def tell(self, *paused: Attachment) -> None:
        await self.teller.tell(ROOM, "Grant it Send Messages.", paused)


@pytest.fixture
async def setting() -> AsyncGenerator[Setting]:
    server = DiscordRest()
    async with logged_in(server) as client:
        teller = Teller(
            client,
            open_gate(client),
            request_timeout_s=5,
            again_s=3600,
            clock=lambda: made.seconds,
        )
        made = Setting(server, client, teller)
        yield made


async def test_whoever_attached_is_told_in_private(setting: Setting) -> None:
    await setting.tell(ATTACHED)

    (message,) = setting.server.in_room(DM + 77)
    assert message["content"] == (
        "Notices about \\*How\\* to \\<\\@1\\> cannot be posted in <#501>. Grant it Send Messages. "
        "They wait, and are posted once it works again."
    )
    assert setting.server.requests[-1][2]["allowed_mentions"]["parse"] == []


async def test_everybody_concerned_is_told_once_but_not_a_crowd(setting: Setting) -> None:
    people = [77, 77, 78, 79, 80]
    await setting.tell(*(replace(ATTACHED, attached_by=one) for one in people))

    told = [int(one["channel_id"]) - DM for one in setting.server.messages]
    assert told == [77, 78, 79]
    assert "and 4 more" in setting.server.messages[0]["content"]


async def test_where_private_messages_are_closed_the_server_is_told(setting: Setting) -> None:
    guild(setting.client, channel(SYSTEM), system_channel_id=str(SYSTEM))
    setting.server.refusals["POST", DM + 77] = (403, 50007)
    await setting.tell(ATTACHED)

    assert len(setting.server.in_room(SYSTEM)) == 1


async def test_the_moderators_room_is_told_first_and_the_other_where_that_refuses(
    setting: Setting,
) -> None:
    rooms = channel(SYSTEM), channel(MODERATORS)
    both = {"system_channel_id": str(SYSTEM), "public_updates_channel_id": str(MODERATORS)}
    guild(setting.client, *rooms, **both)
    setting.server.refusals["POST", DM + 77] = (403, 50007)
    await setting.tell(ATTACHED)
    setting.server.refusals["POST", MODERATORS] = (403, 50013)
    setting.seconds = 3601
    await setting.tell(ATTACHED)

    assert len(setting.server.in_room(MODERATORS)) == 1
    assert len(setting.server.in_room(SYSTEM)) == 1


@pytest.mark.parametrize("system", [None, str(ROOM)], ids=["none", "the room itself"])
async def test_where_nobody_can_be_told_the_log_says_so(
    setting: Setting, system: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    guild(setting.client, channel(ROOM), system_channel_id=system)
    setting.server.refusals["POST", DM + 77] = (403, 50007)
    await setting.tell(ATTACHED)

    assert setting.server.messages == []
    assert "nobody could be told" in caplog.text


async def test_a_server_that_is_not_in_the_cache_is_not_told(setting: Setting) -> None:
    setting.server.refusals["POST", DM + 77] = (403, 50007)
    await setting.tell(ATTACHED)

    assert setting.server.messages == []


async def test_a_room_that_pauses_again_soon_is_not_told_about_again(setting: Setting) -> None:
    for setting.seconds in (0, 3599, 3601):
        await setting.tell(ATTACHED)

    assert len(setting.server.messages) == 2


async def test_nobody_concerned_is_nobody_told(setting: Setting) -> None:
    await setting.tell()

    assert setting.server.messages == []


async def test_of_a_message_that_stays_somebody_is_told_once_with_its_link(
    setting: Setting,
) -> None:
    for _ in range(2):
        await setting.teller.tell_of_stuck(ROOM, 7, [ATTACHED])
    await setting.tell(ATTACHED)

    stuck, paused = setting.server.in_room(DM + 77)
    assert stuck["content"].endswith(
        f"please delete it: https://discord.com/channels/{GUILD_ID}/{ROOM}/7"
    )
    assert "cannot be posted" in paused["content"]


async def test_one_person_of_a_server_is_told_or_its_moderators(setting: Setting) -> None:
    guild(setting.client, channel(MODERATORS), public_updates_channel_id=str(MODERATORS))
    teller = setting.teller
    setting.server.refusals["POST", DM + 77] = (403, 50007)

    assert await teller.tell_one(GuildId(GUILD_ID), [77, 78, 79], "It is away.")
    assert await teller.tell_one(GuildId(GUILD_ID), [77], "It is away.")
    assert not await teller.tell_one(GuildId(404), [77], "It is away.")

    private, public = setting.server.messages
    assert [int(private["channel_id"]), int(public["channel_id"])] == [DM + 78, MODERATORS]
    assert private["content"].startswith("In ")
    assert private["content"].endswith(": It is away.")
