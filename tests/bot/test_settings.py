import pytest

from bot.settings import BadConfigurationError, load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_TOKEN", "DISCORD_API_URL", "DISCORD_GATEWAY_URL", "DISCORD_SYNC_GUILD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("BOT_LOG_LEVEL", "BOT_LOG_FORMAT", "BOT_HTTP_LISTEN"):
        monkeypatch.delenv(name, raising=False)


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadConfigurationError) as caught:
        load_settings()
    return caught.value.problems


def test_a_missing_token_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch) == ("DISCORD_TOKEN is not set.",)


def test_an_empty_token_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, DISCORD_TOKEN="") == ("DISCORD_TOKEN is not set.",)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISCORD_API_URL", "http://discord.example/api", "plain http goes to loopback only"),
        ("DISCORD_API_URL", "ftp://127.0.0.1", "must be an address that starts with https://"),
        ("DISCORD_API_URL", "http://127.0.0.1:70000/api", "port"),
        ("DISCORD_API_URL", "http://[::1", "must be an address that starts with https://"),
        ("DISCORD_API_URL", "https://me:secret@discord.example/api", "user name or password"),
        ("DISCORD_GATEWAY_URL", "wss://secret@discord.example", "user name or password"),
        ("DISCORD_GATEWAY_URL", "ws://discord.example", "plain ws goes to loopback only"),
        ("DISCORD_SYNC_GUILD", "my server", "must be the ID of a server"),
        ("DISCORD_SYNC_GUILD", "0", "must be the ID of a server"),
        ("BOT_HTTP_LISTEN", "8023", "must be host:port"),
        ("BOT_HTTP_LISTEN", "127.0.0.1:80230", "must be host:port"),
        ("BOT_HTTP_LISTEN", "http://127.0.0.1:8023", "must be host:port"),
        ("BOT_HTTP_LISTEN", "my..host:8023", "must be host:port"),
        ("BOT_HTTP_LISTEN", f"{'a' * 64}:8023", "must be host:port"),
        ("BOT_LOG_LEVEL", "LOUD", "must be DEBUG, INFO"),
        ("BOT_LOG_FORMAT", "xml", "must be console or json"),
    ],
)
def test_each_malformed_variable_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    (line,) = problems(monkeypatch, DISCORD_TOKEN="token", **{name: value})

    assert line.startswith(f"{name}: ")
    assert said in line
    assert "\n" not in line
    assert "secret" not in line


@pytest.mark.parametrize("token", ["two words", "two\nlines", "tök"])
def test_a_token_that_cannot_be_sent_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    (line,) = problems(monkeypatch, DISCORD_TOKEN=token)

    assert line.startswith("DISCORD_TOKEN: must be one word")
    assert token not in line


def test_a_token_is_taken_without_the_space_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", " token\n")

    assert load_settings().discord_token.get_secret_value() == "token"


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "token")
    monkeypatch.setenv("BOT_LOG_LEVEL", "")
    monkeypatch.setenv("BOT_HTTP_LISTEN", "")

    assert load_settings().bot_log_level == "INFO"
    assert load_settings().bot_http_listen is None


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, BOT_LOG_LEVEL="LOUD", BOT_HTTP_LISTEN="x")

    assert len(lines) == 3


def test_the_token_is_in_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, DISCORD_TOKEN="very-secret", BOT_LOG_LEVEL="very-loud")

    assert "very-secret" not in "".join(lines)
    assert "very-loud" not in "".join(lines)


def test_loopback_may_be_plain_and_empty_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9000/api/v10/")
    monkeypatch.setenv("DISCORD_GATEWAY_URL", "ws://localhost:9000/gateway")
    monkeypatch.setenv("DISCORD_SYNC_GUILD", "")
    monkeypatch.setenv("BOT_HTTP_LISTEN", "off")

    settings = load_settings()

    assert settings.discord_api_url == "http://127.0.0.1:9000/api/v10"
    assert settings.discord_gateway_url == "ws://localhost:9000/gateway"
    assert settings.discord_sync_guild is None
    assert settings.bot_http_listen is None
    assert "very-secret" not in repr(settings)
