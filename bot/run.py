"""The verb ``run``: the bot until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Generator

from .app import HostBot, make_bot, prepare
from .identifies import IdentifyBudget
from .settings import HostSettings
from .supervisor import EXIT_FAILED, EXIT_OK, Final, Supervisor
from .web import cannot_listen, serve

_log = logging.getLogger("bot.run")


class _Current:
    """The bot of the running attempt, for the health service."""

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._identifies = IdentifyBudget()
        self.bot: HostBot | None = None

    def make(self) -> HostBot:
        self.bot = make_bot(self._settings, self._identifies)
        return self.bot

    async def problems(self) -> list[str]:
        if self.bot is None:
            return ["The bot is not connected to Discord."]
        return await self.bot.problems()


async def run(settings: HostSettings, stop: asyncio.Event | None = None) -> int:
    """Run the bot until a signal, or ``stop``, ends it; return the exit status."""
    prepare(settings)
    stop = stop or asyncio.Event()
    current = _Current(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(_signals(stop))
        if settings.bot_http_listen:
            try:
                url = await stack.enter_async_context(
                    serve(settings.bot_http_listen, current.problems)
                )
            except OSError as error:
                _log.error("%s", cannot_listen(settings.bot_http_listen, error))
                return EXIT_FAILED
            _log.info("health and metrics on %s", url)
        supervisor = Supervisor(current.make, settings.discord_token.get_secret_value())
        try:
            await supervisor.run(stop)
        except Final as final:
            _log.error("%s", final)
            return final.status
    _log.info("stopped")
    return EXIT_OK


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Generator[None]:
    loop = asyncio.get_running_loop()
    handled = (signal.SIGINT, signal.SIGTERM)
    for number in handled:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
