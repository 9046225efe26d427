from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import pytest

from cogs.twentythree.delivery.telling import Teller
from cogs.twentythree.domain.barring import Bar
from cogs.twentythree.domain.model import Attachment, AttachmentRules, GuildId, RoomId
from cogs.twentythree.domain.room_settings import LanguageAsked, RoomSettings
from sandbox.chat import Channel, Chat, Guild, User
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import SEEN_AT, VIDEO
from tests.fakes.rooms import open_gate


@dataclass
class Setting:
    chat: Chat
    guild: Guild
    room: Channel
    system: Channel
    moderators: Channel
    ada: User
    client: Client
    teller: Teller
    seconds: float = 0.0

    def attached(self, by: User | None = None, guild_id: int | None = None) -> Attachment:
        return Attachment(
            attachment_id=1,
            guild_id=GuildId(guild_id or self.guild.id),
            room_id=RoomId(self.room.id),
            object=replace(VIDEO, title="*How* to <@1>"),
            rules=AttachmentRules(),
            attached_by=(by or self.ada).id,
            attached_at=SEEN_AT,
        )

    async def tell(self, *paused: Attachment) -> None:
        await self.teller.tell(RoomId(self.room.id), "Grant it Send Messages.", paused)

    async def choose(
        self, *, system: Channel | None = None, moderators: Channel | None = None
    ) -> None:
        """Choose the rooms of the server that may be told."""
        self.chat.guilds.set_system_channel(self.guild.id, None if system is None else system.id)
        self.chat.guilds.set_updates_channel(
            self.guild.id, None if moderators is None else moderators.id
        )
        await self.client.wait_for_count("guild_update", 2)

    def said_in(self, *rooms: Channel) -> list[int]:
        """Return how many messages there are in each of the rooms."""
        return [len(self.chat.messages(room.id)) for room in rooms]

    @property
    def is_silent(self) -> bool:
        """Whether nothing was said anywhere."""
        rooms = (self.room, self.system, self.moderators)
        return not any(self.said_in(*rooms)) and not self.chat.dms(self.ada.id)


@pytest.fixture
async def setting() -> AsyncGenerator[Setting]:
    chat = await Chat.start(QUICK)
    guild = chat.guilds.add_guild("Team")
    names = ("talks", "system", "moderators")
    room, system, moderators = (chat.rooms.add_channel(guild.id, name) for name in names)
    ada = chat.guilds.add_member(guild.id, "ada")
    async with online(chat) as client:
        teller = Teller(
            client,
            open_gate(client),
            request_timeout_s=60.0,
            again_s=3600,
            clock=lambda: made.seconds,
        )
        made = Setting(chat, guild, room, system, moderators, ada, client, teller)
        yield made
    await chat.close()
    judge(chat.posts)


async def test_whoever_attached_is_told_in_private(setting: Setting) -> None:
    await setting.tell(setting.attached())

    (message,) = setting.chat.dms(setting.ada.id)
    assert message.content == (
        "Notices about \\*How\\* to \\<\\@1\\> cannot be posted in "
        f"<#{setting.room.id}>. Grant it Send Messages. "
        "They wait, and are posted once it works again."
    )
    assert setting.chat.posts[-1].request["allowed_mentions"]["parse"] == []


async def test_everybody_concerned_is_told_once_but_not_a_crowd(setting: Setting) -> None:
    more = [setting.chat.guilds.add_member(setting.guild.id, name) for name in "bcd"]
    people = [setting.ada, setting.ada, *more]
    await setting.tell(*map(setting.attached, people))

    told = [setting.chat.dms(person.id) for person in people[1:]]
    assert [len(messages) for messages in told] == [1, 1, 1, 0]
    assert "and 4 more" in told[0][0].content


async def test_where_private_messages_are_closed_the_server_is_told(setting: Setting) -> None:
    await setting.choose(system=setting.system)
    setting.ada.takes_dms = False
    await setting.tell(setting.attached())

    assert setting.said_in(setting.system) == [1]


@pytest.mark.parametrize(
    ("is_private", "bar", "is_agreed_for_all"),
    [
        pytest.param(False, None, None, id="public"),
        pytest.param(True, None, None, id="private"),
        pytest.param(True, Bar.NOT_PUBLIC, False, id="private, agreed to before its room opened"),
    ],
)
async def test_what_is_not_public_is_named_in_private_alone(
    setting: Setting, *, is_private: bool, bar: Bar | None, is_agreed_for_all: bool | None
) -> None:
    await setting.choose(system=setting.system)
    held = replace(setting.attached(), bar=bar, is_agreed_for_all=is_agreed_for_all)
    held = replace(held, object=replace(held.object, title="Secret", is_public=not is_private))
    setting.ada.takes_dms = False
    await setting.tell(held)
    setting.ada.takes_dms, setting.seconds = True, 3601
    await setting.tell(held)

    (said,), (private,) = setting.chat.messages(setting.system.id), setting.chat.dms(setting.ada.id)
    assert ("Secret" in said.content) is not is_private
    assert (f"about {held.object.object_id} cannot" in said.content) is is_private
    assert "Secret" in private.content


