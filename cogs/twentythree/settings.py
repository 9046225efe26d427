"""The plugin's configuration: the ``TWENTYTHREE_`` variables of the environment.

The environment only, never a ``.env`` file: which files are read is the host's choice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    WrapValidator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from yarl import URL

from .bayeux import valid_interval
from .bayeux.channels import valid_channel
from .domain.barring import Servers
from .domain.fields import as_author, identity
from .errors import ConfigurationError
from .loopback import is_loopback

_PREFIX = "TWENTYTHREE_"
_DATABASES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg")
# Visible ASCII in one piece; anything else could not be sent as a header.
_TOKEN = re.compile(r"[!-~]+")
# As SQLAlchemy reads it, which takes more than a web address would.
_PASSWORD = re.compile(r"[^:]+://[^:/]*:([^@]*)@")
_PASSWORD_ASKED = re.compile(r"[?&]password=([^&]+)")
# Of a name as it is asked for, or a number.
_HOST = re.compile(r"[\w.:-]+", re.ASCII)
_MAX_NAME = 80
# Controls, lone surrogates, and what ends a line or a paragraph.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_OAUTH_FIELDS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


def _web_address(value: str, secure: str, plain: str) -> str:
    parts = _split(value)
    host = "" if parts is None else parts.hostname or ""
    if parts is None or parts.scheme not in {secure, plain} or not _is_host(host):
        raise ValueError(f"must be an address such as {secure}://video.example.com")
    if parts.scheme == plain and not is_loopback(host):
        raise ValueError(f"must start with {secure}://; plain {plain} goes to loopback only")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password")
    if not _has_usable_port(parts):
        raise ValueError("has a port that is no number up to 65535")
    return value.rstrip("/")


def _split(address: str) -> SplitResult | None:
    if not address.isprintable():
        # It would be left out in silence.
        return None
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _is_host(name: str) -> bool:
    """Tell whether a host can be asked for: with what is copied come signs that nobody sees."""
    try:
        host = URL.build(scheme="https", host=name).raw_host or ""
        # Each part of a name has its length.
        host.encode("idna")
    except ValueError:
        return False
    return _HOST.fullmatch(host) is not None


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _site_address(value: str) -> str:
    address = _web_address(value, "https", "http")
    parts = urlsplit(address)
    if parts.path or {"?", "#"} & set(address):
        raise ValueError("must be the workspace's address alone, without a path")
    return address


def _realtime_address(value: str) -> str:
    if value.startswith(("ws://", "wss://")):
        return _web_address(value, "wss", "ws")
    return _web_address(value, "https", "http")


def _database_address(value: str) -> str:
    kind, found, _ = value.partition("://")
    if not found or kind not in _DATABASES:
        # Nothing of the address itself may be said: it may hold a password.
        raise ValueError(
            "must be an address such as sqlite+aiosqlite:///twentythree.db or "
            "postgresql+asyncpg://user:password@host/database"
        )
    return value


def _credential(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return None
    token = value.get_secret_value().strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("must be one word, as the workspace shows it")
    return SecretStr(token)


def _sub_channel(value: str) -> str:
    if "/" in value or not valid_channel(f"/{value}"):
        raise ValueError("must be the name of a sub-channel, as /video diagnose shows it")
    return value


def _interval(value: str) -> str:
    if not valid_interval(value):
        raise ValueError("must be an interval such as 12h, 90m or 30s")
    return value


def _line(value: str) -> str:
    is_one = not any(unicodedata.category(one) in _NOT_IN_A_LINE for one in value)
    if not is_one or len(value) > _MAX_NAME:
        raise ValueError(f"must be one line of at most {_MAX_NAME} characters")
    if not as_author(value):
        raise ValueError("must not look like an e-mail address: such names are not shown")
    return value


def _servers(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = [one.strip() for one in value.split(",") if one.strip()]
    if not all(one.isascii() and one.isdecimal() and identity(one) for one in ids):
        raise ValueError("must be IDs of Discord servers, separated by commas")
    return ids


def _plain(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    # `NAME=` in an env file is how people say "not set".
    return None if _plain(value) == "" else _plain(value)


def _else(words: str) -> WrapValidator:
    """Say these words about what does not fit, instead of pydantic's."""

    def check(value: Any, fit: Callable[[Any], Any]) -> Any:
        try:
            return fit(value)
        except ValidationError:
            raise ValueError(words) from None

    return WrapValidator(check)


_OrNone = BeforeValidator(_none_if_empty)
_Secret = Annotated[SecretStr | None, _OrNone, AfterValidator(_credential)]
_Seconds = Annotated[
    float,
    Field(gt=0, le=86_400),
    _else("must be a number of seconds above 0, at most 86400"),
]
_Lease = Annotated[float, Field(ge=3, le=300), _else("must be a number of seconds from 3 to 300")]
_PerMinute = Annotated[int, Field(ge=10, le=6_000), _else("must be a whole number from 10 to 6000")]
_Days = Annotated[
    int, Field(ge=1, le=3_650), _else("must be a whole number of days from 1 to 3650")
]
_Version = Annotated[
    Literal["auto", "1", "2"],
    BeforeValidator(lambda value: str(value).strip().lower()),
    _else("must be auto, 1 or 2"),
]
_Realtime = Annotated[
    Literal["confirm", "verify"],
    BeforeValidator(lambda value: str(value).strip().lower()),
    _else("must be confirm or verify"),
]


