"""Answers to interactions: the first one, and those that follow."""

from __future__ import annotations

from typing import Any, Final

from ...journal import Happening, Subject
from ..bodies import Body, body_of, is_shown, put
from ..calls import NO_CONTENT, Answer, Call, Route, Routes
from ..core import Core
from ..errors import Problem, invalid_form, refusal, required, too_long
from ..interactions import Interaction, Interactions, Kind, Response
from ..model import Message, MessageFlag, MessageType

_CALLBACK: Final = "/interactions/{interaction_id}/{interaction_token}/callback"
_WEBHOOK: Final = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL: Final = f"{_WEBHOOK}/messages/@original"
_ONE: Final = f"{_WEBHOOK}/messages/{{message_id}}"
_MAX_CHOICES: Final = 25
_MAX_CHOICE: Final = 100
_MAX_TITLE: Final = 45
_ALLOWED: Final = {
    Kind.COMMAND: {Response.MESSAGE, Response.DEFERRED_MESSAGE, Response.MODAL},
    Kind.COMPONENT: set(Response) - {Response.CHOICES},
    Kind.AUTOCOMPLETE: {Response.CHOICES},
    Kind.MODAL: set(Response) - {Response.CHOICES, Response.MODAL},
}


def routes(core: Core, interactions: Interactions) -> Routes:
    """Return the routes of this part; the token in the path is all that they ask for."""
    answers = _Answers(core, interactions)
    found: list[tuple[str, str, Any, bool]] = [
        ("POST", _CALLBACK, answers.first, False),
        ("POST", _WEBHOOK, answers.followup, True),
        ("GET", _ORIGINAL, answers.get, True),
        ("PATCH", _ORIGINAL, answers.edit, True),
        ("DELETE", _ORIGINAL, answers.delete, True),
        ("GET", _ONE, answers.get, True),
        ("PATCH", _ONE, answers.edit, True),
        ("DELETE", _ONE, answers.delete, True),
    ]
    return [
        Route(
            method=method, template=template, handle=handle, needs_token=False, is_limited=limited
        )
        for method, template, handle, limited in found
    ]


