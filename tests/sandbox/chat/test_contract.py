"""Discord's document as a judge, and what no other test asks the stand-in for."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import pytest

from sandbox.chat import Channel, Chat, Guild
from tests.fakes.discord_contract import contract, judge
from tests.fakes.discord_rest_client import Rest

_MESSAGES = "/channels/{channel_id}/messages"


def test_a_request_that_breaks_the_contract_is_noticed() -> None:
    found = contract().problems_of_request("POST", _MESSAGES, {"embeds": [{"title": 1}]})

    assert any('1 is not of types "null", "string"' in line for line in found)
    assert contract().problems_of_request("POST", _MESSAGES, {"content": "x"}) == []
    assert contract().problems_of_request("POST", "/other", {}) == [
        "POST /other is not in the document"
    ]
    assert contract().problems_of_request("GET", _MESSAGES, {}) == [
        f"GET {_MESSAGES} takes no JSON"
    ]


def test_an_answer_that_breaks_the_contract_is_noticed() -> None:
    found = contract().problems_of_response("GET", "/users/{user_id}", 200, {"id": 1})

    assert any('"username" is a required property' in line for line in found)
    assert any('1 is not of type "string"' in line for line in found)
    error = {"message": "x", "code": 1, "errors": {"a": {"_errors": [{"code": 1, "message": "x"}]}}}
    assert contract().problems_of_response("GET", "/users/{user_id}", 400, error)
    assert contract().problems_of_response("GET", "/users/{user_id}", 302, {})
    assert contract().problems_of_response("DELETE", _MESSAGES + "/{message_id}", 204, {})


def test_traffic_that_breaks_the_contract_fails_its_test() -> None:
    contract()
    post = SimpleNamespace(
        method="POST",
        template=_MESSAGES,
        request={"content": 1},
        status=200,
        response={},
        is_fault=False,
    )

    with pytest.raises(AssertionError, match='1 is not of types "null", "string"'):
        judge([post])
    post.is_fault, post.request = True, {"content": "x"}
    judge([post])


async def test_what_is_read_of_guilds_and_accounts_keeps_the_contract(
    chat: Chat, guild: Guild, room: Channel, rest: Rest
) -> None:
    paths = [
        "/gateway",
        "/gateway/bot",
        "/users/@me",
        "/users/@me/guilds?limit=200&after=1",
        "/oauth2/applications/@me",
        f"/guilds/{guild.id}?with_counts=1",
        f"/guilds/{guild.id}/channels",
        f"/guilds/{guild.id}/roles",
        f"/guilds/{guild.id}/members/{chat.owner.id}",
        f"/guilds/{guild.id}/threads/active",
        f"/channels/{room.id}",
    ]

    assert [(await rest("GET", path)).status for path in paths] == [200] * len(paths)


_REFUSALS = [
    ("GET", "/users/abc", 400, 50035),
    ("GET", "/channels/{room}/messages?limit=101", 400, 50035),
    ("GET", "/channels/{room}/messages?before=abc", 400, 50035),
    ("GET", "/guilds/{guild}/members/1", 404, 10013),
    ("GET", "/applications/1/commands", 403, 50001),
    ("GET", "/applications/{bot}/guilds/1/commands", 403, 50001),
    ("PUT", "/applications/{bot}/commands", 400, 50109),
    ("POST", "/channels/{room}/messages", 400, 50109),
    ("POST", "/users/@me/channels", 400, 50109),
    ("POST", "/webhooks/{bot}/token", 404, 10015),
    ("PUT", "/channels/{room}/thread-members/@me", 400, 50024),
    ("DELETE", "/channels/{room}", 403, 50013),
]


@pytest.mark.parametrize("refusal", _REFUSALS, ids=lambda refusal: f"{refusal[0]} {refusal[1]}")
async def test_what_cannot_be_is_refused_with_discords_code(
    chat: Chat, guild: Guild, room: Channel, rest: Rest, refusal: tuple[str, str, int, int]
) -> None:
    method, path, status, code = refusal

    answer = await rest(method, path.format(room=room.id, guild=guild.id, bot=chat.bot.id))

    assert (answer.status, answer.code) == (status, code)


async def test_an_unknown_route_and_a_wrong_token_are_refused(chat: Chat, rest: Rest) -> None:
    unknown = await rest("GET", "/nowhere")
    rest.token = "Bot wrong"
    refused = await rest("GET", "/users/@me")

    assert (unknown.status, unknown.body) == (404, {"message": "404: Not Found", "code": 0})
    assert (refused.status, refused.body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_a_body_that_is_no_json_is_refused(chat: Chat, room: Channel, rest: Rest) -> None:
    async with (
        aiohttp.ClientSession(headers={"Authorization": rest.token}) as session,
        session.post(f"{chat.api_url}/channels/{room.id}/messages", data=b"{") as answer,
    ):
        assert (await answer.json())["code"] == 50109


async def test_commands_are_added_changed_and_removed_one_by_one(chat: Chat, rest: Rest) -> None:
    path = f"/applications/{chat.bot.id}/commands"
    body = {"name": "hello", "description": "Say hello"}

    added = await rest("POST", path, body)
    changed = await rest("POST", path, {**body, "description": "Say it again"})
    one = await rest("GET", f"{path}/{added.body['id']}")
    removed = await rest("DELETE", f"{path}/{added.body['id']}")
    gone = await rest("GET", f"{path}/{added.body['id']}")

    assert (added.status, changed.status, removed.status, gone.code) == (201, 200, 204, 10063)
    assert one.body["description"] == "Say it again"


@pytest.mark.parametrize(
    "commands",
    [
        [{"name": "Upper", "description": "x"}],
        [{"name": "x", "description": ""}],
        [{"name": "x", "description": "x"}] * 2,
        [{"name": f"x{number}", "description": "x"} for number in range(101)],
        [
            {
                "name": "x",
                "description": "x",
                "options": [
                    {"type": 3, "name": "a", "description": "x"},
                    {"type": 3, "name": "a", "description": "x", "required": True},
                ],
            }
        ],
        [
            {
                "name": "x",
                "description": "x",
                "options": [
                    {
                        "type": 3,
                        "name": "a",
                        "description": "x",
                        "choices": [{"name": "", "value": "x" * 101}] * 26,
                    }
                ],
            }
        ],
        [
            {
                "name": "x",
                "description": "x",
                "options": [
                    {
                        "name": f"a{number}",
                        "description": "x" * 100,
                        "choices": [{"name": "x" * 100, "value": "y" * 100}] * 25,
                    }
                    for number in range(2)
                ],
            }
        ],
    ],
)
async def test_commands_over_discords_limits_are_refused(
    chat: Chat, rest: Rest, commands: object
) -> None:
    answer = await rest("PUT", f"/applications/{chat.bot.id}/commands", commands)

    assert (answer.status, answer.code) == (400, 50035)


async def test_only_so_many_commands_are_created_in_a_day(chat: Chat, rest: Rest) -> None:
    path = f"/applications/{chat.bot.id}/commands"

    def commands(turn: int) -> list[dict[str, str]]:
        return [{"name": f"x{turn}-{number}", "description": "x"} for number in range(100)]

    answers = [await rest("PUT", path, commands(turn)) for turn in (1, 1, 2, 2, 3)]

    assert [one.status for one in answers] == [200, 200, 200, 200, 400]
    assert answers[-1].code == 30034
