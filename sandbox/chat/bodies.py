"""Message bodies: checked as Discord checks them, and put into a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from . import components, embeds, permissions
from .calls import Call, Upload
from .errors import Problem, invalid_form, refusal, too_long
from .model import Guild, Message, MessageFlag
from .options import Rules
from .world import World

_MAX_CONTENT: Final = 2000
_MAX_NONCE: Final = 25
_MAX_MENTIONS: Final = 100
_SETTABLE: Final = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
    | MessageFlag.EPHEMERAL
)
_USER: Final = re.compile(r"<@!?(\d+)>")
_ROLE: Final = re.compile(r"<@&(\d+)>")
_EVERYONE: Final = re.compile(r"@(everyone|here)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body that was accepted; ``None`` is for what was not sent."""

    content: str | None
    embeds: list[dict[str, Any]] | None
    components: list[dict[str, Any]] | None
    attachments: list[Upload] | None
    flags: int | None
    nonce: str | int | None
    is_nonce_enforced: bool
    allowed_mentions: dict[str, Any] | None
    replies_to: int | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.content or self.embeds or self.components or self.attachments)


def body_of(call: Call, rules: Rules, sent: dict[str, Any] | None = None) -> Body:
    """Return the body of a request, or what ``sent`` holds of it.

    Raises:
        ApiError: 50035 with each problem, or 200000.
    """
    sent = call.object() if sent is None else sent
    problems: list[Problem] = []
    flags = sent.get("flags")
    is_v2 = bool((flags or 0) & MessageFlag.COMPONENTS_V2)
    content = _content(sent, problems, is_v2=is_v2)
    shown_embeds, wrong = embeds.taken(sent.get("embeds"))
    problems += wrong
    shown_components, wrong = components.taken(sent.get("components"), is_v2=is_v2)
    problems += wrong
    nonce = sent.get("nonce")
    if nonce is not None and len(str(nonce)) > _MAX_NONCE:
        problems.append(too_long("nonce", _MAX_NONCE))
    problems += _wrong_mentions(sent.get("allowed_mentions"))
    if problems:
        raise invalid_form(problems)
    _moderate(rules, content, shown_embeds)
    reference = sent.get("message_reference")
    return Body(
        content=content,
        embeds=shown_embeds if "embeds" in sent else None,
        components=shown_components if "components" in sent else None,
        attachments=list(call.uploads) if call.uploads or "attachments" in sent else None,
        flags=None if flags is None else int(flags) & _SETTABLE,
        nonce=nonce,
        is_nonce_enforced=bool(sent.get("enforce_nonce")) and nonce is not None,
        allowed_mentions=sent.get("allowed_mentions"),
        replies_to=None if reference is None else int(reference["message_id"]),
    )


def _content(sent: dict[str, Any], problems: list[Problem], *, is_v2: bool) -> str | None:
    if "content" not in sent:
        return None
    content = "" if sent["content"] is None else str(sent["content"]).strip()
    if len(content) > _MAX_CONTENT:
        problems.append(too_long("content", _MAX_CONTENT))
    if is_v2 and (content or sent.get("embeds")):
        message = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        problems.append(("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message))
    return content


def _wrong_mentions(allowed: Any) -> list[Problem]:
    if not isinstance(allowed, dict):
        return []
    problems: list[Problem] = []
    for kind in ("users", "roles"):
        if len(allowed.get(kind) or []) > _MAX_MENTIONS:
            problems.append(too_long(f"allowed_mentions.{kind}", _MAX_MENTIONS))
        if allowed.get(kind) and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.append(
                ("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
            )
    return problems


def _moderate(rules: Rules, content: str | None, shown: list[dict[str, Any]]) -> None:
    if rules.automod is None:
        return
    texts = [content or "", *(str(embed) for embed in shown)]
    if any(rules.automod.search(text) for text in texts):
        raise refusal(200000)


def moderate_title(rules: Rules, title: str) -> None:
    """Refuse a thread's name as the texts of messages are.

    Raises:
        ApiError: 200001.
    """
    if rules.automod is not None and rules.automod.search(title):
        raise refusal(200001)


def put(body: Body, message: Message, world: World) -> None:
    """Put what was sent into the message, and mention whom it may mention."""
    if body.content is not None:
        message.content = body.content
    if body.embeds is not None:
        message.embeds = body.embeds
    if body.components is not None:
        message.components = body.components
    if body.attachments is not None:
        message.attachments = [world.files.add(one) for one in body.attachments]
    if body.flags is not None:
        kept = message.flags & ~_SETTABLE | message.flags & MessageFlag.EPHEMERAL
        message.flags = kept | body.flags
    _mention(message, body.allowed_mentions, world)


def is_shown(message: Message) -> bool:
    """Say whether the message has anything in it."""
    parts = (message.content, message.embeds, message.components, message.attachments)
    return any(parts)


def _mention(message: Message, allowed: dict[str, Any] | None, world: World) -> None:
    users = [int(one) for one in _USER.findall(message.content)]
    roles = [int(one) for one in _ROLE.findall(message.content)]
    parse = None if allowed is None else set(allowed.get("parse") or [])
    listed = allowed or {}
    may_all, mentionable = _mentionable(message, world)
    message.mention_everyone = (
        may_all
        and (parse is None or "everyone" in parse)
        and _EVERYONE.search(message.content) is not None
    )
    message.mention_user_ids = [
        one
        for one in dict.fromkeys(users)
        if one in world.users and _is_allowed(one, "users", parse, listed)
    ]
    message.mention_role_ids = [
        one
        for one in dict.fromkeys(roles)
        if one in mentionable and _is_allowed(one, "roles", parse, listed)
    ]


def _is_allowed(one: int, kind: str, parse: set[str] | None, listed: dict[str, Any]) -> bool:
    return parse is None or kind in parse or str(one) in map(str, listed.get(kind) or [])


def _mentionable(message: Message, world: World) -> tuple[bool, set[int]]:
    if message.guild_id is None:
        return False, set()
    guild: Guild = world.guilds[message.guild_id]
    granted = world.may(message.author.id, world.channels[message.channel_id])
    may_all = bool(granted & permissions.MENTION_EVERYONE)
    roles = {role.id for role in guild.roles.values() if may_all or role.is_mentionable}
    return may_all, roles - {guild.id}
