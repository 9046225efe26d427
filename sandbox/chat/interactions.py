"""Interactions: from a person's doing to the bot's last word on it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from . import payloads
from .core import Core
from .errors import refusal
from .model import Channel, Guild, Message, User

_KEPT: Final = 10_000
_SUBCOMMANDS: Final = (1, 2)


class Kind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Response(IntEnum):
    """How the bot may answer first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One interaction and what has come of it.

    Attributes:
        source: the message with the component that was used.
        trigger: the interaction that opened the modal.
        original: the bot's first message, or the source if that is what it changes.
        choices: what autocomplete offers.
        modal: what the bot has opened.
    """

    id: int
    token: str
    kind: Kind
    guild: Guild | None
    channel: Channel
    user: User
    created_at: float
    data: dict[str, Any]
    source: Message | None = None
    trigger: Interaction | None = None
    response: Response | None = None
    original: Message | None = None
    is_original_deleted: bool = False
    followups: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether a person sees an answer, and not only that the bot is thinking."""
        if self.response is None:
            return False
        return self.original is None or not self.original.is_loading

    @property
    def command(self) -> str:
        """The command that was given, with its subcommands; of anything else, nothing."""
        if self.kind is not Kind.COMMAND:
            return ""
        names, place = [self.data["name"]], self.data
        while (below := place.get("options") or []) and below[0]["type"] in _SUBCOMMANDS:
            place = below[0]
            names.append(place["name"])
        return " ".join(names)

    def metadata(self) -> dict[str, Any]:
        """Return what messages say about the interaction that they come from."""
        owners = {"0": "0" if self.guild is None else str(self.guild.id)}
        made: dict[str, Any] = {
            "id": str(self.id),
            "type": int(self.kind),
            "user": payloads.user(self.user),
            "authorizing_integration_owners": owners,
        }
        if self.source is not None:
            made["interacted_message_id"] = str(self.source.id)
        if self.trigger is not None:
            made["triggering_interaction_metadata"] = self.trigger.metadata()
        return made


class Interactions:
    """The newest interactions, by ID and by token."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def start(
        self,
        kind: Kind,
        *,
        channel: Channel,
        user: User,
        data: dict[str, Any],
        source: Message | None = None,
        trigger: Interaction | None = None,
    ) -> Interaction:
        """Tell the bot what a person did."""
        world = self._core.world
        interaction = Interaction(
            id=world.ids.next(),
            token=secrets.token_urlsafe(48),
            kind=kind,
            guild=world.guild_of(channel),
            channel=channel,
            user=user,
            created_at=world.now(),
            data=data,
            source=source,
            trigger=trigger,
        )
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        if len(self._by_id) > _KEPT:
            self._forget(next(iter(self._by_id.values())))
        guild_id = None if interaction.guild is None else interaction.guild.id
        self._core.sessions.dispatch("INTERACTION_CREATE", self._payload(interaction), guild_id)
        return interaction

    def _forget(self, interaction: Interaction) -> None:
        """Forget an interaction, with what only one person saw of it."""
        del self._by_id[interaction.id], self._by_token[interaction.token]
        for message in (interaction.original, *interaction.followups):
            if message is not None and message.is_ephemeral:
                self._core.remove(message)

    def find(self, interaction_id: int) -> Interaction | None:
        """Return an interaction, if it is known."""
        return self._by_id.get(interaction_id)

    def by_id(self, interaction_id: int) -> Interaction:
        """Return an interaction.

        Raises:
            ApiError: 10062.
        """
        if interaction_id not in self._by_id:
            raise refusal(10062)
        return self._by_id[interaction_id]

    def answerable(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that may have its first answer now.

        Raises:
            ApiError: 10062 if it is unknown or too old, 40060 if it has one.
        """
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise refusal(10062)
        if interaction.response is not None:
            raise refusal(40060)
        age_s = self._core.world.now() - interaction.created_at
        if age_s > self._core.rules.interaction_deadline_s:
            raise refusal(10062)
        return interaction

    def by_token(self, token: str) -> Interaction:
        """Return an interaction that was answered and whose token still lives.

        Raises:
            ApiError: 10015 or 50027.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.response is None:
            raise refusal(10015)
        age_s = self._core.world.now() - interaction.created_at
        if age_s > self._core.rules.interaction_token_s:
            raise refusal(50027)
        return interaction

    def _payload(self, it: Interaction) -> dict[str, Any]:
        world = self._core.world
        payload: dict[str, Any] = {
            "id": str(it.id),
            "application_id": str(world.bot.id),
            "type": int(it.kind),
            "token": it.token,
            "version": 1,
            "data": it.data,
            "channel_id": str(it.channel.id),
            "channel": {
                **payloads.channel(it.channel),
                "permissions": str(world.may(it.user.id, it.channel)),
            },
            "app_permissions": str(world.may(world.bot.id, it.channel)),
            "locale": it.user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": 10_485_760,
            "context": 1 if it.guild is None else 0,
            "authorizing_integration_owners": it.metadata()["authorizing_integration_owners"],
        }
        if it.source is not None:
            payload["message"] = self._core.shown(it.source)
        return payload | self._of_place(it, world.may)

    def _of_place(self, it: Interaction, may: Callable[[int, Channel], int]) -> dict[str, Any]:
        if it.guild is None:
            return {"user": payloads.user(it.user)}
        member = payloads.member(it.guild.members[it.user.id])
        return {
            "guild_id": str(it.guild.id),
            "guild": {"id": str(it.guild.id), "locale": it.guild.locale, "features": []},
            "guild_locale": it.guild.locale,
            "member": {**member, "permissions": str(may(it.user.id, it.channel))},
        }
