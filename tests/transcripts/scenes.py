"""Every command in every bad state, with the real bot process, as a person meets them."""

from __future__ import annotations

import resource
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.chat import Channel, ChannelType
from sandbox.workspace import Level, WorkspaceFault
from tests.fakes.bot_process import BotProcess
from tests.fakes.stage import Stage
from tests.transcripts.recorder import Recorder

FILM, EVENT = 700_002, 700_003


@asynccontextmanager
async def _page(folder: Path, title: str, about: str) -> AsyncGenerator[Recorder]:
    """Set the stage: a server, a video, and an event that is planned for tomorrow."""
    async with Stage(folder) as stage:
        stage.workspace.state.add_video("Product film")
        stage.workspace.state.add_live("Launch")
        await stage.workspace.changes.schedule(EVENT, time.time() + 86_400)
        page = Recorder(stage, title, about)
        page.name(stage.guild.id, "(the server's ID)")
        yield page


async def attaching(folder: Path) -> str:
    """Return what attaching and its mistakes look like."""
    async with _page(folder, "Attaching", "A workspace and a Discord that work.") as page:
        room = page.room("comments")
        async with page.stage.running():
            page.heading("What works")
            await page.slash(room, "attach", id_=FILM)
            await page.slash(room, "attach", id_=FILM)
            await page.slash(room, "attach", id_=FILM, comments="all", max_age=24)
            await page.slash(room, "attach", id_=EVENT)
            await page.stage.chat.wait_for(lambda: page.stage.chat.messages(room.id))
            page.messages(room)
            await page.slash(room, "list")
            page.heading("Which object")
            await _objects(page, room)
            page.heading("Options that cannot be")
            page.name(f"mention: {page.stage.guild.id}", "mention: @everyone")
            await page.slash(room, "attach", id_=FILM, live="on")
            await page.slash(room, "attach", id_=FILM, comments="none")
            await page.slash(room, "attach", id_=EVENT, comments="none", live="off")
            await page.slash(room, "attach", id_=EVENT, mention=page.stage.guild.id)
            await page.slash(room, "follow", category="999")
            await page.slash(room, "follow", category="no such category")
            page.heading("Which room")
            await _rooms(page)
    return page.text


async def _objects(page: Recorder, room: Channel) -> None:
    state = page.stage.workspace.state
    private = state.add_live("Board meeting", is_private=True)
    draft = state.add_video("Teaser", is_published=False)
    state.add_video("700002 reasons")
    for typed in (f"`id: {FILM}`", "“product FILM”", "0", "999", "nothing like it", 'id:" "'):
        await page.slash(room, "attach", id_=typed)
    for link in (f"https://vimeo.com/{FILM}", f"https://evil.example/x?photo_id={FILM}"):
        await page.press(await page.slash(room, "attach", id_=link), "Cancel")
    await page.slash(room, "attach", id_="https://youtube.com/watch?v=dQw4w9WgXcQ")
    await page.press(await page.slash(room, "attach", id_=private.object_id), "Attach anyway")
    await page.press(await page.slash(room, "attach", id_=draft.object_id), "Cancel")
    await page.press(await page.slash(room, "attach", id_=EVENT, comments="all"), "Attach anyway")
    for typed in ("", "7000", "nothing like it"):
        await page.suggestions(room, "attach", "id", typed)


async def _rooms(page: Recorder) -> None:
    chat, bot = page.stage.chat, page.stage.chat.bot
    closed, hidden, voice = page.room("closed"), page.room("hidden"), page.room("lounge", _VOICE)
    chat.rooms.set_overwrites(closed.id, bot, deny=["send_messages", "embed_links"])
    chat.rooms.set_overwrites(hidden.id, bot, deny=["view_channel"])
    chat.rooms.set_overwrites(voice.id, bot, deny=["connect"])
    for room in (closed, hidden, voice):
        await page.slash(room, "attach", id_=FILM)
    locked = chat.rooms.add_thread(closed.id, "locked", with_bot=True)
    chat.rooms.set_overwrites(closed.id, bot, allow=["send_messages", "embed_links"])
    chat.rooms.archive(locked.id, is_locked=True)
    plans = chat.rooms.add_thread(closed.id, "plans", ChannelType.PRIVATE_THREAD, owner=chat.owner)
    page.name(f"<#{locked.id}>", "#locked")
    page.name(f"<#{plans.id}>", "#plans")
    for thread in (locked, plans):
        await page.slash(thread, "attach", id_=FILM)


_VOICE = ChannelType.VOICE


async def others(folder: Path) -> str:
    """Return what the other commands look like."""
    async with _page(folder, "The other commands", "A workspace and a Discord that work.") as page:
        room, other = page.room("comments"), page.room("film")
        async with page.stage.running():
            page.heading("Where nothing is attached")
            for command in ("list", "status"):
                await page.slash(room, command)
            await page.slash(room, "detach", id_=FILM)
            await page.slash(room, "unfollow", what="1")
            page.heading("Where something is")
            await page.slash(room, "attach", id_=FILM)
            await page.stage.until_status(room, "**Realtime**")
            await page.slash(room, "status")
            await page.slash(room, "status", id_=FILM)
            await page.slash(room, "status", id_=EVENT)
            await page.slash(room, "test", id_=FILM)
            page.messages(room)
            await page.slash(room, "test", id_=f"https://vimeo.com/{FILM}")
            await page.slash(room, "diagnose", id_=FILM, seconds=1)
            page.heading("Follows")
            await page.slash(other, "follow")
            await page.slash(other, "follow", what="videos")
            await page.slash(other, "follow", comments="public")
            await page.slash(room, "list")
            await page.suggestions(room, "unfollow", "what", "")
            await page.slash(room, "unfollow", what="nothing like it")
            await page.slash(room, "unfollow", what="1", attached="detach")
            page.heading("Taking out")
            await page.slash(other, "detach", id_=FILM)
            await page.slash(room, "detach")
            await page.press(await page.slash(room, "detach", room=room.id), "Detach all")
            await page.slash(room, "detach", id_=FILM)
    return page.text


