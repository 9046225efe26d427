"""Every command in every bad state, with the real bot process, as a person meets them."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.chat import ChannelType
from bot.sandbox.workspace import Level, WorkspaceFault
from tests.fakes.stage import Stage
from tests.transcripts.recorder import Recorder


@asynccontextmanager
async def _page(folder: Path, title: str, about: str) -> AsyncGenerator[Recorder]:
    async with Stage(folder) as stage:
        stage.workspace.state.add_video("Product film")
        yield Recorder(stage, title, about)


async def attaching(folder: Path) -> str:
    """Return what attaching and its mistakes look like."""
    async with _page(folder, "Attaching", "One server, a workspace that works.") as page:
        stage = page.stage
        state, film, stranger = stage.workspace.state, 700_002, "https://vimeo.com/700002"
        event = state.add_live("Launch")
        await stage.workspace.changes.schedule(event.object_id, time.time() + 86_400)
        secret = state.add_live("Board meeting", is_private=True)
        state.add_video("700002 reasons")
        room = page.room("comments")
        async with stage.running():
            page.heading("What works")
            await page.slash(room, "attach", id_=film)
            await page.slash(room, "attach", id_=film)
            await page.slash(room, "attach", id_=film, comments="all")
            await page.slash(room, "attach", id_="`id:` “700002”")
            await page.slash(room, "attach", id_=event.object_id)
            page.messages(room)
            await page.slash(room, "list")
            page.heading("Which object")
            for typed in ("0", "999", "nothing like it", 'id:" "', stranger, "700002 rea"):
                await page.slash(room, "attach", id_=typed)
            await page.slash(room, "attach", id_="https://youtube.com/watch?v=dQw4w9WgXcQ")
            await page.slash(room, "attach", id_=secret.object_id)
            page.heading("Options that cannot be")
            await page.slash(room, "attach", id_=film, live="on")
            await page.slash(room, "attach", id_=film, comments="none", live="off")
            await page.slash(room, "attach", id_=film, mention=stage.guild.id)
            await page.slash(room, "follow", category="999")
            page.heading("Which room")
            await _rooms(page)
    return page.text


async def _rooms(page: Recorder) -> None:
    chat = page.stage.chat
    closed = page.room("closed")
    chat.set_overwrites(closed.id, chat.bot, deny=["send_messages", "embed_links"])
    hidden = page.room("hidden")
    chat.set_overwrites(hidden.id, chat.bot, deny=["view_channel"])
    voice = page.room("lounge", ChannelType.VOICE)
    for room in (closed, hidden, voice):
        await page.slash(room, "attach", id_=700_002)


async def taking_out(folder: Path) -> str:
    """Return what the other commands look like."""
    async with _page(folder, "The other commands", "One server, a workspace that works.") as page:
        room, other = page.room("comments"), page.room("film")
        async with page.stage.running():
            for command in ("list", "status"):
                await page.slash(room, command)
            await page.slash(room, "detach", id_=700_002)
            await page.slash(room, "attach", id_=700_002)
            await page.slash(room, "test", id_=700_002)
            await page.slash(room, "test", id_="https://vimeo.com/700002")
            await page.slash(room, "diagnose", id_=700_002, seconds=1)
            await page.slash(other, "detach", id_=700_002)
            await page.slash(room, "status", id_=700_002)
            await page.slash(room, "follow")
            await page.slash(room, "follow", what="videos")
            await page.slash(room, "list")
            await page.slash(room, "unfollow", what="nothing like it")
            await page.slash(room, "detach", id_=700_002)
    return page.text


async def trouble(folder: Path) -> str:
    """Return what ``/video status`` and the others say while something is wrong."""
    async with _page(folder, "Trouble", "One attached video; then things go wrong.") as page:
        stage = page.stage
        room = page.room("comments")
        async with stage.running():
            await page.slash(room, "attach", id_=700_002, comments="all")
            page.note("The workspace does not answer.")
            stage.workspace.is_down = True
            await stage.until_status(room, "could not be reached")
            await page.slash(room, "status")
            await page.slash(room, "attach", id_=700_002)
            await page.slash(room, "attach", id_="Product film")
            stage.workspace.is_down = False
            page.note("It refuses the credentials.")
            stage.workspace.add_fault(WorkspaceFault(times=None, is_refused=True))
            await stage.until_status(room, "does not accept")
            await page.slash(room, "status")
            await page.slash(room, "attach", id_=700_002)
            stage.workspace.clear_faults()
            page.note("The credentials count for less than before.")
            stage.workspace.add_fault(WorkspaceFault(times=None, level=Level.ANONYMOUS))
            await page.slash(room, "status")
    return page.text


async def host(folder: Path) -> str:
    """Return what the verbs of the host say."""
    async with _page(folder, "The host", "What the terminal shows.") as page:
        stage = page.stage
        page.name(str(stage.folder), "/srv/bot")
        await page.verb(stage.bot("--version", BOT_LOG_LEVEL="WARNING"), "python -m bot --version")
        await page.verb(stage.bot("check", BOT_LOG_LEVEL="WARNING"), "python -m bot check")
        bad = stage.bot(TWENTYTHREE_POLL_SECONDS="soon", BOT_LOG_LEVEL="loud")
        await page.verb(bad, "python -m bot")
    return page.text


PAGES: dict[str, Callable[[Path], Awaitable[str]]] = {
    "attaching": attaching,
    "commands": taking_out,
    "trouble": trouble,
    "host": host,
}
