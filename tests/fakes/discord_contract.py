"""Discord's published OpenAPI document as a judge of requests and answers.

The document lies beside the repository and is not part of it; without it there is no judge.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import pytest
from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError

DOCUMENT = Path(__file__).parents[3] / "shared" / "discord-openapi.json"
_SENT, _GIVEN = "urn:sent", "urn:given"
_JSON = "application/json"


class Contract:
    """Judges by method, template ("/channels/{channel_id}"), status and body."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = _corrected(document)
        sent = copy.deepcopy(self._document)
        # The library sends IDs as numbers, and Discord takes both; it gives strings.
        sent["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        self._registry = Registry([(_SENT, sent), (_GIVEN, self._document)], draft=Draft202012)
        self._validators: dict[str, Draft202012Validator] = {}
        # The names of the parts differ here and there; what counts is where they are.
        self._paths = {_anonymous(path): path for path in self._document["paths"]}

    def problems_of_request(self, method: str, template: str, body: object) -> list[str]:
        """Return what is wrong with the body of a request."""
        operation, at = self._operation(method, template)
        if operation is None:
            return [f"{method} {template} is not in the document"]
        content = operation.get("requestBody", {}).get("content", {})
        if _JSON not in content:
            return [] if body is None else [f"{method} {template} takes no JSON"]
        pointer = f"{at}/requestBody/content/{_escaped(_JSON)}/schema"
        return self._problems(f"{_SENT}#{pointer}", body, f"{method} {template}")

    def problems_of_response(
        self, method: str, template: str, status: int, body: object
    ) -> list[str]:
        """Return what is wrong with an answer."""
        operation, at = self._operation(method, template)
        if operation is None:
            return [f"{method} {template} is not in the document"]
        key = _status_key(status, operation["responses"])
        said = f"{method} {template} -> {status}"
        if key is None:
            return [f"{said} is not in the document"]
        response = operation["responses"][key]
        pointer = f"{at}/responses/{key}"
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#")
            response = self._document["components"]["responses"][pointer.rpartition("/")[2]]
        if "content" not in response:
            return [] if body is None else [f"{said} has a body"]
        schema = f"{_GIVEN}#{pointer}/content/{_escaped(_JSON)}/schema"
        return self._problems(schema, body, said)

    def problems_of_part(self, name: str, body: object) -> list[str]:
        """Return what is wrong with a part of an answer, or of what the gateway tells."""
        return self._problems(f"{_GIVEN}#/components/schemas/{name}", body, name)

    def constants(self, name: str) -> list[Any]:
        """Return the values that there are of something."""
        return [one["const"] for one in self._document["components"]["schemas"][name]["oneOf"]]

    def _operation(self, method: str, template: str) -> tuple[dict[str, Any] | None, str]:
        path = self._paths.get(_anonymous(template), template)
        found = self._document["paths"].get(path, {}).get(method.lower())
        return found, f"/paths/{_escaped(path)}/{method.lower()}"

    def _problems(self, schema: str, body: object, said: str) -> list[str]:
        validator = self._validators.get(schema)
        if validator is None:
            validator = self._validators[schema] = Draft202012Validator(
                {"$ref": schema}, registry=self._registry, validate_formats=True
            )
        return [f"{said}: {line}" for error in validator.iter_errors(body) for line in _told(error)]


def _told(error: ValidationError) -> Iterator[str]:
    yield f"{_path(error)}: {error.message[:300]}"
    for branch in getattr(error.kind, "context", []):
        for inner in branch:
            yield f"  {_path(inner)}: {inner.message[:200]}"


def _path(error: ValidationError) -> str:
    return "/".join(("$", *map(str, error.instance_path)))


def _anonymous(template: str) -> str:
    parts = ["{}" if part.startswith("{") else part for part in template.split("/")]
    return "/".join(parts)


def _escaped(part: str) -> str:
    escaped = part.replace("~", "~0").replace("/", "~1")
    return escaped.replace("{", "%7B").replace("}", "%7D")


def _status_key(status: int, responses: Mapping[str, object]) -> str | None:
    for key in (str(status), f"{status // 100}XX"):
        if key in responses:
            return key
    return None


def _corrected(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with what it says wrongly put right.

    Form errors carry words for codes ("BASE_TYPE_REQUIRED"), as Discord's reference shows under
    "Error Messages"; the document has them as numbers. Media channels (16) are in the reference
    and not in the document; discord.py names them among the channels of a command's option.
    """
    corrected = copy.deepcopy(document)
    schemas = corrected["components"]["schemas"]
    schemas["ChannelTypes"]["oneOf"].append({"const": 16})
    schemas["GuildChannelResponse"]["properties"]["type"]["enum"].append(16)
    inner = schemas["InnerErrors"]["properties"]["_errors"]
    inner["items"] = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        "required": ["code", "message"],
    }
    return corrected


@cache
def _loaded() -> Contract | None:
    if not DOCUMENT.exists():
        return None
    return Contract(json.loads(DOCUMENT.read_text(encoding="utf-8")))


class Traffic(Protocol):
    """A request and its answer, as a stand-in's log has them."""

    @property
    def method(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def request(self) -> Any: ...
    @property
    def status(self) -> int | None: ...
    @property
    def response(self) -> Any: ...
    @property
    def is_fault(self) -> bool: ...


def problems_of(traffic: Iterable[Traffic]) -> list[str]:
    """Return what is wrong with the traffic; without the document, nothing is.

    Left out are bodies of requests that were refused, since refusing is what they are for, and
    answers that a fault has made.
    """
    contract = _loaded()
    problems: list[str] = []
    for one in traffic if contract is not None else ():
        assert contract is not None
        if not one.template:
            continue
        is_refused = one.status is not None and one.status >= HTTPStatus.BAD_REQUEST
        if one.request is not None and (one.is_fault or not is_refused):
            problems += contract.problems_of_request(one.method, one.template, one.request)
        if one.status is not None and not one.is_fault:
            problems += contract.problems_of_response(
                one.method, one.template, one.status, one.response
            )
    return problems


def judge(traffic: Iterable[Traffic]) -> None:
    """Hold traffic against Discord's document."""
    problems = problems_of(traffic)
    assert not problems, "\n".join(problems)


def contract() -> Contract:
    """Return the judge; without the document the test is skipped."""
    found = _loaded()
    if found is None:
        pytest.skip(f"{DOCUMENT.name} is not here")
    return found
