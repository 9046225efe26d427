"""A scripted live event: what viewers and staff do, and what must be there at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .chat import Channel, NoReplyError, NotOfferedError, Reply, Shown
from .comparing import (
    Comparison,
    Handled,
    is_board,
    is_report,
    sheet_of,
    shows_alone,
    text_of,
)
from .persons import Person, button, choice
from .scenery import Stage
from .workspace import Comment

BURST = 200
# How long a bot is to take a broadcast that comes back for the same one: what is said of its end
# waits for it.
SAME_BROADCAST_S = 1.0
_HOUR_S = 3_600.0
# How long the last of the burst may take in a room that lets a message through each second.
PATIENCE_S = 120.0

_VIEWERS = ("Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Fatima", "@everyone", "**Gustav**")
_ANSWER = "From Monday on, in every shop."
_SPAM = "Buy followers, only today"


class Scenario:
    """Plays on a stage and compares at the end.

    Args:
        burst: how many viewers write within a second.
        patience_s: how long the bot may take for anything.
    """

    def __init__(self, stage: Stage, *, burst: int = BURST, patience_s: float = PATIENCE_S) -> None:
        self._stage = stage
        self._changes = stage.sandbox.workspace.changes
        self._chat = stage.sandbox.chat
        self._burst = burst
        self._patience_s = patience_s
        self._comparison = Comparison(stage)
        self._ann, self._mia, self._sam = (
            Person(one, stage, patience_s) for one in (stage.admin, stage.mia, stage.sam)
        )

    async def play(self) -> bool:
        """Play to the end; return whether all is there that must be, and nothing else."""
        handled = None
        try:
            await self._ready()
            await self._attach()
            await self._film()
            await self._webinar()
            asked = await self._questions()
            await self._promote(asked)
            await self._answer(asked)
            spam = await self._storm()
            await self._delete(spam)
            await self._report()
            handled = Handled(answered={asked.comment_id: _ANSWER}, deleted=1)
        except (TimeoutError, NoReplyError, NotOfferedError) as error:
            reason = str(error) or "what a room was waited for to show did not come in time"
            self._stage.say(f"  The scenario ends early: {reason}.")
        self._head("What the workspace published and what the rooms hold")
        return self._comparison.tell(handled) and handled is not None

    async def _ready(self) -> None:
        """Wait until the bot is there and has its commands registered."""
        await self._chat.wait_until_ready(timeout_s=self._patience_s)
        guild_id = self._stage.film_room.guild_id
        await self._chat.wait_for(lambda: self._chat.commands(guild_id), timeout_s=self._patience_s)

    async def _attach(self) -> None:
        self._head("Ann sets up: a film, live events by themselves, and a room for moderators")
        stage, ann = self._stage, self._ann
        film, webinar = str(stage.film.object_id), str(stage.webinar.object_id)
        await ann.command(stage.film_room, "attach", id=film, comments="public")
        await ann.command(stage.webinar_room, "follow", mention=stage.crew.id)
        await ann.command(
            stage.staff_room, "attach", id=webinar, comments="all", live="off", actions="on"
        )
        await ann.command(stage.staff_room, "moderators", role=stage.crew.id)
        await ann.command(stage.staff_room, "questions", id=webinar)
        await self._shown(stage.staff_room, is_board)

    async def _film(self) -> None:
        self._head("Viewers comment on the film; on the platform, one is promoted, one deleted")
        film, room = self._stage.film.object_id, self._stage.film_room
        await self._post(film, "What a **great** film, [click me](https://evil.example) @everyone")
        second = await self._post(film, "Which camera is that at 0:50?", position_s=50.4)
        spam = await self._post(film, "Cheap watches, only today")
        await self._until_all_there()
        await self._changes.promote(second.comment_id)
        await self._changes.delete_comment(spam.comment_id)
        await self._shown(room, lambda one: "· promoted" in text_of(one))
        await self._until_gone(room, spam.comment_id)

    async def _webinar(self) -> None:
        self._head("The webinar is planned, and goes live")
        webinar, room = self._stage.webinar.object_id, self._stage.webinar_room
        start = self._stage.sandbox.workspace.options.now() + _HOUR_S
        await self._changes.schedule(webinar, start)
        await self._shown(room, lambda one: "Soon" in text_of(one))
        self._changes.set_viewers(webinar, 42)
        await self._changes.go_live(webinar)
        await self._shown(room, lambda one: bool(one.pinged_roles))

    async def _questions(self) -> Comment:
        self._head("Viewers chat and ask; what they ask, only moderators see")
        webinar = self._stage.webinar.object_id
        await self._post(webinar, "Hello from Aarhus!", kind="chat")
        await self._until_all_there()
        asked = await self._post(webinar, "When does it ship?", kind="question")
        # One after the other: what comes at once may share a message, and has no buttons then.
        await self._notice(asked)
        await self._post(webinar, "Is my salary in the slides?", kind="question")
        await self._until_all_there()
        await self._board("2 open")
        return asked

    async def _promote(self, asked: Comment) -> None:
        self._head("Mia takes the oldest question; Sam is as quick as she is to promote it")
        board = await self._board("2 open")
        taken = await self._mia.press(board, "Next question")
        await self._shown(
            self._stage.staff_room, lambda one: is_board(one) and "taken by" in text_of(one)
        )
        notice = await self._notice(asked)
        await asyncio.gather(self._mia.press(taken, "Promote"), self._sam.press(notice, "Promote"))
        await self._shown_in_both(asked, "promoted by")

    async def _answer(self, asked: Comment) -> None:
        self._head("Mia replies to everybody who watches, and marks the question as answered")
        opened = await self._mia.press(await self._notice(asked), "Reply")
        preview = await self._mia.fill(opened, _ANSWER)
        await self._mia.press(preview, "Send")
        await self._shown_in_both(asked, _ANSWER)
        await self._mia.press(await self._notice(asked), "Answered")
        await self._shown_in_both(asked, "answered by")
        await self._board("1 answered")

    async def _storm(self) -> Comment:
        self._head(f"{self._burst} viewers write within a second, one of them spam")
        webinar = self._stage.webinar.object_id
        texts = [f"Bravo! ({number + 1})" for number in range(self._burst)]
        texts[self._burst // 2] = _SPAM
        posted = []
        for text in texts:
            posted.append(await self._post(webinar, text, kind="chat"))
            await asyncio.sleep(0.9 / self._burst)
        await self._until_all_there()
        return posted[self._burst // 2]

    async def _delete(self, spam: Comment) -> None:
        self._head("Sam finds the spam, and deletes it")
        found = await self._shown(self._stage.staff_room, lambda one: _SPAM in text_of(one))
        on: Shown | Reply = found
        if choice(found, _SPAM) is not None:
            on = await self._sam.choose(found, _SPAM)
        rest = await self._sam.press(on, "⋯")
        question = await self._sam.press(rest, "Delete")
        await self._sam.press(question, "Delete")
        await self._until_gone(self._stage.staff_room, spam.comment_id)

    async def _report(self) -> None:
        self._head("The webinar ends; what nobody answered is in the moderators' report")
        webinar, stage = self._stage.webinar.object_id, self._stage
        await self._changes.end_broadcast(webinar, keeps_signal=True)
        await self._shown(stage.webinar_room, lambda one: "Ended" in text_of(one))
        # Until then it might come back; the encoder is stopped somewhat later.
        await asyncio.sleep(SAME_BROADCAST_S + 0.5)
        await self._changes.end_signal(webinar)
        report = await self._shown(
            stage.staff_room, lambda one: is_report(one) and sheet_of(one) is not None
        )
        self._stage.print_unseen()
        for line in self._comparison.table(report).splitlines():
            self._stage.say(f"      {line}")

    async def _post(self, object_id: int, text: str, **values: object) -> Comment:
        author = _VIEWERS[len(self._changes.state.comments) % len(_VIEWERS)]
        return await self._changes.post_comment(object_id, text, author=author, **values)  # type: ignore[arg-type]

    async def _until_all_there(self) -> None:
        """Wait until no room lacks a comment."""
        await self._chat.wait_for(self._comparison.is_all_there, timeout_s=self._patience_s)

    async def _until_gone(self, room: Channel, comment_id: int) -> None:
        """Wait until a room shows a comment no more."""
        await self._chat.wait_for(
            lambda: not self._comparison.holds(room, comment_id), timeout_s=self._patience_s
        )

    async def _shown(self, room: Channel, is_it: Callable[[Shown], bool]) -> Shown:
        return await self._chat.wait_for_message(room.id, is_it, timeout_s=self._patience_s)

    async def _board(self, counts: str) -> Shown:
        """Wait until the board's title has these counts."""
        return await self._shown(
            self._stage.staff_room,
            lambda one: is_board(one) and counts in str(one.embeds[0].get("title", "")),
        )

    async def _notice(self, comment: Comment) -> Shown:
        """Wait until the moderators have buttons for a comment."""
        return await self._shown(
            self._stage.staff_room,
            lambda one: shows_alone(one, comment.comment_id) and button(one, "Reply") is not None,
        )

    async def _shown_in_both(self, comment: Comment, text: str) -> None:
        """Wait until the moderators and the viewers' room see what was done."""
        for room in (self._stage.staff_room, self._stage.webinar_room):
            await self._shown(
                room, lambda one: shows_alone(one, comment.comment_id) and text in text_of(one)
            )

    def _head(self, text: str) -> None:
        # What the rooms got before this act belongs above it.
        self._stage.print_unseen()
        self._stage.say(f"\n== {text}")