class _Answers:
    def __init__(self, core: Core, interactions: Interactions) -> None:
        self._core = core
        self._interactions = interactions

    # The first answer.

    def first(self, call: Call) -> Answer:
        interaction = self._interactions.answerable(
            call.id("interaction_id"), call.parts["interaction_token"]
        )
        sent = call.object()
        kinds = _ALLOWED[interaction.kind]
        if sent.get("type") not in kinds:
            message = f"Value must be one of {{{', '.join(str(int(one)) for one in kinds)}}}."
            raise invalid_form([("type", "BASE_TYPE_CHOICES", message)])
        response = Response(sent["type"])
        self._take(interaction, response, call, sent.get("data") or {})
        interaction.response = response
        self._core.changes.tell()
        if call.query.get("with_response") not in ("1", "true"):
            return Answer(status=NO_CONTENT)
        return Answer(body=self._told(interaction, response))

    def _take(
        self, interaction: Interaction, response: Response, call: Call, data: dict[str, Any]
    ) -> None:
        match response:
            case Response.MESSAGE | Response.DEFERRED_MESSAGE:
                is_deferred = response is Response.DEFERRED_MESSAGE
                body = body_of(call, self._core.rules, data)
                if body.is_empty and not is_deferred:
                    raise refusal(50006)
                flag = MessageFlag.LOADING if is_deferred else 0
                interaction.original = self._message(interaction, body, flag)
            case Response.DEFERRED_UPDATE | Response.UPDATE:
                interaction.original = interaction.source
                if response is Response.UPDATE and interaction.source is not None:
                    self._change(interaction.source, body_of(call, self._core.rules, data))
            case Response.CHOICES:
                interaction.choices = _choices(data)
            case Response.MODAL:
                interaction.modal = _modal(data)
                self._core.journal.add(Happening(Subject.MODAL, interaction.id))

    def _told(self, interaction: Interaction, response: Response) -> dict[str, Any]:
        told: dict[str, Any] = {"id": str(interaction.id), "type": int(interaction.kind)}
        message = interaction.original
        if message is None:
            return {"interaction": told}
        told |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.is_loading,
            "response_message_ephemeral": message.is_ephemeral,
        }
        if response not in (Response.MESSAGE, Response.UPDATE):
            return {"interaction": told}
        resource = {"type": int(response), "message": self._core.shown(message)}
        return {"interaction": told, "resource": resource}

    # What follows.

    def followup(self, call: Call) -> Answer:
        interaction = self._found(call)
        body = body_of(call, self._core.rules)
        if body.is_empty:
            raise refusal(50006)
        original = interaction.original
        if original is not None and original.is_loading:
            # The first follow-up takes the place of "thinking …", whose eyes it is for included.
            self._fill(original, body)
            return Answer(body=self._core.shown(original))
        message = self._message(interaction, body)
        interaction.followups.append(message)
        self._core.changes.tell()
        return Answer(body=self._core.shown(message))

    def get(self, call: Call) -> Answer:
        return Answer(body=self._core.shown(self._message_of(call)))

    def edit(self, call: Call) -> Answer:
        message = self._message_of(call)
        body = body_of(call, self._core.rules)
        if message.is_loading:
            if body.is_empty:
                raise refusal(50006)
            self._fill(message, body)
        else:
            self._change(message, body)
        return Answer(body=self._core.shown(message))

    def delete(self, call: Call) -> Answer:
        interaction, message = self._found(call), self._message_of(call)
        if message is interaction.original:
            interaction.is_original_deleted = True
        self._core.remove(message)
        return Answer(status=NO_CONTENT)

    # Messages.

    def _message(self, interaction: Interaction, body: Body, flag: int = 0) -> Message:
        world = self._core.world
        is_command = interaction.kind is Kind.COMMAND
        flags = (body.flags or 0) | flag
        message = Message(
            id=world.ids.next(),
            channel_id=interaction.channel.id,
            guild_id=interaction.channel.guild_id,
            author=world.bot,
            created_at=world.now(),
            type=MessageType.CHAT_INPUT_COMMAND if is_command else MessageType.DEFAULT,
            flags=flags,
            webhook_id=world.bot.id,
            interaction_metadata=interaction.metadata(),
            seen_by=interaction.user.id if flags & MessageFlag.EPHEMERAL else None,
        )
        put(body, message, world)
        return self._core.say(message)

    def _fill(self, message: Message, body: Body) -> None:
        message.flags &= ~MessageFlag.LOADING
        put(body, message, self._core.world)
        self._core.tell_message("MESSAGE_UPDATE", message)

    def _change(self, message: Message, body: Body) -> None:
        before = (message.content, message.embeds, message.components, message.attachments)
        put(body, message, self._core.world)
        if not is_shown(message):
            message.content, message.embeds, message.components, message.attachments = before
            raise refusal(50006)
        message.edited_at = self._core.world.now()
        self._core.tell_message("MESSAGE_UPDATE", message)

    def _found(self, call: Call) -> Interaction:
        if call.id("webhook_id") != self._core.world.bot.id:
            raise refusal(10015)
        return self._interactions.by_token(call.parts["webhook_token"])

    def _message_of(self, call: Call) -> Message:
        interaction = self._found(call)
        original = None if interaction.is_original_deleted else interaction.original
        wanted = call.parts.get("message_id")
        mine = [original] if wanted is None else [original, *interaction.followups]
        for message in mine:
            if message is None or message.id not in self._core.world.messages:
                continue
            if wanted in (None, str(message.id)):
                return message
        raise refusal(10008)


def _choices(data: dict[str, Any]) -> list[dict[str, Any]]:
    choices = data.get("choices") or []
    problems: list[Problem] = []
    if len(choices) > _MAX_CHOICES:
        problems.append(too_long("data.choices", _MAX_CHOICES))
    for index, choice in enumerate(choices):
        for key in ("name", "value"):
            if not 1 <= len(str(choice.get(key, ""))) <= _MAX_CHOICE:
                message = f"Must be between 1 and {_MAX_CHOICE} in length."
                problems.append((f"data.choices.{index}.{key}", "BASE_TYPE_BAD_LENGTH", message))
    if problems:
        raise invalid_form(problems)
    return list(choices)


def _modal(data: dict[str, Any]) -> dict[str, Any]:
    problems = [required(f"data.{key}") for key in ("custom_id", "title") if not data.get(key)]
    if len(str(data.get("title", ""))) > _MAX_TITLE:
        problems.append(too_long("data.title", _MAX_TITLE))
    if problems:
        raise invalid_form(problems)
    return dict(data)