async def trouble(folder: Path) -> str:
    """Return what is said while something is wrong."""
    async with _page(folder, "Trouble", "One attached video; then things go wrong.") as page:
        stage, room = page.stage, page.room("comments")
        async with stage.running() as bot:
            await page.slash(room, "attach", id_=FILM, comments="all")
            await stage.until_status(room, "**Realtime**")
            for words, play in _TROUBLES.items():
                page.heading(words)
                await play(page, room, bot)
    return page.text


async def _workspace_away(page: Recorder, room: Channel, _: BotProcess) -> None:
    page.stage.workspace.is_down = True
    await page.slash(room, "attach", id_=FILM)
    await page.slash(room, "attach", id_="Product film")
    await page.slash(room, "status")
    page.stage.workspace.is_down = False
    await _works_again(page, room)


async def _refused(page: Recorder, room: Channel, _: BotProcess) -> None:
    page.stage.workspace.add_fault(WorkspaceFault(times=None, is_refused=True))
    await page.slash(room, "attach", id_=FILM)
    await page.slash(room, "status")
    page.stage.workspace.clear_faults()
    await _works_again(page, room)


async def _works_again(page: Recorder, room: Channel) -> None:
    # Whoever asks for something finds out first.
    await page.stage.command(room, "attach", id=str(FILM))
    await page.stage.until_status(room, "Last error: none")


async def _realtime_away(page: Recorder, room: Channel, _: BotProcess) -> None:
    await page.stage.sandbox.faye.close()
    await page.stage.until_status(room, "Realtime is not connected")
    await page.slash(room, "status")
    await page.slash(room, "diagnose", id_=FILM, seconds=1)
    await page.stage.sandbox.faye.start()
    await page.stage.until_status(room, "**Realtime**")


async def _disk_full(page: Recorder, room: Channel, bot: BotProcess) -> None:
    _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, most))
    await page.stage.workspace.changes.post_comment(FILM, "Anybody there?")
    await page.slash(room, "attach", id_=FILM, comments="public")
    # What could not store the comment begins anew, realtime included: that comes and goes.
    await page.status_but("onnect", room)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))
    chat = page.stage.chat
    await chat.wait_for(lambda: "Anybody there?" in str(chat.messages(room.id)), timeout_s=90.0)
    await page.stage.until_status(room, "**Realtime**")


async def _room_closed(page: Recorder, room: Channel, _: BotProcess) -> None:
    chat = page.stage.chat
    chat.rooms.set_overwrites(room.id, chat.bot, deny=["send_messages"])
    await page.stage.workspace.changes.post_comment(FILM, "Hello?")
    await page.stage.until_status(room, "Paused")
    await page.slash(room, "status")
    await page.slash(room, "list")


_TROUBLES: dict[str, Callable[[Recorder, Channel, BotProcess], Awaitable[None]]] = {
    "The workspace does not answer": _workspace_away,
    "It refuses the credentials": _refused,
    "Realtime is away": _realtime_away,
    "The disk is full": _disk_full,
    "The bot may not post any more": _room_closed,
}


async def strangers(folder: Path) -> str:
    """Return what a server is told that may not use the workspace."""
    async with _page(
        folder, "Strangers", "A server that `TWENTYTHREE_SERVERS` leaves out."
    ) as page:
        room = page.room("comments")
        async with page.stage.bot(TWENTYTHREE_SERVERS="1"):
            await page.stage.until_ready()
            for command in ("list", "status"):
                await page.slash(room, command)
            await page.slash(room, "attach", id_=FILM)
            await page.suggestions(room, "attach", "id", "Product")
    return page.text


async def host(folder: Path) -> str:
    """Return what the verbs of the host say."""
    async with _page(folder, "The host", "What the terminal shows.") as page:
        stage = page.stage
        page.name(stage.folder, "/srv/bot")
        page.name(stage.chat.bot.id, "(the bot's ID)")

        async def shown(
            call: str, *arguments: str, level: Level | None = Level.READ, **more: str
        ) -> None:
            bot = stage.bot(*arguments, level=level, BOT_LOG_LEVEL="WARNING", **more)
            await page.verb(bot, call)

        await shown("python -m bot --version", "--version")
        await shown("python -m bot check", "check")
        page.note("Without credentials:")
        await shown("python -m bot check", "check", level=None)
        page.note("With wrong variables:")
        await shown("python -m bot", TWENTYTHREE_POLL_SECONDS="soon", TWENTYTHREE_SERVRS="1")
        page.note("With nothing that answers:")
        stage.workspace.is_down = True
        stage.chat.rules.is_token_refused = True
        await shown("python -m bot check", "check")
        await shown("python -m bot")
    return page.text


PAGES: dict[str, Callable[[Path], Awaitable[str]]] = {
    "attaching": attaching,
    "others": others,
    "trouble": trouble,
    "strangers": strangers,
    "host": host,
}
