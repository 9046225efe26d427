"""``python -m bot``: run (default), demo, check, sync, copy."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tomllib
from pathlib import Path

_NAME = "discord-twentythree"
_LAST_PORT = 65_535
_ENV_FILE = Path(__file__).parents[1] / ".env"
_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.add_argument("--version", action="version", version=f"{_NAME} {_version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="verb")
    verbs.add_parser("run", help="run the bot until SIGINT or SIGTERM (the default)")
    verbs.add_parser("check", help="say of each part whether it works, or what to do")
    demo = verbs.add_parser("demo", help="the bot on the embedded sandbox, as a page in a browser")
    demo.add_argument("--port", type=_port, default=0, help="the first of four ports (any)")
    demo.add_argument(
        "--once", action="store_true", help="a scripted event instead: play it, compare, and exit"
    )
    demo.add_argument(
        "--locale",
        choices=("en-US", "da", "de", "sv-SE"),
        default="en-US",
        help="what the server and its people speak (en-US)",
    )
    sync = verbs.add_parser("sync", help="register the slash commands")
    sync.add_argument("--guild", type=_server_id, metavar="ID", help="in this server only")
    sync.add_argument("--clear", action="store_true", help="remove them until the next start")
    copy = verbs.add_parser("copy", help="move the database, to PostgreSQL or back")
    copy.add_argument("--from", dest="source", required=True, metavar="URL", help="what there is")
    copy.add_argument("--to", dest="target", required=True, metavar="URL", help="an empty one")
    return parser


def _server_id(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("must be the ID of a server: digits only")
    return int(text)


def _port(text: str) -> int:
    # The sandbox takes the two after it as well, and its page the next.
    if not text.isdecimal() or int(text) > _LAST_PORT - 3:
        raise argparse.ArgumentTypeError("must be a port, a number up to 65532")
    return int(text)


def _version() -> str:
    # In a clone, nothing is installed that could be asked.
    if _PROJECT.is_file():
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    from .app import plugin  # noqa: PLC0415 - loaded only where it is used

    return str(plugin().__version__)


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import demo  # noqa: PLC0415 - the sandbox is loaded only where it is played

    try:
        return asyncio.run(demo(port=arguments.port, once=arguments.once, locale=arguments.locale))
    except KeyboardInterrupt:
        # The way to leave the stage.
        return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; return the exit status."""
    parsed = _parser().parse_args(arguments)
    if parsed.verb == "demo":
        return _demo(parsed)
    # The demo's page waits for none of this.
    from .dispatch import dispatch  # noqa: PLC0415
    from .settings import BadConfigurationError  # noqa: PLC0415
    from .supervisor import EXIT_BAD_CONFIGURATION  # noqa: PLC0415

    try:
        return dispatch(parsed)
    except BadConfigurationError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        if not (_ENV_FILE.exists() or os.environ.get("PYTHON_DOTENV_DISABLED")):
            hint = f"There is no {_ENV_FILE}: copy .env.example to it, and fill it in."
            print(hint, file=sys.stderr)
        return EXIT_BAD_CONFIGURATION
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
