from __future__ import annotations

import json

import pytest

from cogs.twentythree.api.credentials import Version
from cogs.twentythree.api.envelope import decipher
from cogs.twentythree.errors import (
    AccessDeniedError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceRefusedError,
    WorkspaceUnreachableError,
)
from tests.cogs.twentythree.api.recorded import answer, body


def sent(**envelope: object) -> bytes:
    return json.dumps(envelope).encode()


def refused(status: int, **envelope: object) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        decipher("photo/list", "2", status, sent(status="error", **envelope))
    return caught.value


def test_version_2_has_its_rows_under_data() -> None:
    found = decipher("comment/list", "2", 200, body("v2_comment_list.json"))

    assert [row["comment_id"] for row in found.rows] == [900003, "900002", None]
    assert (found.permission_level, found.is_cached, found.total_count) == ("read", False, 3)
    assert found.extra["realtime_url"] == "//realtime.23video.com/faye"
    assert "data" not in found.extra


@pytest.mark.parametrize(
    ("method", "name", "key"),
    [
        ("live/list", "v1_live_list.json", "live_id"),
        ("comment/list", "v1_comment_list.json", "comment_id"),
        ("site/get", "v1_site_get.json", "site_id"),
    ],
)
def test_version_1_has_its_rows_under_a_key_per_method(method: str, name: str, key: str) -> None:
    found = decipher(method, "1", 200, body(name))

    assert len(found.rows) == 1
    assert key in found.rows[0]


def test_version_1_may_answer_with_javascript_and_a_lone_object() -> None:
    found = decipher("photo/list", "1", 200, body("v1_photo_list.txt"))

    assert [row["title"] for row in found.rows] == ["How bread is made"]
    assert found.is_cached


@pytest.mark.parametrize(
    "text",
    [
        'visual={"status":"ok","photos":[]}',
        '\ufeff{"status":"ok","photos":[]}',
        'var visual = {"status":"ok","photos":[]} ;\n',
        '{"status":"ok","total_count":"0"}',
        '{"status":"ok","photos":null}',
        '{"permission_level":"read","photos":["odd",{}]}',
    ],
)
def test_spellings_of_an_empty_list_are_empty(text: str) -> None:
    assert decipher("photo/list", "1", 200, text.encode()).rows == ()


def test_a_lone_object_of_version_2_is_one_row() -> None:
    found = decipher("live/webinar/info", "2", 200, body("v2_live_webinar_info.json"))

    assert [row["current_viewers"] for row in found.rows] == ["34"]


@pytest.mark.parametrize("version", ["1", "2"])
def test_each_version_may_use_the_key_of_the_other(version: Version) -> None:
    rows = decipher("photo/list", version, 200, sent(status="ok", photos=[{"photo_id": 1}])).rows
    assert rows == ({"photo_id": 1},)
    rows = decipher("photo/list", version, 200, sent(status="ok", data={"photo_id": 1})).rows
    assert rows == ({"photo_id": 1},)


def test_a_channel_may_come_without_any_rows() -> None:
    found = decipher("live/realtime", "1", 200, sent(status="ok", realtime_channel="/x"))

    assert (found.rows, found.extra["realtime_channel"]) == ((), "/x")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "<html>A shop</html>"),
        (404, "<html>Not found</html>"),
        (200, ""),
        (200, "[]"),
        (200, '{"products": []}'),
        (200, '{"status": "ok", "products": []}'),
        (200, "var visual = {broken};"),
        (200, "[" * 200_000),
        (200, '{"status": "ok", "photos": [' + "9" * 5_000 + "]}"),
    ],
)
def test_what_is_no_answer_of_the_api_is_unreadable(status: int, text: str) -> None:
    with pytest.raises(UnreadableAnswerError):
        decipher("photo/list", "2", status, text.encode())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, CredentialsRefusedError),
        (403, AccessDeniedError),
        (500, WorkspaceUnreachableError),
        (503, WorkspaceUnreachableError),
        (429, WorkspaceUnreachableError),
        (408, WorkspaceUnreachableError),
    ],
)
def test_a_status_without_an_envelope_speaks_for_itself(
    status: int, kind: type[WorkspaceError]
) -> None:
    with pytest.raises(kind) as caught:
        decipher("photo/list", "2", status, b"<html>")

    assert (caught.value.method, caught.value.code) == ("photo/list", str(status))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "missing_authentication", CredentialsRefusedError),
        (401, "something_new", CredentialsRefusedError),
        (400, "invalid_signature", CredentialsRefusedError),
        (403, "permission_denied", AccessDeniedError),
        (403, "something_new", AccessDeniedError),
        (401, "permission_denied", AccessDeniedError),
        (400, "token_required", AccessDeniedError),
        (400, "invalid_photo_token", AccessDeniedError),
        (404, "no_such_object", UnknownObjectError),
        (404, "something_new", UnknownObjectError),
        (400, "no_such_photo", UnknownObjectError),
        (404, "no_such_method", UnreadableAnswerError),
        (400, "invalid_type", WorkspaceRefusedError),
        (412, "feature_not_available", WorkspaceRefusedError),
    ],
)
def test_an_error_is_what_its_code_says_else_its_status(
    status: int, code: str, kind: type[WorkspaceError]
) -> None:
    error = refused(status, code=code, message="In\n so many  words")

    assert (type(error), error.code, error.message) == (kind, code, "In so many words")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_signature", CredentialsRefusedError),
        ("permission_denied", AccessDeniedError),
        ("token_required", AccessDeniedError),
        ("no_such_photo", UnknownObjectError),
        ("invalid_input", WorkspaceRefusedError),
    ],
)
def test_in_version_1_the_code_is_all_there_is(code: str, kind: type[WorkspaceError]) -> None:
    assert type(refused(200, code=code)) is kind


def test_version_1_puts_errors_under_status_200() -> None:
    with pytest.raises(AccessDeniedError):
        decipher("live/log", "1", 200, body("v1_error_permission_denied.json"))


def test_an_unknown_object_has_a_status_of_its_own_in_version_2() -> None:
    with pytest.raises(UnknownObjectError):
        decipher("photo/list", "2", 404, body("v2_error_no_such_object.json"))


@pytest.mark.parametrize("code", [None, "", "<b>odd</b>", "x" * 61])
def test_a_code_that_is_none_is_not_passed_on(code: str | None) -> None:
    assert (refused(200, code=code).code, refused(400, code=code).code) == (None, "400")


def test_the_words_of_an_error_are_passed_on_without_secrets_and_in_bounds() -> None:
    token = "12-N9KNOy8ec3BWqCtR75HZ"

    assert refused(400, message=f"Bad token {token}!").message == "Bad token …!"
    assert refused(400, message=f"Base string GET&oauth_token%3D{token}").message is None
    assert refused(400, message="word " * 100).message == ("word " * 40)
    assert refused(400, message={"not": "text"}).message is None


def test_a_status_other_than_ok_is_an_error_even_with_rows() -> None:
    with pytest.raises(WorkspaceRefusedError):
        decipher("photo/list", "2", 200, sent(status="failed", data=[{"photo_id": 1}]))


def test_the_cache_is_recognised_in_all_spellings() -> None:
    for spelling in (True, 1, "1", "t", "true"):
        changed = json.dumps(answer("v2_comment_list.json", cached=spelling)).encode()
        assert decipher("comment/list", "2", 200, changed).is_cached
