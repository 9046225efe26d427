"""What each verb but the demo does: the configuration first, then its own part is loaded."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys

import dotenv

from . import logs
from .app import plugin
from .settings import BadConfigurationError, HostSettings, load_settings, variables
from .variables import unknown_variables

_log = logging.getLogger("bot")

# They say themselves what there is to be said, and a log between their lines would hide it.
_TALKATIVE = ("check", "sync")


def _configuration() -> tuple[HostSettings, tuple[str, ...]]:
    """Read the whole configuration, the plugin's included; return it and what is odd about it.

    Raises:
        BadConfigurationError: with every problem of both.
    """
    _load_env_file()
    unknown = unknown_variables(os.environ, variables() | plugin().variables())
    problems: tuple[str, ...] = ()
    settings = None
    try:
        settings = load_settings()
    except BadConfigurationError as error:
        problems = error.problems
    problems += (*plugin().configuration_problems(), *unknown.problems)
    if problems or settings is None:
        raise BadConfigurationError(problems)
    return settings, unknown.warnings


def _load_env_file() -> None:
    try:
        dotenv.load_dotenv()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        said = (
            f".env cannot be read ({why}); it must be a text in UTF-8 that the bot's user may read."
        )
        # Not chained: what is told of an encoding holds what stands there.
        raise BadConfigurationError((said,)) from None


def _secrets(settings: HostSettings) -> list[str]:
    return [settings.discord_token.get_secret_value(), *plugin().secrets()]


def dispatch(arguments: argparse.Namespace) -> int:
    """Do what the verb says; return the exit status.

    Raises:
        BadConfigurationError: with every problem of host and plugin.
    """
    if arguments.verb == "copy":
        from .copy import copy  # noqa: PLC0415 - loaded only where it is used

        return asyncio.run(copy(arguments.source, arguments.target))
    settings, warnings = _configuration()
    level = settings.bot_log_level
    if arguments.verb in _TALKATIVE and level != "DEBUG":
        level = "ERROR"
    logs.configure(level, settings.bot_log_format, _secrets(settings), sys.stderr)
    if arguments.verb == "check":
        from .check import check  # noqa: PLC0415 - loaded only where it is used

        return asyncio.run(check(settings, warnings))
    if arguments.verb == "sync":
        from .sync import sync  # noqa: PLC0415 - loaded only where it is used

        guild = arguments.guild or settings.discord_sync_guild
        return asyncio.run(sync(settings, guild, clear=arguments.clear))
    for warning in warnings:
        _log.warning("%s", warning)
    from .run import run  # noqa: PLC0415 - loaded only where it is used

    return asyncio.run(run(settings))