class Settings(BaseSettings):
    """What the plugin needs to know; every field is a variable with the prefix TWENTYTHREE_.

    An empty variable counts as not set.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, extra="ignore", frozen=True, env_ignore_empty=True
    )

    site_url: Annotated[str, BeforeValidator(_plain), AfterValidator(_site_address)]
    bearer_token: _Secret = None
    consumer_key: _Secret = None
    consumer_secret: _Secret = None
    access_token: _Secret = None
    access_token_secret: _Secret = None
    api_version: _Version = "auto"
    realtime: _Realtime = "confirm"
    realtime_url: Annotated[Annotated[str, AfterValidator(_realtime_address)] | None, _OrNone] = (
        None
    )
    database_url: Annotated[
        str, BeforeValidator(_plain), AfterValidator(_database_address), Field(repr=False)
    ] = "sqlite+aiosqlite:///twentythree.db"
    lease_seconds: _Lease = 10
    reconcile_seconds: _Seconds = 300
    poll_seconds: _Seconds = 15
    follow_seconds: _Seconds = 120
    same_broadcast_seconds: _Seconds = 180
    analytics_channel: Annotated[Annotated[str, AfterValidator(_sub_channel)] | None, _OrNone] = (
        None
    )
    catch_up: Annotated[Annotated[str, AfterValidator(_interval)] | None, _OrNone] = None
    requests_per_minute: _PerMinute = 240
    reply_name: Annotated[Annotated[str, AfterValidator(_line)] | None, _OrNone] = None
    trail_days: _Days = 90
    servers: Annotated[frozenset[int], NoDecode, BeforeValidator(_servers)] = frozenset()

    @property
    def has_credentials(self) -> bool:
        """Whether more than public data may come from the workspace."""
        return self.bearer_token is not None or self.consumer_key is not None

    @property
    def admitted(self) -> Servers:
        """The servers that may use the workspace; with credentials only those that are named."""
        return Servers(self.servers if self.servers or self.has_credentials else None)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        given = [name for name in _OAUTH_FIELDS if getattr(self, name) is not None]
        if given and len(given) < len(_OAUTH_FIELDS):
            missing = ", ".join(_variable(name) for name in _OAUTH_FIELDS if name not in given)
            raise ValueError(f"OAuth needs all four of its variables; missing: {missing}")
        if given and self.bearer_token is not None:
            raise ValueError(
                f"set either {_variable('bearer_token')} or the four OAuth variables, not both"
            )
        return self


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        ConfigurationError: with one line per problem, each naming its variable, no value.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # the environment gives what is required
    except ValidationError as error:
        # Neither the error nor its inputs may be shown or chained: they hold secrets.
        problems = tuple(
            _problem(item["loc"], item["type"], item["msg"])
            for item in error.errors(include_input=False, include_url=False, include_context=False)
        )
    raise ConfigurationError(problems)


def configuration_problems() -> tuple[str, ...]:
    """Return what is wrong with the environment, a sentence each; empty if nothing is."""
    try:
        load_settings()
    except ConfigurationError as error:
        return error.problems
    return ()


def no_server_problem(settings: Settings) -> str | None:
    """Return what to do where no server may use the workspace; ``None`` where one may."""
    if settings.admitted.allowed != frozenset():
        return None
    return (
        f"{_variable('servers')} names no server, and with credentials only those that it names "
        "may use the workspace: any command of the bot tells the ID of its server."
    )


def may_use_workspace(guild_id: int) -> bool:
    """Tell whether the environment lets a Discord server use the workspace.

    Raises:
        ConfigurationError: a variable is wrong or missing.
    """
    return load_settings().admitted.allows(guild_id)


def variables() -> frozenset[str]:
    """Return the names of all variables that the plugin reads."""
    return frozenset(map(_variable, Settings.model_fields))


def secrets() -> tuple[str, ...]:
    """Return every secret of the environment, so that a host can strike them from its logs."""
    settings = load_settings()
    fields = ("bearer_token", *_OAUTH_FIELDS)
    found = [getattr(settings, name) for name in fields]
    # As it stands in the address, and as it is sent.
    written = _PASSWORD.match(settings.database_url)
    of_database = {written[1], unquote(written[1])} if written else set()
    for one in _PASSWORD_ASKED.findall(settings.database_url):
        of_database |= {one, unquote_plus(one)}
    return (*(secret.get_secret_value() for secret in found if secret), *of_database)


def _variable(field: str) -> str:
    return f"{_PREFIX}{field.upper()}"


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not location:
        return f"{_PREFIX}*: {text}."
    name = _variable(str(location[0]))
    if kind == "missing":
        return f"{name} is not set."
    return f"{name}: {text}."
