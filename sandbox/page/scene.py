"""What a page shows when it is opened: a server with rooms and persons, and objects to attach."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..chat import Channel, ChannelType, User
from ..chat.guilds import BOT_PERMISSIONS
from ..house import Sandbox

Part: TypeAlias = Literal["administrator", "moderator", "member"]

_HOUR_S = 3_600.0
# Reports bring a file.
_BOT_MAY = (*BOT_PERMISSIONS, "attach_files")
_PATIENCE_S = 60.0
_AGAIN_S = 0.05
_PEACE_S = 1.2


@dataclass(frozen=True, slots=True)
class CastMember:
    """A person whom somebody at the page acts as."""

    user: User
    part: Part


class Scene:
    """A Discord server and a workspace, prepared for a page.

    Attributes:
        cast: the persons, the administrator first.
        crew: the moderators' role.
        fans: a role that the bot may not mention.
        asker: an administrator of whom no page shows anything; asks for the status. ``askers`` is
            its role.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        guilds = sandbox.chat.guilds
        admin = guilds.add_user("Ann")
        self.guild = guilds.add_guild("Launch team", owner=admin, bot_permissions=_BOT_MAY)
        crew = guilds.add_role(
            self.guild.id, "Webinar crew", ["manage_messages"], is_mentionable=True
        )
        self.fans = guilds.add_role(self.guild.id, "Subscribers")
        self.askers = guilds.add_role(self.guild.id, "Page", ["administrator"])
        self.cast = (
            CastMember(admin, "administrator"),
            CastMember(guilds.add_member(self.guild.id, "Mia", roles=[crew]), "moderator"),
            CastMember(guilds.add_member(self.guild.id, "Noah"), "member"),
        )
        self.asker = guilds.add_member(self.guild.id, "Page", roles=[self.askers])
        self.crew = crew
        self._add_rooms()
        self._add_objects()

    def _add_rooms(self) -> None:
        # The first is open when a page begins: something is to be seen there.
        self.film_room = self._room("product-film")
        self.webinar_room = self._room("webinar")
        self.general = self._room("general")
        self._room("announcements", ChannelType.ANNOUNCEMENT)
        self._room("videos", ChannelType.FORUM)
        self.staff_room = self._room("moderators")
        # Where the questions of viewers go, which not everybody is to read.
        rooms = self.sandbox.chat.rooms
        rooms.set_overwrites(self.staff_room.id, self.guild.everyone, deny=["view_channel"])
        for one in (self.sandbox.chat.bot, self.crew):
            rooms.set_overwrites(self.staff_room.id, one, allow=["view_channel"])

    def _room(self, name: str, kind: ChannelType = ChannelType.TEXT) -> Channel:
        return self.sandbox.chat.rooms.add_channel(self.guild.id, name, kind)

    def _add_objects(self) -> None:
        workspace = self.sandbox.workspace
        # Whether the platform does is not known; where not, a deletion shows some minutes later.
        workspace.options.tells_deletions = True
        self.film = workspace.state.add_video("Product film")
        workspace.state.add_video("How it is made")
        workspace.state.add_video("Interview with the designers")
        launch = workspace.state.add_category("Launches").category_id
        self.webinar = workspace.state.add_live("The launch", category_id=launch)
        self.webinar.scheduled = workspace.options.now() + _HOUR_S

    async def prepare(self) -> None:
        """Have the administrator attach some of it, once the bot is there; viewers then write.

        Raises:
            TimeoutError: the bot did not come in time.
            NoReplyError: it did not answer.
            NotOfferedError: it does not have the commands.
        """
        chat = self.sandbox.chat
        await chat.wait_until_ready(timeout_s=_PATIENCE_S)
        await chat.wait_for(lambda: chat.commands(self.guild.id), timeout_s=_PATIENCE_S)
        film, webinar = str(self.film.object_id), str(self.webinar.object_id)
        await self._give(self.film_room, "attach", id=film, comments="public")
        await self._until_heard(self.film.root)
        await self._write()
        await self._give(self.webinar_room, "attach", id=webinar, mention=str(self.crew.id))
        await self._give(
            self.staff_room, "attach", id=webinar, comments="all", live="off", actions="on"
        )
        await self._give(self.staff_room, "questions", id=webinar)
        await self._until_heard(self.webinar.root)
        await self._ask()

    async def _until_heard(self, root: str) -> None:
        """Wait until the bot listens, and has read what there was.

        Of what is written before that the time is not known.
        """
        async with asyncio.timeout(_PATIENCE_S):
            # The service tells nobody of subscriptions.
            while f"{root}/all_json" not in self.sandbox.faye.subscriptions():  # noqa: ASYNC110
                await asyncio.sleep(_AGAIN_S)
            asked, now = self.sandbox.workspace.log, self.sandbox.workspace.options.now
            while asked and now() - asked[-1].at < _PEACE_S:  # noqa: ASYNC110
                await asyncio.sleep(_AGAIN_S)

    async def _give(self, room: Channel, name: str, **options: str) -> None:
        people = self.sandbox.chat.people
        await people.slash(room.id, self.cast[0].user.id, f"video {name}", options)

    async def _write(self) -> None:
        await self.sandbox.workspace.changes.post_comment(
            self.film.object_id, "What a **great** film! Where was it shot?", author="Ada"
        )

    async def _ask(self) -> None:
        await self.sandbox.workspace.changes.post_comment(
            self.webinar.object_id, "When does it ship?", kind="question", author="Björn"
        )
