from pathlib import Path

import pytest

from bot import __main__ as program
from bot.settings import HostSettings

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(autouse=True)
def called(
    settings: HostSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[tuple[object, ...]]:
    """Return the calls of the verbs, which do nothing here."""
    calls: list[tuple[object, ...]] = []

    async def run(given: HostSettings) -> int:
        calls.append(("run", given.discord_token.get_secret_value()))
        return 3

    async def check(_: HostSettings, warnings: tuple[str, ...]) -> int:
        calls.append(("check", *warnings))
        return 1

    async def sync(_: HostSettings, guild: int | None, *, clear: bool) -> int:
        calls.append(("sync", guild, clear))
        return 0

    async def demo(*, port: int, once: bool, locale: str) -> int:
        calls.append(("demo", port, once, locale))
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.run.run", run)
    monkeypatch.setattr("bot.check.check", check)
    monkeypatch.setattr("bot.sync.sync", sync)
    monkeypatch.setattr("bot.demo.demo", demo)
    monkeypatch.setattr("bot.logs.configure", lambda *_: None)
    monkeypatch.setattr("dotenv.load_dotenv", lambda: False)
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "1")
    return calls


@pytest.mark.parametrize(
    ("arguments", "call", "status"),
    [
        ([], ("run", "a-token"), 3),
        (["run"], ("run", "a-token"), 3),
        (["check"], ("check",), 1),
        (["sync"], ("sync", None, False), 0),
        (["sync", "--guild", "23", "--clear"], ("sync", 23, True), 0),
        (["demo", "--port", "9000", "--once"], ("demo", 9000, True, "en-US"), 0),
        (["demo", "--locale", "da"], ("demo", 0, False, "da"), 0),
    ],
)
def test_each_verb_is_called_and_its_status_returned(
    arguments: list[str],
    call: tuple[object, ...],
    status: int,
    called: list[tuple[object, ...]],
) -> None:
    assert program.main(arguments) == status
    assert called == [call]


def test_sync_takes_the_server_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, called: list[tuple[object, ...]]
) -> None:
    monkeypatch.setenv("DISCORD_SYNC_GUILD", "42")

    assert program.main(["sync"]) == 0
    assert called == [("sync", 42, False)]


@pytest.mark.parametrize("verb", ["run", "check", "sync"])
def test_problems_of_host_and_plugin_are_told_together(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    called: list[tuple[object, ...]],
    verb: str,
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    monkeypatch.setenv("TWENTYTHREE_SITE_URL", "video.example.com")

    assert program.main([verb]) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first == "DISCORD_TOKEN is not set."
    assert second.startswith("TWENTYTHREE_SITE_URL: must be")
    assert called == []


@pytest.mark.parametrize("verb", ["run", "check", "sync"])
def test_a_misspelled_variable_ends_each_verb_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    called: list[tuple[object, ...]],
    verb: str,
) -> None:
    monkeypatch.setenv("TWENTYTHREE_BEARER_TOKN", "secret")

    assert program.main([verb]) == 2

    assert capsys.readouterr().err == (
        "TWENTYTHREE_BEARER_TOKN is no variable of this bot; did you mean "
        "TWENTYTHREE_BEARER_TOKEN?\n"
    )
    assert called == []


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (UnicodeDecodeError("utf-8", b"\xff\xfe", 0, 1, "invalid start byte"), "it is not UTF-8"),
    ],
)
def test_an_env_file_that_cannot_be_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    called: list[tuple[object, ...]],
    error: Exception,
    why: str,
) -> None:
    def load() -> bool:
        raise error

    monkeypatch.setattr("dotenv.load_dotenv", load)

    assert program.main(["check"]) == 2

    assert capsys.readouterr().err == (
        f".env cannot be read ({why}); it must be a text in UTF-8 that the bot's user may read.\n"
    )
    assert called == []


def test_what_is_odd_about_the_variables_is_told_by_check_and_in_the_log_of_run(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    called: list[tuple[object, ...]],
) -> None:
    said = "BOT_NAME is no variable of this bot; it is ignored."
    monkeypatch.setenv("BOT_NAME", "x")

    program.main(["check"])
    program.main(["run"])

    assert called == [("check", said), ("run", "a-token")]
    assert [record.message for record in caplog.records] == [said]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--version"])

    assert ended.value.code == 0
    name, version = capsys.readouterr().out.split()
    assert name == "discord-twentythree"
    assert f'version = "{version}"' in PROJECT.read_text(encoding="utf-8")


def test_the_demo_needs_no_configuration(
    monkeypatch: pytest.MonkeyPatch, called: list[tuple[object, ...]]
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")

    assert program.main(["demo"]) == 0
    assert called == [("demo", 0, False, "en-US")]


def test_who_has_no_env_file_yet_is_told_to_make_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED")
    monkeypatch.setattr(program, "_ENV_FILE", tmp_path / ".env")

    assert program.main(["run"]) == 2

    assert capsys.readouterr().err.splitlines() == [
        "DISCORD_TOKEN is not set.",
        f"There is no {tmp_path}/.env: copy .env.example to it, and fill it in.",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sync", "--guild", "my server"], "must be the ID of a server"),
        (["sync", "--guild", "0"], "must be the ID of a server"),
        (["demo", "--port", "65534"], "must be a port"),
        (["demo", "--port", "http"], "must be a port"),
    ],
)
def test_wrong_arguments_are_refused_in_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        program.main(arguments)

    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        program.main(["dance"])

    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_ctrl_c_has_the_shells_status(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.check.check", interrupted)

    assert program.main(["check"]) == 130
