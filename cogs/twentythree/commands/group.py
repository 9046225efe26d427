"""``/video``: the group of all commands, and what is said when one fails unexpectedly."""

from __future__ import annotations

import logging

import discord
from discord import app_commands

from ..domain import barring
from ..errors import log_failure
from ..languages import noted, retold, tr
from .acting import listen_for_presses
from .attach import attach
from .context import CommandContext
from .detach import detach
from .diagnose import diagnose
from .exporting import export
from .follow import follow, unfollow
from .history import history
from .importing import import_file
from .listing import listing
from .moderators import log, moderators
from .questions import questions
from .replies import say
from .report import report
from .room_finder import FAILURES
from .sample_post import sample
from .set_rooms import defaults, room
from .setup import setup
from .status import status
from .words import speak_with

_log = logging.getLogger("twentythree.commands")

_COMMANDS = (
    *(attach, detach, follow, unfollow, listing, status, sample, diagnose),
    *(questions, moderators, history, log, report, export, import_file, room, defaults),
    setup,
)


class NotServed(app_commands.CheckFailure):
    """The server may not use the workspace; the text says what to do."""


class NotOurs(app_commands.CheckFailure):
    """Another process leads by now, and answers."""


class VideoGroup(app_commands.Group):
    """The group as one load of the plugin has it.

    Discord offers it to those who may manage the server, or to whom its administrators choose
    under Server Settings, Integrations. What it lets through is not judged again here.
    """

    def __init__(self, context: CommandContext) -> None:
        super().__init__(
            name="video",
            description=noted("TwentyThree videos and live events in this server's rooms"),
            guild_only=True,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            default_permissions=discord.Permissions(manage_guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )
        self._context = context
        for make in _COMMANDS:
            self.add_command(make(context))
        listen_for_presses(context)

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Let only servers in that may use the workspace; discord.py asks for every command.

        Raises:
            NotServed: this one may not.
            NotOurs: another process answers.
        """
        if self._context.lead.is_over:
            raise NotOurs
        speak_with(interaction)
        if not self._context.is_served(interaction):
            raise NotServed(retold(barring.refusal(interaction.guild_id or 0)))
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Say one clear sentence; the log gets the rest."""
        if isinstance(error, NotOurs):
            return
        name = "video" if interaction.command is None else interaction.command.qualified_name
        cause = error.__cause__ or error
        if not isinstance(error, app_commands.CommandSignatureMismatch | NotServed):
            log_failure(_log, f"the command /{name} failed", cause)
        try:
            await say(interaction, sentence(name, error))
        except (*FAILURES, RuntimeError) as refused:
            # Answered too late, by somebody else, or after the session was closed: nobody can
            # be told any more.
            _log.debug("could not answer /%s: %s", name, type(refused).__name__)


def sentence(name: str, error: app_commands.AppCommandError) -> str:
    """Return what to tell the person who gave the command."""
    if isinstance(error, app_commands.CommandSignatureMismatch):
        return tr(
            "`/{name}` has changed since Discord last learned of it; ask whoever runs the "
            "bot to register its commands again.",
            name=name,
        )
    if isinstance(error, NotServed):
        return str(error)
    if isinstance(error, app_commands.CheckFailure):
        return tr("You may not use `/{name}` here.", name=name)
    return tr(
        "Something went wrong inside the bot during `/{name}`; whoever runs it finds "
        "the reason in its log. `/video status` tells whether the rest works.",
        name=name,
    )
