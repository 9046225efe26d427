"""A board of many open questions while much is done to them, here and on the platform."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import discord
from discord.http import MultipartParameters, Route

from cogs.twentythree.commands.replies import WAITING
from sandbox.chat import Channel, NoReplyError, Reply, Shown
from sandbox.workspace import Level, Live
from tests.fakes.stage import Stage

PER_S = 20
_PATIENCE_S = 120.0
# A board is edited at most once in 3 s: what is not true by then stays so.
_SETTLED_S = 8.0
_FIRST = 10
_BUTTONS = ("promote", "answer", "dismiss")
_EDITS = "PATCH /channels/{channel_id}/messages/{message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen at the Discord.

    Attributes:
        seconds: from the first action to the last answer to one.
        asked_s: over how long they were asked for.
        said: what those who pressed were told, and how often.
        late: presses that were not acknowledged within the three seconds that Discord waits.
        edits: of the board's message.
        least_gap_s: between two of them.
        refused: requests that got 429.
        settled_s: from the last answer until the board was true.
        is_true: whether it still was when nothing more came.
        late_edits: of the board, after it had been true.
    """

    questions: int
    presses: int
    elsewhere: int
    asked_s: float
    seconds: float
    said: Counter[str]
    late: int
    edits: int
    least_gap_s: float
    refused: int
    settled_s: float
    is_true: bool
    late_edits: int


async def measure(questions: int, seconds: int) -> Outcome:
    """Fill a board, and do ``PER_S`` actions a second: three presses of four, one elsewhere."""
    with tempfile.TemporaryDirectory(prefix="board-") as folder:
        async with Stage(Path(folder)) as stage:
            live = stage.workspace.state.add_live("The launch")
            room = stage.room("board")
            asked = [await _ask(stage, live, number) for number in range(questions)]
            bot = stage.bot(level=Level.WRITE, BOT_LOG_LEVEL="INFO", TWENTYTHREE_POLL_SECONDS="15")
            async with bot:
                await stage.until_ready()
                await stage.attach(room, live, actions="on", comments="none")
                await stage.command(room, "questions", id=str(live.object_id))
                # Before there is a board, nothing is listened to.
                await stage.until_status(room, "Realtime")
                return await _Doing(stage, room, live, asked).measure(seconds)


async def _ask(stage: Stage, live: Live, number: int) -> int:
    text = f"Question number {number:04}, which somebody would like to have answered."
    asked = await stage.workspace.changes.post_comment(live.object_id, text, kind="question")
    return asked.comment_id


class _Doing:
    def __init__(self, stage: Stage, room: Channel, live: Live, asked: list[int]) -> None:
        self._stage = stage
        self._chat = stage.chat
        self._room = room
        self._live = live
        self._asked = asked
        self._said: Counter[str] = Counter()
        self._elsewhere = 0
        self._late = 0

    async def measure(self, seconds: int) -> Outcome:
        chat = self._chat
        count = seconds * PER_S
        await chat.wait_for(self._is_true, timeout_s=_PATIENCE_S)
        messages = await self._with_buttons(self._asked[:count])
        chat.rules.is_rate_limited = True
        refused, since, began = chat.limits.refused, len(chat.posts), time.time()
        doing: list[asyncio.Task[None]] = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / PER_S - time.time()))
            doing.append(asyncio.create_task(self._do(number, messages)))
        asked_s = time.time() - began
        await asyncio.gather(*doing)
        ended = time.time()
        await chat.wait_for(self._is_true, timeout_s=_PATIENCE_S)
        settled = time.time()
        await asyncio.sleep(_SETTLED_S)
        at = self._edits(since)
        gaps = [after - before for before, after in pairwise(at)]
        return Outcome(
            questions=len(self._asked),
            presses=count - self._elsewhere,
            elsewhere=self._elsewhere,
            asked_s=asked_s,
            seconds=ended - began,
            said=self._said,
            late=self._late,
            edits=len(at),
            least_gap_s=min(gaps, default=0.0),
            refused=chat.limits.refused - refused,
            settled_s=settled - ended,
            is_true=self._is_true(),
            late_edits=sum(one > settled for one in at),
        )

    async def _do(self, number: int, messages: dict[int, int]) -> None:
        comment_id = self._asked[number]
        if number % 4 == 3:
            self._elsewhere += 1
            await self._stage.workspace.changes.set_status(comment_id, "answered")
            return
        custom_id = f"tt:act:{_BUTTONS[number % 4]}:{comment_id}"
        people, owner = self._chat.people, self._chat.owner
        try:
            reply: Reply = await people.click(
                owner.id, messages[comment_id], custom_id, timeout_s=_PATIENCE_S
            )
        except NoReplyError:
            # Discord tells so whoever pressed, after three seconds.
            self._late += 1
            return
        # What takes long is told to take long first.
        said = await self._chat.wait_for(
            lambda: self._answer(reply.interaction_id), timeout_s=_PATIENCE_S
        )
        self._said[said] += 1

    def _answer(self, interaction_id: int) -> str:
        said = self._chat.people.reply(interaction_id).content
        return "" if said == WAITING else said

    # What the board shows, and what is so.

    def _board(self) -> Shown | None:
        boards = (
            one for one in self._chat.messages(self._room.id) if "tt:next:" in str(one.components)
        )
        return next(boards, None)

    def _is_true(self) -> bool:
        board = self._board()
        if board is None:
            return False
        state = self._stage.workspace.state
        mine = [state.comments[one] for one in self._asked]
        waiting = [one for one in mine if one.status == ""]
        promoted = sum(one.is_promoted for one in waiting)
        answered = sum(one.status == "answered" for one in mine)
        counts = f"{len(waiting)} open · {promoted} promoted · {answered} answered"
        (embed,) = board.embeds
        lines = embed["description"].splitlines()[:_FIRST]
        are_first = all(
            one.text in line and line.removeprefix("- ").startswith("⭐") is one.is_promoted
            for one, line in zip(waiting[:_FIRST], lines, strict=False)
        )
        return embed["title"].endswith(f" · {counts}") and are_first

    def _edits(self, since: int) -> list[float]:
        board = self._board()
        path = f"/channels/{self._room.id}/messages/{0 if board is None else board.id}"
        posts = list(self._chat.posts)[since:]
        return [one.at for one in posts if one.method == "PATCH" and one.path == path]

    async def _with_buttons(self, asked: list[int]) -> dict[int, int]:
        """Post the buttons of a notice for each question; return the messages."""
        Route.BASE = self._chat.api_url
        found: dict[int, int] = {}
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(self._chat.token)
            for number, comment_id in enumerate(asked):
                params = MultipartParameters(
                    payload=_row(number, comment_id), multipart=None, files=None
                )
                sent = await client.http.send_message(self._room.id, params=params)
                found[comment_id] = int(sent["id"])
        return found


def _row(number: int, comment_id: int) -> dict[str, Any]:
    buttons = [
        {"type": 2, "style": 2, "label": one, "custom_id": f"tt:act:{one}:{comment_id}"}
        for one in _BUTTONS
    ]
    return {"content": f"{number}", "components": [{"type": 1, "components": buttons}]}
