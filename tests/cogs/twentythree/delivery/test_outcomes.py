from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from cogs.twentythree.delivery.outcomes import (
    LOCKED,
    GiveUp,
    PauseRoom,
    Removed,
    Reopen,
    RetryLater,
    Wait,
    outcome_of,
    wait_of,
)

_CLASSES = {403: discord.Forbidden, 404: discord.NotFound, 500: discord.DiscordServerError}


def refusal(status: int, code: int = 0) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="-")
    kind = _CLASSES.get(min(status, 500), discord.HTTPException)
    return kind(response, {"code": code, "message": "-"})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(404, 10003, id="unknown channel"),
        pytest.param(404, 10004, id="unknown guild"),
        pytest.param(403, 50001, id="missing access"),
        pytest.param(400, 50008, id="no messages in this channel"),
        pytest.param(403, 50013, id="missing permissions"),
        pytest.param(400, 160005, id="thread locked"),
        pytest.param(400, 50024, id="not for this type of channel"),
        pytest.param(400, 30033, id="too many members in the thread"),
        pytest.param(400, 160006, id="too many open threads"),
        pytest.param(400, 160007, id="too many open announcement threads"),
    ],
)
def test_what_people_must_change_pauses_the_room_with_a_sentence(status: int, code: int) -> None:
    outcome = outcome_of(refusal(status, code))

    assert isinstance(outcome, PauseRoom)
    assert outcome.reason.endswith(".")
    # What is wrong is said, and permissions are blamed for nothing else.
    assert ("grant it" in outcome.reason) is (code in {50001, 50013})


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        pytest.param(500, 0, "status 500", id="500"),
        pytest.param(502, 0, "status 502", id="502"),
        pytest.param(503, 0, "status 503", id="503"),
        pytest.param(520, 50013, "status 520", id="a 5xx with any code"),
        pytest.param(408, 0, "status 408", id="408"),
        pytest.param(429, 0, "rate limited", id="429 without a body, as from a proxy"),
        pytest.param(429, 20016, "slow mode", id="slow mode"),
        pytest.param(429, 20028, "the room's rate limit", id="write limit of the channel"),
        pytest.param(429, 20029, "the server's rate limit", id="write limit of the server"),
        pytest.param(429, 40062, "rate limited", id="service rate limit"),
        pytest.param(403, 40004, "Discord has switched off sending for now", id="sending off"),
        pytest.param(400, 40006, "Discord has switched this off for now", id="feature off"),
        pytest.param(403, 40333, "Discord's network fails", id="internal network error"),
        pytest.param(400, 130000, "Discord is overloaded", id="overloaded"),
        pytest.param(400, 20022, "the limit of announcements", id="announcement edits"),
    ],
)
def test_what_passes_is_tried_again(status: int, code: int, reason: str) -> None:
    outcome = outcome_of(refusal(status, code))

    assert isinstance(outcome, RetryLater)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(401, 0, id="the token is refused: every try counts against the address"),
        pytest.param(400, 30046, id="too many edits of an old message"),
    ],
)
def test_what_passes_slowly_is_tried_again_slowly(status: int, code: int) -> None:
    outcome = outcome_of(refusal(status, code))

    assert isinstance(outcome, RetryLater)
    assert outcome.after_s >= 600


def test_a_rate_limit_says_itself_how_long_to_wait() -> None:
    assert outcome_of(discord.RateLimited(42.5)) == RetryLater(reason="rate limited", after_s=42.5)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "reset"),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        ValueError("an answer that is no JSON"),
        KeyError("id"),
    ],
)
def test_a_lost_reply_may_be_a_sent_message_and_is_tried_again(error: Exception) -> None:
    assert outcome_of(error) == RetryLater(reason="no answer")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(200000, "automod", id="blocked by AutoMod"),
        pytest.param(200001, "automod", id="title blocked by AutoMod"),
        pytest.param(240000, "harmful link", id="harmful link"),
        pytest.param(50035, "invalid form", id="invalid body"),
        pytest.param(50006, "empty", id="empty message"),
        pytest.param(40005, "too large", id="too large"),
        pytest.param(20009, "explicit content", id="explicit content"),
    ],
)
def test_a_body_that_discord_has_judged_is_given_up(code: int, reason: str) -> None:
    assert outcome_of(refusal(400, code)) == GiveUp(reason=reason)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        pytest.param(400, "<html>", 0, id="400 in HTML"),
        pytest.param(403, "<html>", 0, id="403 in HTML"),
        pytest.param(404, "<html>", 0, id="404 in HTML"),
        pytest.param(413, "<html>", 0, id="413 in HTML"),
        pytest.param(405, {"code": 0, "message": "405: Method Not Allowed"}, 0, id="no code"),
        pytest.param(403, {"code": "50013"}, 0, id="a code that is no number"),
        pytest.param(403, {"code": [50013]}, 0, id="a code of another shape"),
        pytest.param(400, {"code": 50109, "message": "invalid JSON"}, 50109, id="invalid JSON"),
        pytest.param(403, {"code": 99999, "message": "?"}, 99999, id="an unknown code"),
    ],
)
def test_a_refusal_that_says_nothing_known_is_no_verdict(status: int, body: Any, code: int) -> None:
    response: Any = SimpleNamespace(status=status, reason="-")
    outcome = outcome_of(_CLASSES.get(status, discord.HTTPException)(response, body))

    assert isinstance(outcome, RetryLater)
    assert outcome.code == code


def test_a_message_that_was_deleted_is_removed() -> None:
    assert outcome_of(refusal(404, 10008)) == Removed()


def test_an_archived_thread_is_to_be_reopened() -> None:
    assert outcome_of(refusal(400, 50083)) == Reopen()


def test_a_locked_thread_says_so() -> None:
    assert outcome_of(refusal(400, 160005)) == LOCKED


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        (
            {"Retry-After": "1"},
            '{"retry_after": 1163.0, "code": 20028}',
            Wait(after_s=1163.0, code=20028),
        ),
        ({"Retry-After": "7"}, '{"retry_after": 0.5}', Wait(after_s=7.0)),
        ({}, '{"retry_after": -5, "global": true}', Wait(after_s=0.0, is_global=True)),
        (
            {"Retry-After": "-5"},
            '{"retry_after": NaN, "global": 1}',
            Wait(after_s=0.0, is_global=True),
        ),
        ({}, '{"retry_after": 1e400, "global": "yes"}', Wait(after_s=0.0, is_global=True)),
        ({"Retry-After": "1e9"}, '{"retry_after": 1e300}', Wait(after_s=3600.0)),
        ({"Retry-After": "soon"}, f'{{"retry_after": {"9" * 5000}}}', Wait(after_s=0.0)),
        ({"X-RateLimit-Global": "true"}, "<html>", Wait(after_s=0.0, is_global=True)),
        ({}, "[" * 100_000, Wait(after_s=0.0)),
        ({}, '{"retry_after": [], "code": "x", "global": false}', Wait(after_s=0.0)),
    ],
)
def test_of_a_limit_what_can_be_believed_is_heeded(
    headers: dict[str, str], body: str, wait: Wait
) -> None:
    assert wait_of(headers, body.encode()) == wait
