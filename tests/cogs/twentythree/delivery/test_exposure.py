"""Rooms that everybody sees by now: private questions wait there, through the real discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cogs.twentythree.domain.barring import Bar
from cogs.twentythree.domain.model import (
    Attachment,
    AttachmentRules,
    CommentKind,
    CommentPolicy,
    GuildId,
    LiveObservation,
    Quote,
    RoomId,
    Source,
)
from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Baseline, NewAttachment
from cogs.twentythree.storage.tables import attachments
from sandbox.chat import Channel, ChannelType, Chat, Guild
from tests.fakes.boards import make_board
from tests.fakes.discord_client import Client, online
from tests.fakes.discord_contract import judge
from tests.fakes.discord_rest_client import QUICK
from tests.fakes.notices import VIDEO, WEBINAR, comment_notice
from tests.fakes.rooms import World, idle
from tests.fakes.said import said


@dataclass
class Town:
    """A server with a room of the staff."""

    world: World
    chat: Chat
    guild: Guild
    client: Client
    staff: Channel

    async def attach(
        self, room: Channel, *, is_agreed: bool | None = False, **values: object
    ) -> None:
        """Attach the webinar, with all comments unless told otherwise."""
        rules = AttachmentRules(**{"comments": CommentPolicy.ALL, **values})  # type: ignore[arg-type]
        new = NewAttachment(
            guild_id=GuildId(self.guild.id),
            room_id=RoomId(room.id),
            object=WEBINAR,
            rules=rules,
            attached_by=self.chat.owner.id,
            is_exposure_agreed=is_agreed,
        )
        live = LiveObservation(object_id=WEBINAR.object_id, is_broadcasting=False)
        await self.world.store.attachments.attach(new, Baseline(live=live), now=self.world.now)

    async def attach_private(self, room: Channel, *, is_for_all: bool = False) -> None:
        """Attach the webinar, planned and private; somebody agrees to show it."""
        soon = self.world.now + timedelta(days=2)
        new = NewAttachment(
            guild_id=GuildId(self.guild.id),
            room_id=RoomId(room.id),
            object=replace(WEBINAR, is_public=False),
            rules=AttachmentRules(),
            attached_by=self.chat.owner.id,
            is_agreed=True,
            is_agreed_for_all=is_for_all,
        )
        live = LiveObservation(
            object_id=WEBINAR.object_id, is_broadcasting=False, scheduled_at=soon, is_public=False
        )
        await self.world.store.attachments.attach(new, Baseline(live=live), now=self.world.now)

    async def ask(self, number: int) -> frozenset[RoomId]:
        """Have a viewer ask the hosts something in private."""
        notice = comment_notice(number, kind=CommentKind.QUESTION, is_promoted=False)
        asked = replace(notice.comment, object_id=WEBINAR.object_id)
        done = await self.world.store.memory.ingest(
            WEBINAR.object_id, [asked], source=Source.REALTIME, now=self.world.now
        )
        return done.rooms

    async def held(self, room: Channel | None = None) -> Attachment:
        place = RoomId((room or self.staff).id)
        (found,) = await self.world.store.attachments.find(room_id=place)
        return found

    async def open(self, *names: str, room: Channel | None = None) -> None:
        """Let everybody see a room; the client is told of it."""
        room, everyone = room or self.staff, self.guild.everyone
        count = self.client.happened.count("guild_channel_update") + 1
        self.chat.rooms.set_overwrites(room.id, everyone, allow=names or ["view_channel"])
        await self.client.wait_for_count("guild_channel_update", count)

    async def close(self) -> None:
        count = self.client.happened.count("guild_channel_update") + 1
        self.chat.rooms.set_overwrites(self.staff.id, self.guild.everyone, deny=["view_channel"])
        await self.client.wait_for_count("guild_channel_update", count)

    def shown(self, room: Channel | None = None) -> int:
        """Count the comments that a room shows."""
        posted = self.chat.messages((room or self.staff).id)
        return sum("Comment" in said(embed) for one in posted for embed in one.embeds)

    def told(self) -> list[str]:
        return [one.content for one in self.chat.dms(self.chat.owner.id)]


@pytest.fixture
async def town(world: World) -> AsyncGenerator[Town]:
    chat = await Chat.start(QUICK)
    chat.rules.is_rate_limited = False
    guild = chat.guilds.add_guild("Town")
    staff = chat.rooms.add_channel(guild.id, "staff")
    chat.rooms.set_overwrites(staff.id, guild.everyone, deny=["view_channel"])
    chat.rooms.set_overwrites(staff.id, chat.bot, allow=["view_channel"])
    world.now, world.guild_id = datetime.now(UTC), GuildId(guild.id)
    async with online(chat) as client:
        world.client = client
        yield Town(world, chat, guild, client, staff)
    await chat.close()
    judge(chat.posts)


async def test_a_question_that_comes_before_anybody_has_told_of_it_waits(
    town: Town, world: World
) -> None:
    await town.attach(town.staff)
    async with world.running() as rooms:
        await town.open()
        for number in (1, 2):
            rooms.wake(await town.ask(number))
            await idle(rooms)

        assert town.shown() == 0
        assert (await town.held()).bar is Bar.EXPOSED
        assert ["everybody in this server sees the room" in one for one in town.told()] == [True]

        await town.close()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(lambda: town.shown() == 2)


async def test_what_somebody_agreed_to_is_posted(town: Town, world: World) -> None:
    await town.attach(town.staff, is_agreed=True)
    async with world.running() as rooms:
        await town.open()
        rooms.recheck(town.guild.id)
        rooms.wake(await town.ask(1))
        await town.chat.wait_for(lambda: town.shown() == 1)
    assert town.told() == []


@pytest.mark.parametrize("how", ["agrees", "promoted"])
async def test_attaching_again_lets_it_go_on(town: Town, world: World, how: str) -> None:
    await town.attach(town.staff)
    async with world.running() as rooms:
        await town.open()
        rooms.wake(await town.ask(1))
        await idle(rooms)
        assert (await town.held()).bar is Bar.EXPOSED

        if how == "agrees":
            await town.attach(town.staff, is_agreed=True)
        else:
            await town.attach(town.staff, comments=CommentPolicy.PROMOTED)
        rooms.wake([RoomId(town.staff.id)])
        await idle(rooms)

        assert (await town.held()).bar is None
        assert town.shown() == (how == "agrees")


async def test_the_role_of_everybody_may_come_to_see_it(town: Town, world: World) -> None:
    town.chat.guilds.set_role(town.guild.id, town.guild.everyone.id, granted=["send_messages"])
    await town.client.wait_for_count("guild_role_update", 1)
    room = town.chat.rooms.add_channel(town.guild.id, "plain")
    await town.client.wait_for_count("guild_channel_create", 1)
    await town.attach(room)
    async with world.running() as rooms:
        rooms.wake(await town.ask(1))
        await town.chat.wait_for(lambda: town.shown(room) == 1)

        granted = ["view_channel", "send_messages"]
        town.chat.guilds.set_role(town.guild.id, town.guild.everyone.id, granted=granted)
        await town.client.wait_for_count("guild_role_update", 2)
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(town.told)
        rooms.wake(await town.ask(2))
        await idle(rooms)

    assert town.shown(room) == 1


@pytest.mark.parametrize("is_private", [False, True])
async def test_a_thread_is_seen_by_who_sees_its_channel_unless_it_is_private(
    town: Town, world: World, *, is_private: bool
) -> None:
    kind = ChannelType.PRIVATE_THREAD if is_private else None
    thread = town.chat.rooms.add_thread(town.staff.id, "talk", kind, with_bot=True)
    await town.client.wait_for_count("thread_create", 1)
    await town.attach(thread)
    async with world.running() as rooms:
        await town.open()
        rooms.wake(await town.ask(1))
        await idle(rooms)

    assert (town.shown(thread) == 1) is is_private


async def test_of_videos_nothing_is_private(town: Town, world: World) -> None:
    await world.attach(RoomId(town.staff.id), is_exposure_agreed=False)
    async with world.running() as rooms:
        await town.open()
        rooms.wake(await world.say(1))
        await town.chat.wait_for(lambda: town.shown() == 1)
    assert VIDEO.object_id == (await town.held()).object.object_id


async def test_what_an_earlier_version_asked_about_and_did_not_note_is_taken_as_it_is(
    town: Town, world: World
) -> None:
    other = town.chat.rooms.add_channel(town.guild.id, "open")
    await town.client.wait_for_count("guild_channel_create", 1)
    for room in (town.staff, other):
        await town.attach(room)
    await world.store._database.write(
        lambda connection: connection.execute(update(attachments).values(is_exposure_agreed=None))
    )
    async with world.running() as rooms:
        await idle(rooms)
        rooms.wake(await town.ask(1))
        await town.chat.wait_for(lambda: town.shown() == town.shown(other) == 1)
        async with asyncio.timeout(60):
            while (await town.held()).is_exposure_agreed is None:
                await idle(rooms)
        await town.open()
        rooms.wake(await town.ask(2))
        await town.chat.wait_for(lambda: town.shown(other) == 2)
        await idle(rooms)

    assert town.shown() == 1


async def test_a_board_of_the_questions_hides_them(town: Town, world: World) -> None:
    await town.attach(town.staff, comments=CommentPolicy.PROMOTED)
    async with world.running() as rooms:
        await make_board(world.store, RoomId(town.staff.id), WEBINAR.object_id, world.now)
        rooms.wake([RoomId(town.staff.id)])
        await town.chat.wait_for(lambda: town.chat.messages(town.staff.id))
        before = str(town.chat.messages(town.staff.id)[0].embeds)

        await town.open()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(town.told)
        await town.chat.wait_for(lambda: str(town.chat.messages(town.staff.id)[0].embeds) != before)

    assert (await town.held()).bar is Bar.EXPOSED


async def test_a_server_is_looked_at_again_where_the_database_was_away(
    town: Town, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exposures = world.store.exposures
    asked, look = 0, exposures.doubtful

    async def doubtful(**which: Any) -> list[Attachment]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StorageError("The database is away.")
        return await look(**which)

    await town.attach(town.staff, comments=CommentPolicy.PROMOTED)
    async with world.running() as rooms:
        await idle(rooms)
        await make_board(world.store, RoomId(town.staff.id), WEBINAR.object_id, world.now)
        monkeypatch.setattr(exposures, "doubtful", doubtful)
        await town.open()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(town.told)

    assert (await town.held()).bar is Bar.EXPOSED


async def test_a_board_that_was_dropped_before_its_post_was_answered_holds_up_nothing(
    town: Town, world: World
) -> None:
    room, store = RoomId(town.staff.id), world.store
    await town.attach(town.staff)
    await make_board(store, room, WEBINAR.object_id, world.now)
    unanswered = town.chat.fault("POST", f"/channels/{room}/messages", hangs=True, when="after")
    async with world.running():
        await unanswered.reached.wait()
    unanswered.release()
    await town.open()
    async with world.running() as rooms:
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(town.told)
        await store.boards.drop(room, WEBINAR.object_id)
        rooms.wake([room])
        await town.chat.wait_for(lambda: not town.chat.messages(room))
        await idle(rooms)


async def test_an_answer_that_staff_promoted_quotes_no_private_question(
    town: Town, world: World
) -> None:
    await town.attach(town.staff)
    question = comment_notice(1, kind=CommentKind.QUESTION, is_promoted=False).comment
    quoted = Quote(comment_id=question.comment_id, author=question.author, text=question.text)
    answer = comment_notice(2, is_promoted=True).comment
    answer = replace(answer, object_id=WEBINAR.object_id, answers=quoted)
    async with world.running() as rooms:
        rooms.wake(await town.ask(1))
        await town.chat.wait_for(lambda: town.shown() == 1)
        # Nobody has told of it yet.
        await town.open()
        done = await world.store.memory.ingest(
            WEBINAR.object_id, [answer], source=Source.RECONCILE, now=world.now
        )
        rooms.wake(done.rooms)
        await idle(rooms)

    assert town.shown() == 1
    assert (await town.held()).bar is Bar.EXPOSED


async def test_a_board_is_not_edited_before_it_was_looked_at_who_sees_its_room(
    town: Town, world: World
) -> None:
    room = RoomId(town.staff.id)
    await town.attach(town.staff, comments=CommentPolicy.PROMOTED)
    async with world.running() as rooms:
        await make_board(world.store, room, WEBINAR.object_id, world.now)
        rooms.wake([room])
        await town.chat.wait_for(lambda: town.chat.messages(room))
        await idle(rooms)
        # Nobody has told of it yet.
        await town.open()
        edits = await town.ask(1)
        rooms.wake(edits, (), edits)
        await idle(rooms)

        assert "Comment 1" not in str(town.chat.messages(room)[0].embeds)
        assert (await town.held()).bar is Bar.EXPOSED


async def test_a_server_that_cannot_be_looked_at_holds_up_no_other(
    town: Town, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exposures: Any = world.store.exposures
    doubtful, tried = exposures.doubtful, asyncio.Event()

    async def fails(*, guild_id: int | None = None, **which: object) -> Any:
        if guild_id == 1:
            tried.set()
            raise ZeroDivisionError
        return await doubtful(guild_id=guild_id, **which)

    monkeypatch.setattr(exposures, "doubtful", fails)
    await town.attach(town.staff)
    async with world.running() as rooms:
        rooms.recheck(1)
        await tried.wait()
        await town.open()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(lambda: len(town.told()) == 1)

        assert (await town.held()).bar is Bar.EXPOSED


# What is not public, and somebody agreed to show.


async def test_a_private_event_is_not_shown_where_the_room_opened_since_somebody_agreed(
    town: Town, world: World
) -> None:
    await town.attach_private(town.staff)
    # Nobody has told of it yet.
    await town.open()
    async with world.running() as rooms:
        rooms.wake([RoomId(town.staff.id)])
        await town.chat.wait_for(town.told)
        await idle(rooms)
        assert town.chat.messages(town.staff.id) == []
        held = await town.held()
        assert (held.bar, held.is_agreed) == (Bar.NOT_PUBLIC, False)

        await town.close()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(lambda: town.chat.messages(town.staff.id))
        await idle(rooms)

    assert (await town.held()).bar is None
    assert len(town.told()) == 1


async def test_its_card_tells_nothing_more_once_the_room_opened(town: Town, world: World) -> None:
    await town.attach_private(town.staff)
    async with world.running() as rooms:
        rooms.wake([RoomId(town.staff.id)])
        await town.chat.wait_for(lambda: town.chat.messages(town.staff.id))
        await idle(rooms)
        before = town.chat.messages(town.staff.id)[0].embeds

        await town.open()
        rooms.recheck(town.guild.id)
        await town.chat.wait_for(town.told)
        on_air = LiveObservation(object_id=WEBINAR.object_id, is_broadcasting=True, is_public=False)
        done = await world.store.broadcasts.ingest(on_air, now=world.now)
        rooms.wake(done.rooms)
        await idle(rooms)

        (shown,) = town.chat.messages(town.staff.id)
        assert shown.embeds == before


async def test_a_card_of_an_attachment_that_is_gone_holds_up_nothing(
    town: Town, world: World
) -> None:
    room = RoomId(town.staff.id)
    await town.attach_private(town.staff)
    unanswered = town.chat.fault("POST", f"/channels/{room}/messages", hangs=True, when="after")
    async with world.running():
        await unanswered.reached.wait()
    unanswered.release()
    await world.store.attachments.detach(room, WEBINAR.object_id)
    await town.attach_private(town.staff)
    await town.open()
    async with world.running() as rooms:
        rooms.wake([room])
        await town.chat.wait_for(lambda: not town.chat.messages(room))
        await idle(rooms)


@pytest.mark.parametrize("is_for_all", [False, True])
async def test_who_agrees_again_where_everybody_sees_the_room_has_it_shown(
    town: Town, world: World, *, is_for_all: bool
) -> None:
    await town.open()
    await town.attach_private(town.staff, is_for_all=is_for_all)
    async with world.running() as rooms:
        rooms.wake([RoomId(town.staff.id)])
        await idle(rooms)
        assert bool(town.chat.messages(town.staff.id)) is is_for_all

        await town.attach_private(town.staff, is_for_all=True)
        rooms.wake([RoomId(town.staff.id)])
        await town.chat.wait_for(lambda: town.chat.messages(town.staff.id))
        await idle(rooms)

    assert (await town.held()).bar is None