async def test_the_moderators_room_is_told_first_and_the_other_where_that_refuses(
    setting: Setting,
) -> None:
    await setting.choose(system=setting.system, moderators=setting.moderators)
    setting.ada.takes_dms = False
    await setting.tell(setting.attached())
    assert setting.said_in(setting.moderators, setting.system) == [1, 0]
    (role,) = setting.chat.guilds.bot_roles(setting.guild.id)
    setting.chat.rooms.set_overwrites(setting.moderators.id, role, deny=["send_messages"])
    setting.seconds = 3601
    await setting.tell(setting.attached())

    assert setting.said_in(setting.moderators, setting.system) == [1, 1]


@pytest.mark.parametrize("is_the_room", [False, True], ids=["none", "the room itself"])
async def test_where_nobody_can_be_told_the_log_says_so(
    setting: Setting, caplog: pytest.LogCaptureFixture, *, is_the_room: bool
) -> None:
    await setting.choose(system=setting.room if is_the_room else None)
    setting.ada.takes_dms = False
    await setting.tell(setting.attached())

    assert setting.is_silent
    assert "nobody could be told" in caplog.text


async def test_a_server_that_is_not_in_the_cache_is_not_told(setting: Setting) -> None:
    setting.ada.takes_dms = False
    await setting.tell(setting.attached(guild_id=404))

    assert setting.is_silent


async def test_a_room_that_pauses_again_soon_is_not_told_about_again(setting: Setting) -> None:
    for setting.seconds in (0, 3599, 3601):
        await setting.tell(setting.attached())

    assert len(setting.chat.dms(setting.ada.id)) == 2


async def test_nobody_concerned_is_nobody_told(setting: Setting) -> None:
    await setting.tell()

    assert setting.is_silent


async def test_of_a_message_that_stays_somebody_is_told_once_with_its_link(
    setting: Setting,
) -> None:
    attached = setting.attached()
    for _ in range(2):
        await setting.teller.tell_of_stuck(attached.room_id, 7, [attached])
    await setting.tell(attached)

    stuck, paused = setting.chat.dms(setting.ada.id)
    assert stuck.content.endswith(
        f"please delete it: https://discord.com/channels/{setting.guild.id}/{setting.room.id}/7"
    )
    assert "cannot be posted" in paused.content


async def test_one_person_of_a_server_is_told_or_its_moderators(setting: Setting) -> None:
    await setting.choose(moderators=setting.moderators)
    ben, cleo = (setting.chat.guilds.add_member(setting.guild.id, name) for name in ("b", "c"))
    teller, guild_id = setting.teller, GuildId(setting.guild.id)
    setting.ada.takes_dms = False

    people = [setting.ada.id, ben.id, cleo.id]
    assert await teller.tell_one(guild_id, people, "It is away.")
    assert await teller.tell_one(guild_id, people[:1], "It is away.")
    assert not await teller.tell_one(GuildId(404), people[:1], "It is away.")

    (private,) = setting.chat.dms(ben.id)
    assert setting.said_in(setting.moderators, setting.system) == [1, 0]
    assert setting.chat.dms(cleo.id) == []
    assert private.content == "In Team: It is away."


async def test_people_are_told_in_the_language_of_their_room(setting: Setting) -> None:
    setting.chat.guilds.set_locale(setting.guild.id, "da")
    await setting.client.wait_for_count("guild_update", 1)
    held = setting.attached()
    lost = "The bot cannot see this room; grant it View Channel there."
    await setting.teller.tell(RoomId(setting.room.id), lost, [held])
    german = replace(held, settings=RoomSettings(language=LanguageAsked.GERMAN))
    await setting.teller.tell_of_stuck(held.room_id, 7, [german])

    paused, stuck = setting.chat.dms(setting.ada.id)
    assert paused.content.endswith(
        "Botten kan ikke se denne kanal; giv den tilladelsen Se kanal der. De venter og slås op, "
        "når det virker igen."
    )
    assert "bitte löschen: https://" in stuck.content
