from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from cogs.twentythree.api import methods
from cogs.twentythree.api.credentials import Version
from cogs.twentythree.api.methods import Call, prepare
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentStatus,
    ObjectId,
    ObjectKind,
)

SITE = "https://video.example.com"
LIVE = ObjectId(700001)


def query(request: Call) -> dict[str, str]:
    prepared = prepare(request, SITE, "2", stamp=1900000000)
    return dict(parse_qsl(urlsplit(prepared.url).query, strict_parsing=True))


def test_version_2_is_asked_for_json_by_its_path() -> None:
    prepared = prepare(methods.site_get(), SITE, "2", stamp=1900000000)

    assert prepared.http_method == "GET"
    assert prepared.url == f"{SITE}/api/2/site/get?time=1900000000"
    assert prepared.body is None
    assert prepared.headers == {"Accept": "application/json"}


def test_version_1_is_asked_for_bare_json_by_parameters() -> None:
    prepared = prepare(methods.site_get(), SITE, "1", stamp=1900000000)

    assert prepared.url == f"{SITE}/api/site/get?format=json&raw=1&time=1900000000"


def test_a_post_has_everything_in_its_form_and_nothing_in_its_query() -> None:
    request = Call("comment/promote", (("comment_id", "9"), ("promoted_p", "1")), "POST")

    prepared = prepare(request, SITE, "1", stamp=1900000000)

    assert prepared.url == f"{SITE}/api/comment/promote"
    assert prepared.body == "comment_id=9&promoted_p=1&format=json&raw=1"
    assert prepared.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_values_are_percent_encoded_as_oauth_signs_them() -> None:
    prepared = prepare(methods.photo_list(search="rød + grød&c"), SITE, "2", stamp=1)

    assert "search=r%C3%B8d%20%2B%20gr%C3%B8d%26c&" in prepared.url


@pytest.mark.parametrize(
    ("request_", "method", "expected"),
    [
        (
            methods.photo_list(photo_id=ObjectId(800100), size=1),
            "photo/list",
            {"photo_id": "800100", "size": "1"},
        ),
        (
            methods.photo_list(search="bread", include_unpublished=True),
            "photo/list",
            {"search": "bread", "include_unpublished_p": "1", "size": "20"},
        ),
        (
            methods.live_list(live_id=LIVE, size=1, include_private=True),
            "live/list",
            {
                "live_id": "700001",
                "include_private_p": "1",
                "include_speakers_p": "1",
                "include_streaming_details_p": "0",
                "size": "1",
            },
        ),
        (
            methods.live_list(search="bread"),
            "live/list",
            {
                "search": "bread",
                "include_speakers_p": "1",
                "include_streaming_details_p": "0",
                "size": "20",
            },
        ),
        (methods.webinar_info(LIVE), "live/webinar/info", {"live_id": "700001"}),
        (methods.live_log(LIVE), "live/log", {"live_id": "700001"}),
        (methods.live_realtime(LIVE), "live/realtime", {"live_id": "700001"}),
        (
            methods.comment_list(object_id=LIVE, page=2, size=50),
            "comment/list",
            {
                "object_id": "700001",
                "order": "desc",
                "include_reply_to_comments_p": "1",
                "prioritize_promoted_p": "0",
                "p": "2",
                "size": "50",
            },
        ),
        (
            methods.comment_list(
                comment_id=CommentId(9), promoted_only=True, include_realtime=True, size=1
            ),
            "comment/list",
            {
                "comment_id": "9",
                "promoted_p": "1",
                "include_realtime_p": "1",
                "include_reply_to_comments_p": "1",
                "order": "desc",
                "prioritize_promoted_p": "0",
                "p": "1",
                "size": "1",
            },
        ),
    ],
)
def test_each_call_sends_what_its_method_takes_and_a_fresh_time(
    request_: Call, method: str, expected: dict[str, str]
) -> None:
    assert request_.method == method
    assert query(request_) == expected | {"time": "1900000000"}


@pytest.mark.parametrize(
    ("request_", "method", "form"),
    [
        (
            methods.comment_promote(CommentId(9), is_promoted=True),
            "comment/promote",
            {"comment_id": "9", "promoted_p": "1"},
        ),
        (
            methods.comment_promote(CommentId(9), is_promoted=False),
            "comment/promote",
            {"comment_id": "9", "promoted_p": "0"},
        ),
        (
            methods.comment_update(LIVE, CommentId(9), CommentStatus.ANSWERED),
            "comment/update",
            {"object_id": "700001", "comment_id": "9", "comment_status": "answered"},
        ),
        (
            methods.comment_update(LIVE, CommentId(9), CommentStatus.OPEN),
            "comment/update",
            {"object_id": "700001", "comment_id": "9", "comment_status": ""},
        ),
        (methods.comment_delete(CommentId(9)), "comment/delete", {"comment_id": "9"}),
        (
            methods.comment_add(
                ObjectKind.LIVE, LIVE, to=CommentId(9), text="Rye & oat.", name="Café"
            ),
            "comment/add",
            {
                "object_id": "700001",
                "object_type": "live",
                "content": "Rye & oat.",
                "name": "Café",
                "reply_to_comment_id": "9",
            },
        ),
        (
            methods.comment_add(ObjectKind.VIDEO, LIVE, to=CommentId(9), text="0", name=""),
            "comment/add",
            {
                "object_id": "700001",
                "object_type": "photo",
                "content": "0",
                "name": "",
                "reply_to_comment_id": "9",
            },
        ),
        (
            methods.comment_clone(CommentId(9), CommentKind.QUESTION),
            "comment/clone",
            {"comment_id": "9", "clone_comment_type": "question"},
        ),
    ],
)
@pytest.mark.parametrize("version", ["1", "2"])
def test_what_changes_something_is_sent_as_the_vendors_own_client_sends_it(
    request_: Call, method: str, form: dict[str, str], version: Version
) -> None:
    prepared = prepare(request_, SITE, version, stamp=1)

    path = {"1": "/api/", "2": "/api/2/"}[version]
    assert (prepared.http_method, prepared.url) == ("POST", SITE + path + method)
    beside = {"1": {"format": "json", "raw": "1"}, "2": {}}[version]
    sent = dict(parse_qsl(prepared.body or "", keep_blank_values=True, strict_parsing=True))
    assert sent == form | beside
    assert prepared.headers["Content-Type"] == "application/x-www-form-urlencoded"
