import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from bot import logs


@pytest.fixture(autouse=True)
def _keep_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_no_values(style: Literal["console", "json"]) -> None:
    stream = io.StringIO()
    logs.configure("INFO", style, [], stream)

    def fail(text: str) -> None:
        raise RuntimeError("failed")

    written = "what a viewer wrote"
    try:
        fail(written)
    except RuntimeError:
        logging.getLogger("some.library").exception("it failed")

    assert "RuntimeError: failed" in stream.getvalue()
    assert written not in stream.getvalue()


def test_secrets_and_channel_roots_are_struck_out_everywhere() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "console", ["s3cret-token", "tiny"], stream)
    root = "/" + "0a" * 20

    error = ValueError(f"refused s3cret-token on {root}/all_json")
    logging.getLogger("some.library").error("token %s", "s3cret-token", exc_info=error)

    shown = stream.getvalue()
    assert "s3cret-token" not in shown
    assert root not in shown
    assert "/***/all_json" in shown
    assert "ValueError" in shown


def test_json_is_one_object_per_line() -> None:
    stream = io.StringIO()
    logs.configure("DEBUG", "json", [], stream)

    logging.getLogger("twentythree.bridge").warning("down for %d s", 3)

    line = json.loads(stream.getvalue())
    assert line["event"] == "down for 3 s"
    assert line["level"] == "warning"
    assert line["logger"] == "twentythree.bridge"


def test_libraries_that_print_payloads_stay_above_debug() -> None:
    logs.configure("DEBUG", "console", [], io.StringIO())

    assert not logging.getLogger("discord.gateway").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("aiosqlite").isEnabledFor(logging.DEBUG)
    assert logging.getLogger("twentythree.bridge").isEnabledFor(logging.DEBUG)
