"""``python -m benchmarks.rooms``: how much of Discord's global limit many busy rooms use.

One video is attached to all rooms; its comments are published at once, so that every room has
all of them to post. The sandbox's Discord allows 50 requests a second, in windows of a second,
and its usual limits for each room; requests above them are refused with 429. The share is the
posts per second, from the first to the last, of these 50. The same is done on SQLite and on a
PostgreSQL of its own, one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from cogs.twentythree.domain.model import (
    AttachmentRules,
    CommentPolicy,
    GuildId,
    ObjectId,
    ObjectInfo,
    ObjectKind,
    RoomId,
)
from cogs.twentythree.storage import Baseline, NewAttachment, Store
from sandbox.chat import Channel, Chat
from sandbox.workspace import Thing
from tests.fakes.stage import Stage

from ..postgres import postgres

_LIMIT_PER_S = 50
_GOAL = 0.9
# Discord allows a server no more channels than 500.
_ROOMS_PER_GUILD = 250
_PATIENCE_S = 480.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen at the Discord: ``posts`` taken, ``refused`` ones, and the comments held."""

    posts: int
    seconds: float
    refused: int
    held: int
    doubled: int

    @property
    def share(self) -> float:
        """Return the share of the limit that was used."""
        return (self.posts - 1) / self.seconds / _LIMIT_PER_S


@contextmanager
def _database(kind: str) -> Generator[str]:
    """Yield the address of an empty database of this kind."""
    if kind == "PostgreSQL":
        with postgres() as address:
            yield address
        return
    with tempfile.TemporaryDirectory(prefix="rooms-") as folder:
        yield f"sqlite+aiosqlite:///{folder}/bot.db"


async def measure(rooms: int, comments: int, database: str) -> Outcome:
    """Run once; ``database``: the address of an empty one."""
    with tempfile.TemporaryDirectory(prefix="rooms-") as folder:
        async with Stage(Path(folder)) as stage:
            video = stage.workspace.state.add_video("Film")
            places = _rooms(stage.chat, rooms)
            await _attach(database, video, places)
            chat = stage.chat
            async with stage.bot(
                BOT_LOG_LEVEL="INFO",
                TWENTYTHREE_POLL_SECONDS="15",
                TWENTYTHREE_DATABASE_URL=database,
            ) as bot:
                await chat.wait_until_ready(timeout_s=60)
                await bot.logged("realtime works")
                await asyncio.sleep(1)
                chat.rules.is_rate_limited = True
                refused, since = chat.limits.refused, len(chat.posts)
                texts = [f"Number {number} from a viewer." for number in range(comments)]
                for text in texts:
                    await stage.workspace.changes.post_comment(video.object_id, text)
                await _until_held(chat, places, comments)
                times = [
                    one.at
                    for one in list(chat.posts)[since:]
                    if one.path.endswith("/messages") and one.status == HTTPStatus.OK
                ]
                shown = [_shown(chat, room, texts) for room in places]
            return Outcome(
                posts=len(times),
                seconds=times[-1] - times[0],
                refused=chat.limits.refused - refused,
                held=sum(min(1, count) for room in shown for count in room),
                doubled=sum(max(0, count - 1) for room in shown for count in room),
            )


def _rooms(chat: Chat, count: int) -> list[Channel]:
    guilds = [chat.guilds.add_guild("Team") for _ in range(0, count, _ROOMS_PER_GUILD)]
    return [
        chat.rooms.add_channel(guilds[number // _ROOMS_PER_GUILD].id, f"room-{number}")
        for number in range(count)
    ]


async def _attach(database: str, video: Thing, rooms: Sequence[Channel]) -> None:
    """Put the attachments into the bot's database, as a thousand commands would."""
    info = ObjectInfo(
        object_id=ObjectId(video.object_id),
        kind=ObjectKind.VIDEO,
        title=video.title,
        url="https://video.example.com/film",
    )
    store = await Store.open(database)
    for room in rooms:
        new = NewAttachment(
            guild_id=GuildId(room.guild_id or 0),
            room_id=RoomId(room.id),
            object=info,
            rules=AttachmentRules(comments=CommentPolicy.ALL),
            attached_by=1,
        )
        await store.attachments.attach(new, Baseline(), backfill=(), now=datetime.now(UTC))
    await store.close()


async def _until_held(chat: Chat, rooms: Sequence[Channel], comments: int) -> None:
    last = f"Number {comments - 1} from"
    open_rooms = set(range(len(rooms)))

    def is_done() -> bool:
        # Only rooms that are not done are looked at: this is asked at every change.
        for index in tuple(open_rooms):
            messages = chat.messages(rooms[index].id)
            if not messages or last not in str(messages[-1].embeds):
                return False
            open_rooms.discard(index)
        return True

    await chat.wait_for(is_done, timeout_s=_PATIENCE_S)


def _shown(chat: Chat, room: Channel, texts: Sequence[str]) -> list[int]:
    shown = str([message.embeds for message in chat.messages(room.id)])
    return [shown.count(text) for text in texts]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rooms")
    parser.add_argument("--rooms", type=int, default=1_000)
    parser.add_argument("--comments", type=int, default=10, help="in each room")
    parser.add_argument("--quick", action="store_true", help="200 rooms")
    kinds = ("SQLite", "PostgreSQL")
    parser.add_argument("--databases", nargs="+", choices=kinds, default=kinds)
    given = parser.parse_args()
    rooms = 200 if given.quick else given.rooms
    for kind in given.databases:
        load = os.getloadavg()[0]
        with _database(kind) as address:
            found = asyncio.run(measure(rooms, given.comments, address))
        print(f"{kind}; load average before {load:.2f}")
        _tell(found, rooms, given.comments)


def _tell(found: Outcome, rooms: int, comments: int) -> None:
    is_met = found.share >= _GOAL and not found.refused
    print(
        f"- {rooms} rooms, {comments} comments each\n"
        f"- {found.held} of {rooms * comments} comments are there, {found.doubled} of them twice\n"
        f"- {found.posts} posts in {found.seconds:.1f} s: {found.share:.0%} of {_LIMIT_PER_S} "
        f"requests a second, {found.refused} refused with 429\n"
        f"- wanted at least {_GOAL:.0%} and no 429: {'met' if is_met else 'missed'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
