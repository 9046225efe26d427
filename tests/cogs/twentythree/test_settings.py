import pytest

from cogs.twentythree.errors import ConfigurationError
from cogs.twentythree.settings import (
    Settings,
    configuration_problems,
    load_settings,
    may_use_workspace,
    secrets,
)

FIELDS = (
    "SITE_URL",
    "BEARER_TOKEN",
    "CONSUMER_KEY",
    "CONSUMER_SECRET",
    "ACCESS_TOKEN",
    "ACCESS_TOKEN_SECRET",
    "API_VERSION",
    "REALTIME",
    "REALTIME_URL",
    "DATABASE_URL",
    "RECONCILE_SECONDS",
    "POLL_SECONDS",
    "FOLLOW_SECONDS",
    "SAME_BROADCAST_SECONDS",
    "ANALYTICS_CHANNEL",
    "CATCH_UP",
    "SERVERS",
    "REPLY_NAME",
    "TRAIL_DAYS",
)
FOUR = {
    "CONSUMER_KEY": "key-of-four",
    "CONSUMER_SECRET": "secret-of-four",
    "ACCESS_TOKEN": "token-of-four",
    "ACCESS_TOKEN_SECRET": "token-secret-of-four",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FIELDS:
        monkeypatch.delenv(f"TWENTYTHREE_{name}", raising=False)
    monkeypatch.setenv("TWENTYTHREE_SITE_URL", "https://video.example.com/")


def give(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"TWENTYTHREE_{name}", value)


def test_the_address_alone_is_enough() -> None:
    settings = load_settings()

    assert settings.site_url == "https://video.example.com"
    assert settings.bearer_token is None
    assert settings.reconcile_seconds == 300
    assert settings.poll_seconds == 15
    assert configuration_problems() == ()
    assert secrets() == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SITE_URL", "", "is not set"),
        ("SITE_URL", "https://video.example.com:70000", "port"),
        ("SITE_URL", "https://[video.example.com", "must be an address"),
        ("SERVERS", "123,Team", "IDs of Discord servers"),
        ("SERVERS", "123 456", "IDs of Discord servers"),
        ("SERVERS", "0", "IDs of Discord servers"),
        ("SERVERS", "123,00", "IDs of Discord servers"),
        ("SERVERS", "-1", "IDs of Discord servers"),
        ("SERVERS", "\u0661\u0662", "IDs of Discord servers"),
        ("SERVERS", "9" * 30, "IDs of Discord servers"),
        ("BEARER_TOKEN", "two words secret", "one word"),
        ("DATABASE_URL", "oracle://someone:secret@host/db", "postgresql+asyncpg://"),
        ("DATABASE_URL", "secret.db", "sqlite+aiosqlite:///"),
        ("SITE_URL", "video.example.com", "address"),
        ("SITE_URL", "http://video.example.com", "plain http goes to loopback only"),
        ("SITE_URL", "https://video.example.com/manage", "without a path"),
        ("SITE_URL", "https://me:secret@video.example.com", "user name or password"),
        ("SITE_URL", "https://secret@video.example.com", "user name or password"),
        ("SITE_URL", "https://video.example.com?", "without a path"),
        ("SITE_URL", "https://video.example.com#", "without a path"),
        # As a chat or a document may have put it into what was copied.
        ("SITE_URL", "https://video.example.com\u200b", "must be an address"),
        ("SITE_URL", "https://video.\nexample.com", "must be an address"),
        ("SITE_URL", "https://video example.com", "must be an address"),
        ("SITE_URL", "https://<video.example.com>", "must be an address"),
        ("SITE_URL", "https://video..example.com", "must be an address"),
        ("SITE_URL", "https://video.example.com\\", "must be an address"),
        ("REALTIME_URL", "wss://realtime\u200b.example.com/faye", "must be an address"),
        ("API_VERSION", "3", "must be auto, 1 or 2"),
        ("REALTIME_URL", "ws://realtime.example.com/faye", "plain ws goes to loopback only"),
        ("POLL_SECONDS", "0", "above 0"),
        ("POLL_SECONDS", "soon", "number"),
        ("RECONCILE_SECONDS", "1e9", "at most 86400"),
        ("REPLY_NAME", "secret\nBakery", "one line of at most 80"),
        ("REPLY_NAME", "secret\u2028Bakery", "one line of at most 80"),
        ("REPLY_NAME", "secret\x1b[31m", "one line of at most 80"),
        ("REPLY_NAME", "secret" * 14, "one line of at most 80"),
        ("REPLY_NAME", "secret@bakery.example", "e-mail address"),
        ("TRAIL_DAYS", "0", "whole number of days from 1 to 3650"),
        ("TRAIL_DAYS", "3651", "whole number of days from 1 to 3650"),
        ("TRAIL_DAYS", "1.5", "whole number of days from 1 to 3650"),
        ("TRAIL_DAYS", "a week", "whole number of days from 1 to 3650"),
    ],
)
def test_each_malformed_variable_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    give(monkeypatch, **{name: value})

    (line,) = configuration_problems()

    assert line.startswith(f"TWENTYTHREE_{name}")
    assert said in line
    assert "secret" not in line


