"""The host's configuration: the ``DISCORD_`` and ``BOT_`` variables of the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    WrapValidator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


class BadConfigurationError(Exception):
    """Some variables are wrong; ``problems`` holds one sentence each, without their values."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_HIGHEST_PORT = 65_535
# A name, a number of either kind, or all addresses.
_HOST = re.compile(r"[\w.:%*\[\]-]+")
# Visible ASCII in one piece; anything else could not be sent as a header.
_TOKEN = re.compile(r"[!-~]+")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_address(value: str, secure: str, plain: str) -> str:
    # The bot's token goes wherever these addresses point.
    parts = _split(value)
    if parts is None or parts.scheme not in {secure, plain} or not parts.hostname:
        raise ValueError(f"must be an address that starts with {secure}://")
    if parts.scheme == plain and not _is_loopback(parts.hostname):
        raise ValueError(f"must start with {secure}://; plain {plain} goes to loopback only")
    if "@" in parts.netloc:
        # Beside them aiohttp sends no token, and ends in a mistake.
        raise ValueError("must not hold a user name or password")
    if not _has_usable_port(parts):
        raise ValueError("has a port that is no number up to 65535")
    return value.rstrip("/")


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value().strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("must be one word, as the Developer Portal shows it")
    return SecretStr(token)


def _api_address(value: str) -> str:
    return _check_address(value, "https", "http")


def _gateway_address(value: str) -> str:
    return _check_address(value, "wss", "ws")


def _listen_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    is_port = colon and port.isdecimal() and int(port) <= _HIGHEST_PORT
    if not (is_port and _HOST.fullmatch(host) and _is_name(host)):
        raise ValueError("must be host:port, such as 127.0.0.1:8023")
    return value


def _is_name(host: str) -> bool:
    try:
        # Each part of a name has its length.
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _unset_if_off(value: object) -> object:
    return None if _plain(value, str.lower) in {"", "off"} else _plain(value)


def _plain(value: object, case: Callable[[str], str] = str) -> object:
    """Return a text without the space around it, in upper or lower case where that is one."""
    return case(value.strip()) if isinstance(value, str) else value


def _else(words: str) -> WrapValidator:
    """Say these words about what does not fit, instead of pydantic's."""

    def check(value: Any, fit: Callable[[Any], Any]) -> Any:
        try:
            return fit(value)
        except ValidationError:
            raise ValueError(words) from None

    return WrapValidator(check)


_Optional = BeforeValidator(_unset_if_off)
_Server = Annotated[
    Annotated[int, Field(gt=0)],
    _else("must be the ID of a server: digits only, as Copy Server ID gives"),
]
_Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(lambda value: _plain(value, str.upper)),
    _else("must be DEBUG, INFO, WARNING or ERROR"),
]
_Format = Annotated[
    Literal["console", "json"],
    BeforeValidator(lambda value: _plain(value, str.lower)),
    _else("must be console or json"),
]


class HostSettings(BaseSettings):
    """What the host needs to know; a field's name in capitals is its variable.

    An empty variable counts as not set.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    discord_token: Annotated[SecretStr, AfterValidator(_token)]
    discord_api_url: Annotated[Annotated[str, AfterValidator(_api_address)] | None, _Optional] = (
        None
    )
    discord_gateway_url: Annotated[
        Annotated[str, AfterValidator(_gateway_address)] | None, _Optional
    ] = None
    discord_sync_guild: Annotated[_Server | None, _Optional] = None
    bot_log_level: _Level = "INFO"
    bot_log_format: _Format = "console"
    bot_http_listen: Annotated[
        Annotated[str, AfterValidator(_listen_address)] | None, _Optional
    ] = None


def load_settings() -> HostSettings:
    """Read the settings from the environment.

    Raises:
        BadConfigurationError: with one sentence per problem, naming its variable.
    """
    try:
        return HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
    except ValidationError as error:
        # Neither the error nor its inputs may be shown or chained: they hold the token.
        problems = tuple(
            _sentence(str(item["loc"][0]).upper(), item["type"], item["msg"])
            for item in error.errors(include_input=False, include_url=False, include_context=False)
        )
    raise BadConfigurationError(problems)


def variables() -> frozenset[str]:
    """Return the names of all variables that the host reads."""
    return frozenset(field.upper() for field in HostSettings.model_fields)


def _sentence(variable: str, kind: str, message: str) -> str:
    if kind == "missing":
        return f"{variable} is not set."
    return f"{variable}: {message.removeprefix('Value error, ')}."
