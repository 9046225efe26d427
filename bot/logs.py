"""Logging of the host: structlog over the standard library, with secrets struck out.

The plugin and discord.py log through the standard library; only the host configures handlers.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal, TextIO

import structlog

from .supervisor import is_expected

# A Bayeux root channel is its own password (40 hexadecimal digits).
_CHANNEL_ROOT = re.compile(r"/[0-9a-f]{40}\b")
_STRUCK = "***"
# In place of what cannot be shown.
_SHOWN = "\N{REPLACEMENT CHARACTER}"
# Shorter strings would strike out ordinary words.
_SHORTEST_SECRET = 6


class SecretsFormatter(logging.Formatter):
    """Formats as another formatter does and strikes out secrets last, tracebacks included."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        long = [one for one in secrets if len(one) >= _SHORTEST_SECRET]
        # As they are, and as they stand in JSON.
        written = {*long, *(json.dumps(one)[1:-1] for one in long)}
        words = sorted(written, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, words))) if words else None

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text without any secret."""
        text = self._inner.format(record)
        if self._words is not None:
            text = self._words.sub(_STRUCK, text)
        return _CHANNEL_ROOT.sub("/" + _STRUCK, text)


def _plain(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Let no word in a line for people end it, or change how a terminal shows the rest.

    Some are a server's or the workspace's. What is made of an exception stays on its lines.
    """
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable() and name != "exception":
            event[name] = "".join(one if one.isprintable() else _SHOWN for one in value)
    return event


class _Expected(logging.Filter):
    """Takes the traceback off what discord.py logs of networks that fail; it tries again."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and record.name.startswith("discord.") and is_expected(error):
            record.msg = f"{record.msg} ({type(error).__name__})"
            record.exc_info = None
        return True


def configure(
    level: str, style: Literal["console", "json"], secrets: Iterable[str], stream: TextIO
) -> None:
    """Send all logging to ``stream``, as lines for people or as one JSON object per line."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        final += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        colours = bool(getattr(stream, "isatty", lambda: False)())
        # Not its default, which shows the values of local variables where `rich` is installed:
        # viewers' texts, and secrets wrapped over two lines.
        plain = structlog.dev.plain_traceback
        final += [_plain, structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()], processors=final
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(_Expected())
    handler.setFormatter(SecretsFormatter(formatter, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # For libraries that use structlog where it is installed; by default it prints to stdout.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _quieten(logging.getLevelName(level))


def _quieten(level: int) -> None:
    """Keep libraries from saying more than is of use, or than may be said."""
    # discord.py's debug output holds whole payloads.
    for noisy in ("discord", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(logging.INFO, level))
    # The plugin itself says what it gave up; Alembic lists its own parts at each start.
    for noisy, least in (("stamina", logging.ERROR), ("alembic", logging.WARNING)):
        logging.getLogger(noisy).setLevel(max(least, level) if level > logging.DEBUG else level)