@pytest.mark.parametrize(
    "host", ["vidéo.example.com", "my_video.example.com", "127.0.0.1:8443", "[::1]:8443"]
)
def test_addresses_of_any_kind_of_host_are_taken(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    give(monkeypatch, SITE_URL=f"https://{host}/")

    assert load_settings().site_url == f"https://{host}"


def test_a_missing_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWENTYTHREE_SITE_URL")

    with pytest.raises(ConfigurationError, match=r"^TWENTYTHREE_SITE_URL is not set\.$"):
        load_settings()


def test_oauth_needs_all_four(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, CONSUMER_KEY="key-of-four", ACCESS_TOKEN="token-of-four")

    (line,) = configuration_problems()

    assert "TWENTYTHREE_CONSUMER_SECRET, TWENTYTHREE_ACCESS_TOKEN_SECRET" in line
    assert "of-four" not in line


def test_there_is_one_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, BEARER_TOKEN="bearer", **FOUR)

    (line,) = configuration_problems()

    assert "not both" in line


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, BEARER_TOKEN="", REALTIME_URL="", CONSUMER_KEY="", POLL_SECONDS="")

    settings = load_settings()

    assert settings.bearer_token is None
    assert settings.realtime_url is None
    assert settings.poll_seconds == 15


def test_every_secret_is_told_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    give(
        monkeypatch,
        DATABASE_URL="postgresql+asyncpg://bot:database-password@127.0.0.1/bot",
        **FOUR,
    )

    assert set(secrets()) == {*FOUR.values(), "database-password"}
    assert all(secret not in repr(load_settings()) for secret in secrets())


@pytest.mark.parametrize(
    ("written", "struck"),
    [
        ("bot:hard/to#read@127.0.0.1/bot", {"hard/to#read"}),
        ("bot:per%40cent@127.0.0.1/bot", {"per%40cent", "per@cent"}),
        ("bot@127.0.0.1/bot?password=in-query&sslmode=require", {"in-query"}),
        ("127.0.0.1/bot?user=bot&password=per%26cent+", {"per%26cent+", "per&cent "}),
        ("bot:both@127.0.0.1/bot?password=of+them", {"both", "of+them", "of them"}),
    ],
)
def test_the_database_password_is_struck_as_written_and_as_sent(
    monkeypatch: pytest.MonkeyPatch, written: str, struck: set[str]
) -> None:
    give(monkeypatch, DATABASE_URL=f"postgresql+asyncpg://{written}")

    assert set(secrets()) == struck


def test_a_token_is_taken_without_the_space_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, BEARER_TOKEN=" bearer\n")

    assert secrets() == ("bearer",)


def test_a_realtime_address_may_be_of_either_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("wss://rt.example.com/faye", "https://rt.example.com/faye"):
        give(monkeypatch, REALTIME_URL=address)

        assert load_settings().realtime_url == address

    give(monkeypatch, REALTIME_URL="ws://127.0.0.1:9000/faye")
    assert load_settings().realtime_url == "ws://127.0.0.1:9000/faye"


def test_analytics_and_their_catch_up_are_off_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().analytics_channel, load_settings().catch_up) == (None, None)

    give(monkeypatch, ANALYTICS_CHANNEL="viewers_json", CATCH_UP="12h")

    settings = load_settings()
    assert (settings.analytics_channel, settings.catch_up) == ("viewers_json", "12h")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANALYTICS_CHANNEL", "a/b"),
        ("ANALYTICS_CHANNEL", "**"),
        ("CATCH_UP", "12"),
        ("CATCH_UP", "0h"),
    ],
)
def test_a_channel_or_interval_that_is_none_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    give(monkeypatch, **{name: value})

    (problem,) = configuration_problems()

    assert problem.startswith(f"TWENTYTHREE_{name}: must be ")


def test_answers_have_a_name_and_the_trail_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().reply_name, load_settings().trail_days) == (None, 90)
    name = "Bäckerei 👩\u200d🍳 " + "x" * 67
    assert len(name) == 80
    give(monkeypatch, REPLY_NAME=f"  {name} ", TRAIL_DAYS="3650")

    assert (load_settings().reply_name, load_settings().trail_days) == (name, 3650)
    give(monkeypatch, REPLY_NAME=" ", TRAIL_DAYS="1")
    assert (load_settings().reply_name, load_settings().trail_days) == (None, 1)


def test_realtime_is_confirmed_or_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().realtime == "confirm"
    give(monkeypatch, REALTIME="verify")
    assert load_settings().realtime == "verify"
    give(monkeypatch, REALTIME="believe")
    (problem,) = configuration_problems()
    assert problem.startswith("TWENTYTHREE_REALTIME: ")


@pytest.mark.parametrize(
    ("given", "variables", "allowed"),
    [
        ("", {}, None),
        ("", {"BEARER_TOKEN": "bearer"}, frozenset()),
        ("", FOUR, frozenset()),
        (" 12, 34,", {"BEARER_TOKEN": "bearer"}, frozenset({12, 34})),
        ("12,12 ,\n 12", {"BEARER_TOKEN": "bearer"}, frozenset({12})),
        (" , ,", {"BEARER_TOKEN": "bearer"}, frozenset()),
        ("12", {}, frozenset({12})),
    ],
)
def test_with_credentials_only_the_servers_that_are_named_may_use_the_workspace(
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    variables: dict[str, str],
    allowed: frozenset[int] | None,
) -> None:
    give(monkeypatch, SERVERS=given, **variables)

    assert load_settings().admitted.allowed == allowed
    assert may_use_workspace(12) == (allowed is None or 12 in allowed)
    assert not (may_use_workspace(99) and allowed is not None)


def test_a_host_may_name_the_servers_itself() -> None:
    settings = Settings(site_url="https://video.example.com", servers=frozenset({12, 34}))

    assert settings.admitted.allows(12)
    assert not settings.admitted.allows(56)
