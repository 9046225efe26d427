"""TwentyThree in Discord: comments, promoted comments and live events as notices in rooms.

For hosts: ``await bot.load_extension(...)`` with this package's name, or
``await bot.add_cog(TwentyThree(bot, Settings(...)))``. Importing a sub-package such as
``bayeux`` loads nothing else: what is named here is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord.ext import commands

    from .checking import PeerClock, check
    from .cog import TwentyThree
    from .delivery.permissions import WANTED
    from .errors import ConfigurationError, StorageError
    from .settings import (
        Settings,
        configuration_problems,
        may_use_workspace,
        secrets,
        variables,
    )
    from .storage.copying import copy_database

    __version__: str

__all__ = [
    "WANTED",
    "ConfigurationError",
    "PeerClock",
    "Settings",
    "StorageError",
    "TwentyThree",
    "__version__",
    "check",
    "configuration_problems",
    "copy_database",
    "may_use_workspace",
    "secrets",
    "setup",
    "variables",
]

_EXPORTS = {
    "WANTED": "delivery.permissions",
    "ConfigurationError": "errors",
    "PeerClock": "checking",
    "Settings": "settings",
    "StorageError": "errors",
    "TwentyThree": "cog",
    "check": "checking",
    "configuration_problems": "settings",
    "copy_database": "storage.copying",
    "may_use_workspace": "settings",
    "secrets": "settings",
    "variables": "settings",
}


def __getattr__(name: str) -> Any:
    """Import what is exported here on first use."""
    if name == "__version__":
        return _version()
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_EXPORTS[name]}", __name__), name)


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - it loads the e-mail and socket modules

    try:
        return metadata.version("discord-twentythree")
    except metadata.PackageNotFoundError:
        # The folder was copied into a host; nothing there could tell its version.
        return "unknown"


async def setup(bot: commands.Bot | commands.AutoShardedBot) -> None:
    """Load the plugin into a bot, with settings from the environment.

    Raises:
        ConfigurationError: a variable is wrong or missing.
        StorageError: the database cannot be used.
    """
    from .cog import TwentyThree  # noqa: PLC0415 - importing a sub-package must not load discord

    await bot.add_cog(TwentyThree(bot))
