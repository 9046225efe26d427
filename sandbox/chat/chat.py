"""The stand-in for Discord as one object: its life, its parts, and what can be seen of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from . import permissions
from .address import GATEWAY_PATH, Address
from .calendar import Calendar
from .core import Changes, Core
from .faults import Fault, Faults
from .gateway import Gateway
from .guilds import Guilds
from .interactions import Interactions
from .model import Channel, Guild, User
from .options import ChatOptions, Rules
from .payloads import Shown, shown
from .people import People
from .rest import (
    accounts,
    administration,
    interactions,
    messages,
    rooms,
    scheduled_events,
    threads,
)
from .rest.commands import Commands
from .rooms import Rooms
from .server import RestServer
from .sessions import Sessions
from .views import Views
from .world import World

_T = TypeVar("_T")
_PATIENCE_S = 60.0
_STOP_S = 2.0


class Chat:
    """A Discord on loopback: gateway v10 and REST v10.

    Attributes:
        guilds: where guilds, their members and roles are changed.
        calendar: the scheduled events of guilds, as people change them.
        rooms: where channels and threads are changed, and people write.
        people: who give commands, press buttons and fill in forms.
        rules: what may be switched while it runs.
        gateway: what can be done to the bot's connections.
        faults: what may go wrong with requests.
        files: what the bot and people have sent.
        views: what people's clients are given of all this, as Discord's JSON.
        journal: what happened, whoever may see it.
        posts: the log of requests, oldest first.
        limits: counts of refused and of invalid requests.
    """

    def __init__(self, options: ChatOptions | None = None) -> None:
        self.options = options or ChatOptions()
        self.rules = Rules()
        address = Address()
        world = World(
            self.options.now, self.options.application_name, address, locale=self.options.locale
        )
        core = Core(
            options=self.options,
            rules=self.rules,
            world=world,
            changes=Changes(),
            sessions=Sessions(),
            address=address,
        )
        self._core = core
        self._world = world
        self.gateway = Gateway(core)
        self.guilds = Guilds(core)
        self.calendar = Calendar(core)
        self.rooms = Rooms(core)
        self._commands = Commands(core)
        self._interactions = Interactions(core)
        self._messages = messages.Messages(core)
        self.people = People(core, self._commands, self._interactions)
        self.faults = Faults()
        self.files = world.files
        self.views = Views(core, self._interactions)
        self.journal = core.journal
        self._rest = RestServer(core, self.faults)
        self.posts = self._rest.posts
        self.limits = self._rest.limits
        self._runner: web.AppRunner | None = None

    # Life.

    @classmethod
    async def start(cls, options: ChatOptions | None = None) -> Chat:
        """Listen on loopback.

        Raises:
            OSError: the port is taken.
        """
        chat = cls(options)
        await chat.listen()
        return chat

    async def listen(self) -> None:
        """Listen again after :meth:`close`, with all that there was; the port is to be a fixed one.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(client_max_size=32 * 1024 * 1024)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_S)
        app.router.add_get(GATEWAY_PATH, self.gateway.handle)
        self.files.add_to(app)
        self._rest.add_to(
            app,
            [
                *accounts.routes(self._core),
                *rooms.routes(self._core),
                *scheduled_events.routes(self._core, self.calendar),
                *messages.routes(self._messages),
                *threads.routes(self._core, self._messages),
                *administration.routes(self._core),
                *self._commands.routes(),
                *interactions.routes(self._core, self._interactions),
            ],
        )
        await runner.setup()
        self._runner = runner
        try:
            site = web.TCPSite(runner, "127.0.0.1", self.options.port)
            await site.start()
        except BaseException:
            await self.close()
            raise
        self._core.address.port = runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening; connections are cut and hanging requests let go."""
        self.faults.clear()
        self.gateway.drop()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @property
    def api_url(self) -> str:
        """For ``DISCORD_API_URL``."""
        return self._core.address.api_url

    @property
    def gateway_url(self) -> str:
        """For ``DISCORD_GATEWAY_URL``."""
        return self._core.address.gateway_url

    @property
    def bot(self) -> User:
        """The bot's user, whose ID is the application's, too."""
        return self._world.bot

    @property
    def owner(self) -> User:
        """The owner of the application, and of guilds that name no other."""
        return self._world.owner

    @property
    def token(self) -> str:
        """For ``DISCORD_TOKEN``."""
        return self.options.token

    # What can be seen.

    def messages(self, channel_id: int) -> list[Shown]:
        """Return the messages of a room, oldest first; of a deleted room, none."""
        channel = self._world.channels.get(channel_id)
        return [] if channel is None else [shown(one) for one in channel.messages.values()]

    def dms(self, user_id: int) -> list[Shown]:
        """Return the private messages between the bot and a user."""
        for channel in self._world.channels.values():
            if channel.recipient is not None and channel.recipient.id == user_id:
                return self.messages(channel.id)
        return []

    def file(self, shown: Mapping[str, Any]) -> bytes:
        """Return what is in a file, as a message or an answer shows it."""
        return self.files.data(int(shown["id"]))

    def user(self, user_id: int) -> User:
        """Return a user."""
        return self._world.users[user_id]

    def channel(self, channel_id: int) -> Channel:
        """Return a channel or a thread."""
        return self._world.channels[channel_id]

    def permissions(self, user_id: int, channel_id: int) -> list[str]:
        """Return the names of what a user may do in a channel."""
        return permissions.names(self._world.may(user_id, self._world.channels[channel_id]))

    def guild_ids(self) -> list[int]:
        """Return the IDs of all guilds."""
        return list(self._world.guilds)

    def guild(self, guild_id: int) -> Guild:
        """Return a guild."""
        return self._world.guilds[guild_id]

    def commands(self, guild_id: int | None = None) -> list[dict[str, Any]]:
        """Return the commands registered for all, or those that people in a guild have."""
        return self._commands.offered(guild_id)

    def fault(self, method: str = "*", path: str = ".*", **what: Any) -> Fault:
        """Set a fault and return it; see :class:`Fault` for what it may be."""
        return self.faults.add(Fault(method=method, path=path, **what))

    def limit_globally(self, for_s: float) -> None:
        """Answer every request with a global 429 for so many seconds, from now."""
        self.limits.close(for_s)

    async def wait_for(
        self, predicate: Callable[[], _T | None], *, timeout_s: float = _PATIENCE_S
    ) -> _T:
        """Return what the predicate returns once that is true; it is asked at every change.

        Raises:
            TimeoutError: it did not become true in time.
        """
        return await self._core.changes.wait_for(predicate, timeout_s=timeout_s)

    async def wait_for_message(
        self,
        channel_id: int,
        predicate: Callable[[Shown], bool] = lambda _: True,
        *,
        timeout_s: float = _PATIENCE_S,
    ) -> Shown:
        """Return the first message of a room for which the predicate holds."""
        return await self.wait_for(
            lambda: next(filter(predicate, self.messages(channel_id)), None), timeout_s=timeout_s
        )

    async def wait_until_ready(self, *, timeout_s: float = _PATIENCE_S) -> None:
        """Wait until the bot is connected and identified."""
        await self.wait_for(lambda: self.gateway.is_ready, timeout_s=timeout_s)
