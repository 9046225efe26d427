import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import stamina
import structlog

from bot import logs


@pytest.fixture(autouse=True)
def _keep_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


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


@pytest.mark.parametrize(
    ("name", "error", "is_traced"),
    [
        ("discord.client", OSError("refused"), False),
        ("discord.client", KeyError("a mistake"), True),
        ("some.library", OSError("refused"), True),
    ],
)
def test_a_network_that_fails_discord_py_has_no_traceback(
    name: str,
    error: Exception,
    is_traced: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    stream = io.StringIO()
    logs.configure("INFO", "console", [], stream)

    try:
        raise error
    except type(error):
        logging.getLogger(name).exception("Attempting a reconnect in %.2fs", 1.5)

    assert "Attempting a reconnect in 1.50s" in stream.getvalue()
    assert ("Traceback" in stream.getvalue()) is is_traced
    assert type(error).__name__ in stream.getvalue()


def test_what_libraries_log_by_structlog_goes_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", ["s3cret-token"], stream)

    structlog.get_logger("some.library").warning("refused", token="s3cret-token")
    structlog.get_logger("some.library").debug("details")

    assert capsys.readouterr().out == ""
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["token"], said["logger"]) == ("refused", "***", "some.library")


@pytest.mark.parametrize(("level", "count"), [("INFO", 0), ("DEBUG", 1)])
def test_retries_are_shown_to_those_who_look_for_details(
    level: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    logs.configure(level, "console", [], stream)

    for attempt in stamina.retry_context(on=OSError, attempts=2, wait_initial=0.0, wait_max=0.0):
        with attempt:
            if attempt.num == 1:
                raise OSError("refused")

    assert stream.getvalue().count("stamina.retry_scheduled") == count
    assert capsys.readouterr().out == ""


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


@pytest.mark.parametrize(
    "secret", ['quo"ted-secret', "back\\slash", "sch\N{LATIN SMALL LETTER O WITH DIAERESIS}nes"]
)
@pytest.mark.parametrize("style", ["console", "json"])
def test_a_secret_that_is_written_otherwise_in_json_is_struck_out(
    style: Literal["console", "json"], secret: str
) -> None:
    stream = io.StringIO()
    logs.configure("INFO", style, [secret], stream)

    logging.getLogger("some.library").error("token %s|", secret)

    assert "token ***|" in stream.getvalue()


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
    assert logging.getLogger("twentythree.bridge").isEnabledFor(logging.DEBUG)


HOSTILE = "one\n2030-01-02 [error] two\x1b[2J\u202ethree\u200b\ud800\r\x9b4"


def test_a_line_for_people_is_one_line_whatever_is_in_it() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "console", [], stream)

    logging.getLogger("twentythree.intake").warning("refused: %s", HOSTILE, extra={"why": HOSTILE})

    written = stream.getvalue()
    assert written.count("\n") == 1
    assert written.rstrip("\n").isprintable()
    assert "refused: one" in written
