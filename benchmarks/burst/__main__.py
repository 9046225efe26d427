"""``python -m benchmarks.burst``: a burst of comments into one room, until all of them are there.

The comments are published on the sandbox's realtime service as fast as it takes them. Its Discord
takes 5 messages in 5 seconds in a room and refuses others with 429, as Discord does. The time is
from just before the first is published until the message with the last one is taken.

The physical limit is 6,000 characters in a message, the greatest that Discord takes, times one
message a second. What it is held against are the characters of the dense form as it is rendered:
titles, times and lines with their names, texts and links, as Discord counts them. So the share is
what is lost by waiting, by messages that are not full, and by the first ones, which are not dense.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import discord
from discord.http import Route

from cogs.twentythree.embeds.text import units
from sandbox.chat import Channel
from sandbox.workspace import Thing
from tests.fakes.stage import Stage

from .comments import LONGEST, MEDIAN, SPREAD, comments

_GOAL = 0.85
_PER_S = 1.0
_MAX_CHARS = 6_000
_WINDOW = 5
_PATIENCE_S = 480.0
_LINK = re.compile(r"#comment-(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen at the Discord; ``one_per_s`` is the rate of one comment in a message."""

    count: int
    lengths: tuple[int, ...]
    is_right: bool
    messages: int
    characters: int
    seconds: float
    refused: int
    one_per_s: float
    measured: int

    @property
    def share(self) -> float:
        """Return the share of the physical limit that was used."""
        return self.characters / (_MAX_CHARS * _PER_S) / self.seconds


async def measure(count: int, alone: int, seed: int) -> Outcome:
    """Run the burst, and then ``alone`` comments that have a message each."""
    with tempfile.TemporaryDirectory(prefix="burst-") as folder:
        async with Stage(Path(folder)) as stage:
            video = stage.workspace.state.add_video("Film")
            room, other = stage.room("burst"), stage.room("alone")
            said = comments(count, seed)
            async with stage.bot(BOT_LOG_LEVEL="INFO", TWENTYTHREE_POLL_SECONDS="15"):
                await stage.until_ready()
                await stage.attach(room, video)
                await stage.until_status(room, "Realtime")
                stage.chat.rules.is_rate_limited = True
                refused, since = stage.chat.limits.refused, len(stage.chat.posts)
                began = time.time()
                ids = await _publish(stage, video, said)
                await _until_held(stage, room, ids[-1])
                times = _times(stage, room, since)
                refused = stage.chat.limits.refused - refused
            one_per_s = await _alone(stage, other, said[:alone])
            embeds = [embed for one in stage.chat.messages(room.id) for embed in one.embeds]
            held = [int(id_) for embed in embeds for id_ in _held(embed)]
            texts = [embed.get(part, "") for embed in embeds for part in ("title", "description")]
            return Outcome(
                count=count,
                lengths=tuple(len(text) for _, text in said),
                is_right=held == ids,
                messages=len(times),
                characters=sum(map(units, texts)),
                seconds=times[-1] - began,
                refused=refused,
                one_per_s=one_per_s,
                measured=alone,
            )


def _held(embed: dict[str, str]) -> list[str]:
    """Return the comments of an embed: of lines, one each; else the one it links to."""
    lines = _LINK.findall(embed.get("description", ""))
    return lines or _LINK.findall(embed.get("url", ""))


async def _publish(stage: Stage, video: Thing, said: Sequence[tuple[str, str]]) -> list[int]:
    ids: list[int] = []
    for name, text in said:
        comment = await stage.workspace.changes.post_comment(
            video.object_id, text, author=name, kind="chat"
        )
        ids.append(comment.comment_id)
        # The services are in this process, too: let them work.
        await asyncio.sleep(0)
    return ids


async def _until_held(stage: Stage, room: Channel, comment_id: int) -> None:
    def is_done() -> bool:
        messages = stage.chat.channel(room.id).messages
        last = messages[max(messages)] if messages else None
        return last is not None and str(comment_id) in _LINK.findall(str(last.embeds))

    await stage.chat.wait_for(is_done, timeout_s=_PATIENCE_S)


async def _alone(stage: Stage, room: Channel, said: Sequence[tuple[str, str]]) -> float:
    """Return the messages per second of a plain ``channel.send`` for each comment.

    From the end of the first window to that of the last, so that the burst which a fresh window
    allows is not taken for a rate.
    """
    Route.BASE = stage.chat.api_url
    since = len(stage.chat.posts)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(stage.chat.token)
        place = client.get_partial_messageable(room.id)
        for name, text in said:
            embed = discord.Embed(title="Film", description=text).set_author(name=name)
            await place.send(embed=embed)
    times = _times(stage, room, since)
    return (len(times) - _WINDOW) / (times[-1] - times[_WINDOW - 1])


def _times(stage: Stage, room: Channel, since: int) -> list[float]:
    path = f"/channels/{room.id}/messages"
    posts = list(stage.chat.posts)[since:]
    return [one.at for one in posts if one.path == path and one.status == HTTPStatus.OK]


def _told(found: Outcome, load: float) -> str:
    limit_s = found.characters / (_MAX_CHARS * _PER_S)
    alone_s = found.count / found.one_per_s
    is_met = found.share >= _GOAL and found.is_right and not found.refused
    lengths = sorted(found.lengths)
    return (
        f"- {found.count} comments in one room; load average before {load:.2f}; lengths "
        f"log-normal (median {MEDIAN}, sigma {SPREAD}, at most {LONGEST}), here median "
        f"{statistics.median(lengths):.0f}, nine tenths to {lengths[len(lengths) * 9 // 10]}\n"
        f"- each is there once and in order: {'yes' if found.is_right else 'NO'}\n"
        f"- {found.seconds:.1f} s in {found.messages} messages, {found.refused} refused with 429: "
        f"{found.count / found.seconds:.1f} comments a second\n"
        f"- one comment in a message: {alone_s:.0f} s, computed from {found.measured} that were "
        f"measured ({found.one_per_s:.2f} a second): {alone_s / found.seconds:.0f} times as long\n"
        f"- physical limit: {found.characters} characters as rendered at {_MAX_CHARS} x "
        f"{_PER_S:.0f} a second: {limit_s:.1f} s; share {found.share:.0%}, wanted at least "
        f"{_GOAL:.0%}: {'met' if is_met else 'missed'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.burst")
    parser.add_argument("--comments", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=30, help="measured with a message each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="2,000 comments, under a minute")
    given = parser.parse_args()
    count, alone = (2_000, 15) if given.quick else (given.comments, given.alone)
    load = os.getloadavg()[0]
    print(_told(asyncio.run(measure(count, max(alone, 2 * _WINDOW), given.seed)), load))


if __name__ == "__main__":
    main()
