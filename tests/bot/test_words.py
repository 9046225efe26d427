"""Whatever is wrong with a variable is said in words for people, by the host and by the plugin."""

import re
from collections.abc import Iterator

import pytest
from pydantic_settings import BaseSettings

from bot.settings import BadConfigurationError, HostSettings, load_settings
from bot.variables import unknown_variables
from cogs.twentythree import configuration_problems, variables
from cogs.twentythree.settings import Settings

WRONG = (
    "wrong",
    "-1",
    "0",
    "1e9",
    "nan",
    "http://[::1",
    "https://example.com:0/x",
    "a b",
    "/",
    "ä",
)
# How pydantic speaks of what it was given.
_JARGON = re.compile(
    r"input|literal|valid (number|integer|string)|greater than|less than|parse|IPv6 URL|finite"
    r"|value error|pydantic|NoneType|type=",
    re.IGNORECASE,
)


def names_of(settings: type[BaseSettings]) -> Iterator[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return (f"{prefix}{field}".upper() for field in settings.model_fields)


def problems() -> tuple[str, ...]:
    try:
        load_settings()
    except BadConfigurationError as error:
        return error.problems + configuration_problems()
    return configuration_problems()


@pytest.fixture(autouse=True)
def _plain(settings: HostSettings) -> None:
    """Have all that is required set, and nothing else."""


@pytest.mark.parametrize("name", [*names_of(HostSettings), *names_of(Settings)])
def test_a_wrong_value_is_one_sentence_that_names_the_variable_and_says_what_it_must_be(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for value in WRONG:
        monkeypatch.setenv(name, value)
        said += problems()

    for sentence in said:
        assert sentence.startswith((f"{name}: must ", f"{name}: has ", "TWENTYTHREE_*: "))
        assert sentence.endswith(".")
        assert not _JARGON.search(sentence), sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_LOG_LEVEL", "LOUD", "BOT_LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR."),
        ("BOT_LOG_FORMAT", "xml", "BOT_LOG_FORMAT: must be console or json."),
        (
            "DISCORD_SYNC_GUILD",
            "my server",
            "DISCORD_SYNC_GUILD: must be the ID of a server: digits only, as Copy Server ID gives.",
        ),
        (
            "TWENTYTHREE_POLL_SECONDS",
            "soon",
            "TWENTYTHREE_POLL_SECONDS: must be a number of seconds above 0, at most 86400.",
        ),
        (
            "TWENTYTHREE_REQUESTS_PER_MINUTE",
            "9",
            "TWENTYTHREE_REQUESTS_PER_MINUTE: must be a whole number from 10 to 6000.",
        ),
        ("TWENTYTHREE_API_VERSION", "3", "TWENTYTHREE_API_VERSION: must be auto, 1 or 2."),
        (
            "TWENTYTHREE_SITE_URL",
            "https://[video",
            "TWENTYTHREE_SITE_URL: must be an address such as https://video.example.com.",
        ),
    ],
)
def test_what_may_be_given_is_told(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert problems() == (sentence,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_LOG_LEVEL", "info"),
        ("BOT_LOG_LEVEL", " Warning "),
        ("BOT_LOG_FORMAT", "JSON"),
        ("BOT_HTTP_LISTEN", "OFF"),
        ("TWENTYTHREE_API_VERSION", "Auto"),
        ("TWENTYTHREE_SITE_URL", " https://video.example.com/ "),
        ("DISCORD_SYNC_GUILD", " 123 "),
        ("TWENTYTHREE_POLL_SECONDS", " 5 "),
    ],
)
def test_case_and_space_around_a_value_do_no_harm(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert problems() == ()


def test_credentials_are_taken_without_the_space_around_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    four = ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    for name in four:
        monkeypatch.setenv(f"TWENTYTHREE_{name}", " of-four\n")

    settings = Settings()  # type: ignore[call-arg]  # the environment gives what is required

    assert {getattr(settings, name.lower()).get_secret_value() for name in four} == {"of-four"}


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("TWENTYTHREE_BEARER_TOKN", "did you mean TWENTYTHREE_BEARER_TOKEN?"),
        ("TWENTYTHREE_TOKEN", "did you mean TWENTYTHREE_BEARER_TOKEN?"),
        ("TWENTYTHREE_URL", "did you mean TWENTYTHREE_SITE_URL?"),
        ("TWENTY_THREE_REALTIME_URL", "did you mean TWENTYTHREE_REALTIME_URL?"),
        ("BOT_LOGLEVEL", "did you mean BOT_LOG_LEVEL?"),
        ("DISCROD_TOKEN", "did you mean DISCORD_TOKEN?"),
        ("TWENTYTHREE_ZEBRA", ".env.example lists them all."),
    ],
)
def test_a_misspelled_variable_is_a_problem_and_names_the_one_that_was_meant(
    given: str, hint: str
) -> None:
    found = unknown_variables({given: "x", "HOME": "/", "LOG_LEVEL": "x"}, _known())

    assert found.problems == (f"{given} is no variable of this bot; {hint}",)
    assert found.warnings == ()


@pytest.mark.parametrize("given", ["BOT_NAME", "DISCORD_WEBHOOK_URL"])
def test_a_variable_that_may_be_of_another_program_is_a_warning(given: str) -> None:
    found = unknown_variables({given: "x"}, _known())

    assert (found.problems, len(found.warnings)) == ((), 1)
    assert found.warnings[0].startswith(f"{given} is no variable of this bot; it is ignored")


def test_a_variable_beside_the_right_one_is_a_warning() -> None:
    found = unknown_variables({"DISCORD_BOT_TOKEN": "x", "DISCORD_TOKEN": "y"}, _known())

    assert (found.problems, len(found.warnings)) == ((), 1)


def test_known_variables_and_empty_ones_are_nothing_to_be_told() -> None:
    given = dict.fromkeys(_known(), "x") | {
        "discord_token": "x",
        "BOT_NAME": "",
        "TWENTYTHREE_X": "",
    }

    found = unknown_variables(given, _known())

    assert (found.problems, found.warnings) == ((), ())


def _known() -> frozenset[str]:
    return frozenset({*names_of(HostSettings), *variables()})
